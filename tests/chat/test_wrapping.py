"""Messages inside whole requests and responses."""

import pytest

from tests.chat.making import brief, held
from trace_assets import chat


def unwrapped(value: object, role: chat.Role) -> tuple[list[str], dict[str, object]]:
    found = chat.unwrap(value, role=role)
    assert found is not None
    return brief(held(chat.items_of("t", found.pieces))), found.rest


A = {"role": "assistant", "content": "a"}


@pytest.mark.parametrize(
    ("value", "told", "rest"),
    [
        ({"messages": [A], "model": "m"}, ["assistant: a"], {"model": "m"}),
        ({"messages": [[A]]}, ["assistant: a"], {}),
        ({"system": "s", "messages": [A]}, ["system: s", "assistant: a"], {}),
        ({"system": [{"text": "s"}], "messages": [A]}, ["system: s", "assistant: a"], {}),
        (
            {
                "systemInstruction": {"parts": [{"text": "s"}]},
                "contents": [{"parts": [{"text": "u"}]}],
            },
            ["system: s", "user: u"],
            {},
        ),
        (
            {"model": "m", "instructions": "s", "input": "u", "tools": []},
            ["system: s", "user: u"],
            {"model": "m", "tools": []},
        ),
        ("u", ["user: u"], {}),
        (["u", A], ["user: u", "assistant: a"], {}),
        ([{"type": "text", "text": "u"}, {"type": "text", "text": "v"}], ["user: u v"], {}),
        ([[A]], ["assistant: a"], {}),
    ],
)
def test_a_request_is_its_instructions_and_messages(
    value: object, told: list[str], rest: dict[str, object]
) -> None:
    assert unwrapped(value, "user") == (told, rest)


@pytest.mark.parametrize(
    ("value", "told", "rest"),
    [
        ({"id": 1, "choices": [{"index": 0, "message": A}]}, ["assistant: a"], {"id": 1}),
        ({"choices": [{"text": "a", "index": 0}]}, ["assistant: a"], {}),
        (
            {
                "candidates": [{"content": {"parts": [{"text": "a"}]}, "finishReason": "STOP"}],
                "usageMetadata": 1,
            },
            ["assistant: a"],
            {"usageMetadata": 1},
        ),
        ({"candidates": [{"finishReason": "SAFETY"}]}, ["assistant:"], {}),
        (
            {"output": {"message": {"role": "assistant", "content": [{"text": "a"}]}}, "usage": 1},
            ["assistant: a"],
            {"usage": 1},
        ),
        (
            {"output": [{"type": "reasoning", "summary": []}, {"type": "message", **A}], "id": 1},
            ["assistant: ()", "assistant: a"],
            {"id": 1},
        ),
        (
            {"generations": [[{"text": "a", "message": {"type": "ai", "data": {"content": "a"}}}]]},
            ["assistant: a"],
            {},
        ),
        ({"id": "msg", "type": "message", **A}, ["assistant: a"], {}),
        ([{"toolCallId": "1", "toolName": "f", "input": {}}], ["call f {}"], {}),
        ({"content": "a"}, ["assistant: a"], {}),
        ("a", ["assistant: a"], {}),
    ],
)
def test_a_response_is_its_answers(value: object, told: list[str], rest: dict[str, object]) -> None:
    assert unwrapped(value, "assistant") == (told, rest)


@pytest.mark.parametrize("value", [None, 3, {"query": "q"}, {"type": "SPAN", "x": 1}])
def test_what_holds_no_messages_is_left_to_the_format(value: object) -> None:
    assert chat.unwrap(value, role="user") is None


def test_an_entry_that_is_no_message_is_an_error_that_says_where() -> None:
    with pytest.raises(chat.UnknownMessageError) as error:
        chat.unwrap({"messages": [A, 7]}, role="user", pointer="/input")
    assert error.value.pointer == "/input/messages/1"
