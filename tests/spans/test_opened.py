"""What stands in a span's inputs and outputs, told apart from what stands around it."""

from typing import Any

import pytest

from tests.chat.making import brief
from tests.spans.making import answer, asks, says, tool, user
from trace_assets import chat, spans
from trace_assets.spans import Assembled, Span, ToolCall


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


def around(given: Any, made: Any, *each: Span) -> Assembled:
    return spans.events_of(each, "t", around=spans.around_of(given, made))


def test_what_tools_did_comes_between_what_a_program_was_given_and_made() -> None:
    look = tool("tool", 1, call=ToolCall("look", "c", {}, "seen"))
    made = around({"question": "why?"}, {"score": 1}, look)
    assert [item["type"] for item in made.items] == [
        "message",
        "function_call",
        "function_call_output",
        "custom_task_output_message",
    ]
    assert made.items[3]["content"] == {"score": 1}
    assert len({item["id"] for item in made.items}) == 4
    assert spans.has_message(made.items)
    assert not spans.has_message(spans.events_of([look], "t").items)


def test_what_tools_did_is_found_in_the_state_that_a_program_made() -> None:
    state = [user("why?"), asks(("c", "look", "{}")), answer("c", "seen"), says("so")]
    for call in (ToolCall("look", "c", {}, "seen"), ToolCall("look", None, "{'a': 1}", "seen")):
        look = tool("tool", 1, call=call)
        made = around({"messages": state[:1]}, {"messages": state}, look)
        assert brief(made.items) == ["user: why?", "call look {}", "output seen", "assistant: so"]
        [event] = [each for each in made.events if each["type"] == "function_call_event"]
        assert event["call_id"] == made.items[1]["call_id"]


def test_messages_that_a_whole_program_was_given_are_items_unless_one_of_them_is_none() -> None:
    hi = {"role": "user", "content": "hi"}
    (item,) = around({"messages": [hi], "k": 1}, None).items
    assert (item["role"], item["content"][0]["text"]) == ("user", "hi")
    (item,) = around({"messages": [hi, 42], "k": 1}, None).items
    assert item["content"] == {"messages": [hi, 42], "k": 1}


def test_an_answer_is_found_in_what_a_program_made_of_it() -> None:
    for value in (
        {"output": {"type": "ai", "content": "hi"}},
        {"output": {"choices": [{"message": {"role": "assistant", "content": "hi"}}]}},
        {"response": {"role": "assistant", "content": "hi"}},
        {"result": "hi"},
    ):
        assert texts(spans.opened(value, "assistant")) == ["hi"]
