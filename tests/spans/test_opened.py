"""What stands in a span's inputs and outputs, told apart from what stands around it."""

from typing import Any

import pytest

from trace_assets import chat, spans
from trace_assets.trace import build


def texts(found: spans.Opened | None) -> list[Any]:
    """What the messages say; a message that no dialect knows as it is."""
    if found is None:
        return ["nothing"]
    return [text for message in found.messages for text in _texts(message)]


def _texts(message: Any) -> list[Any]:
    match message:
        case {"content": str(text)}:
            return [text]
        case [chat.Said(), *_]:
            return [part["text"] for piece in message for part in piece.parts]
        case _:
            return [message]


@pytest.mark.parametrize(
    ("value", "said", "rest"),
    [
        ({"messages": [{"role": "user", "content": "hi"}], "model": "m"}, ["hi"], {"model": "m"}),
        ({"messages": {"role": "user", "content": "hi"}}, ["hi"], {}),
        ({"prompts": ["a", "b"], "n": 1}, ["a", "b"], {"n": 1}),
        ({"question": "why?", "k": 3}, ["why?"], {"k": 3}),
        ({"input": {"messages": [{"role": "user", "content": "hi"}], "k": 1}}, ["hi"], {"k": 1}),
        ([{"role": "user", "content": "hi"}, 42], ["hi", 42], {}),
        ({"request": {"input": [{"role": "user", "content": "hi"}]}}, ["hi"], {}),
        ({"args": [[{"role": "user", "content": "hi"}]], "k": 1}, ["hi"], {"k": 1}),
        ({"messages": [["human", "hi"], ["ai", "ho"]]}, ["hi", "ho"], {}),
        ({"messages": [[{"role": "user", "content": "hi"}]], "k": 1}, ["hi"], {"k": 1}),
        ({"messages": [{"role": "user", "content": "hi"}], "system": "so"}, ["so", "hi"], {}),
        ({"contents": "hi", "model": "m"}, ["hi"], {"model": "m"}),
        ({"rows": [1]}, ["nothing"], {}),
        (None, [], {}),
    ],
)
def test_messages_are_found_in_what_a_program_was_given(value: Any, said: Any, rest: Any) -> None:
    found = spans.opened(value, "user")
    assert texts(found) == said
    assert rest == (found.rest if found else {})


def test_a_tool_s_message_gives_its_result_and_the_id_of_its_call() -> None:
    message = {"type": "tool", "content": "seen", "tool_call_id": "c1", "status": "error"}
    found = spans.answer({"output": message})
    assert (found.result, found.call_id, found.error) == ("seen", "c1", "seen")
    assert spans.answer({"output": "seen"}).result == "seen"
    assert spans.answer({"hits": 2}).result == {"hits": 2}


def test_what_a_whole_program_was_given_is_told_only_where_no_message_is() -> None:
    said = build.message("t:0", "user", [build.text_part("user", "hi")], {})
    assert spans.told_around([said], {"question": "why?"}, "so", "t") == [said]
    call = build.function_call(
        "t:0", "c", name="look", arguments="{}", original_call_id=None, rest={}
    )
    items = spans.told_around([call], {"question": "why?"}, {"score": 1}, "t")
    assert [item["type"] for item in items] == [
        "message",
        "function_call",
        "custom_task_output_message",
    ]
    assert [item["id"] for item in items] == ["t:0", "t:1", "t:2"]
    assert items[2]["content"] == {"score": 1}


def test_messages_that_a_whole_program_was_given_are_items_unless_one_of_them_is_none() -> None:
    hi = {"role": "user", "content": "hi"}
    (item,) = spans.told_around([], {"messages": [hi], "k": 1}, None, "t")
    assert (item["role"], item["content"][0]["text"]) == ("user", "hi")
    (item,) = spans.told_around([], {"messages": [hi, 42], "k": 1}, None, "t")
    assert item["content"] == {"messages": [hi, 42], "k": 1}


def test_an_answer_is_found_in_what_a_program_made_of_it() -> None:
    for value in (
        {"output": {"type": "ai", "content": "hi"}},
        {"output": {"choices": [{"message": {"role": "assistant", "content": "hi"}}]}},
        {"response": {"role": "assistant", "content": "hi"}},
        {"result": "hi"},
    ):
        assert texts(spans.opened(value, "assistant")) == ["hi"]
