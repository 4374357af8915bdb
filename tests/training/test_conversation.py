"""Traces as messages: what is kept, what is left out and counted, and what is no training data."""

import pytest

from tests.trace.making import Value, assistant, call, message, output, user
from tests.training.making import conversation, labelled, recipe, trace
from trace_assets.training.conversation import Unfit, conversation_of


def test_calls_are_of_the_answer_that_they_follow_and_have_ids() -> None:
    made = conversation(
        user("Rome?"), assistant("I look."), call("a", "get_weather", "{}"), output("a", "sunny")
    )
    function = {"name": "get_weather", "arguments": "{}"}
    calls = [{"id": "a", "type": "function", "function": function}]
    assert made.messages == [
        {"role": "user", "content": "Rome?"},
        {"role": "assistant", "content": "I look.", "tool_calls": calls},
        {"role": "tool", "tool_call_id": "a", "content": "sunny"},
    ]
    assert made.left == {}


def test_what_messages_have_no_place_for_is_counted() -> None:
    thinking = assistant("It is\x0b five.\u2028Yes.")
    thinking["content"].insert(0, {"type": "reasoning_text", "text": "hm"})
    made = conversation(
        message("developer", "Be kind."),
        user("Time?"),
        call("u", created_by="user"),
        output("u", created_by="user"),
        user(" "),
        thinking,
    )
    assert made.messages == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Time?"},
        {"role": "assistant", "content": "It is five.\nYes."},
    ]
    assert made.left == {
        "calls_of_the_user": 1,
        "control_characters": 1,
        "empty_messages": 1,
        "reasoning": 1,
        "results_of_the_user": 1,
    }


def test_an_observation_without_a_call_is_left_out_and_counted() -> None:
    made = conversation(
        user("What is in here?"),
        assistant("<execute>ls</execute>"),
        output("o", "a.txt", name="environment", source="observation"),
        assistant("One file."),
    )
    assert [message["role"] for message in made.messages] == ["user", "assistant", "assistant"]
    assert made.left == {"results_of_no_call": 1}


def test_answers_that_the_log_copied_from_another_trace_are_no_labels() -> None:
    made = labelled(
        recipe("question-answering"),
        user("Rome?", is_copied_context=True),
        assistant("I look.", is_copied_context=True),
        call("a", "get_weather", "{}"),
        output("a", "sunny"),
        user("And Oslo?"),
        assistant("Rain."),
    )
    assert [label.at for label in made.labels] == [4]
    assert made.passed_over == {"copied_context": 1}


IMAGE = user("See?")
IMAGE["content"].append({"type": "input_image", "detail": "auto", "image_url": "x"})


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        ((user("Hi"),), "no_answer"),
        ((assistant("Hi"),), "no_question"),
        ((IMAGE, assistant("Yes")), "not_text"),
        (({"type": "custom_task_input_message", "content": 1}, assistant("Yes")), "custom_task"),
    ],
)
def test_a_trace_that_cannot_train_says_why(items: tuple[Value, ...], reason: str) -> None:
    found = conversation_of(trace(*items), trace_id="t", source_uri="log#0")
    assert isinstance(found, Unfit)
    assert found.reason == reason


def test_session_and_tools_are_those_of_the_log() -> None:
    tool = {"type": "function", "function": {"name": "get_time"}}
    made = conversation(user("Hi"), assistant("Yes?"), session_id="s", tools=[tool])
    assert (made.session, made.tools) == ("s", [tool])
    assert conversation(user("Hi"), assistant("Yes?"), user_id="u").session is None
