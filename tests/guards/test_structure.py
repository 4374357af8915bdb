"""Signs of a wrong reading: each tag is set by what it says, and by nothing else."""

from typing import Any

import pytest

from tests.making import call, output, said, trace_of
from trace_assets import guards
from trace_assets.guards.tags import SIGNS
from trace_assets.trace import build

LONG = "The parcel left the depot this morning."
QUESTION = "Where is my parcel from Bern?"


def tags_of(*items: dict[str, Any], **rest: Any) -> list[str]:
    return list(guards.inspect(trace_of(*items, **rest), [], [], silent=frozenset()).tags)


def text_output(call_id: str, text: str) -> dict[str, Any]:
    return build.function_call_output(
        "", call_id, output=text, is_error=False, original_call_id=call_id, rest={}
    )


GOOD = (
    said("user", QUESTION),
    call("c"),
    output("c"),
    said("assistant", LONG),
)

PASSAGE = (said("user", QUESTION), said("assistant", LONG), said("user", "And the other one?"))

WRONG: dict[str, list[dict[str, Any]]] = {
    "no_words": [call("c"), output("c")],
    "content_not_recorded": [said("user", "[REDACTED]"), said("assistant", LONG)],
    "empty_message": [said("user", ""), said("assistant", LONG)],
    "repeated_message": [said("user", QUESTION), said("assistant", LONG), said("assistant", LONG)],
    "repeated_passage": [*PASSAGE, said("assistant", "It is late."), *PASSAGE],
    "repeated_call": [said("user", QUESTION), call("c"), call("c"), output("c")],
    "user_message_is_data": [said("user", '{"city": "Bern"}'), said("assistant", LONG)],
    "answer_is_tool_output": [
        said("user", QUESTION),
        call("c"),
        text_output("c", LONG),
        said("assistant", LONG),
    ],
    "starts_with_tool_result": [output("c"), said("assistant", LONG)],
}


@pytest.mark.parametrize("tag", WRONG)
def test_a_wrong_reading_is_tagged(tag: str) -> None:
    assert tag in tags_of(*WRONG[tag])


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: sign.tag)
def test_a_conversation_as_it_should_be_has_no_tag(sign: Any) -> None:
    assert sign.tag not in tags_of(*GOOD)
    assert sign.description


def test_a_branch_with_calls_is_tagged() -> None:
    branches = [{"items": [call("c")]}]
    assert tags_of(*GOOD, extra={"branches": branches}) == ["branch_with_calls"]


def test_an_id_that_a_provider_gives_to_several_calls_is_no_sign() -> None:
    items = (call("c"), output("c"), call("c", name="other"), text_output("c", "other"))
    assert "repeated_call" not in tags_of(said("user", QUESTION), *items)


def test_many_model_calls_without_answers_are_tagged() -> None:
    event = {"type": "model_call_event"}
    assert tags_of(*GOOD, events=[event] * 20) == ["few_answers"]


def test_a_log_with_a_key_of_ours_keeps_it() -> None:
    trace = trace_of(*GOOD, extra={"missing_records": "the log's own"})
    guards.inspect(trace, [], [], silent=frozenset(), missing=["log#4"])
    assert trace["metadata"]["extra"] == {
        "missing_records": "the log's own",
        "guard_missing_records": ["log#4"],
    }


NOTHING = guards.look({}, kinds=None, silent=frozenset())


@pytest.mark.parametrize("content", ["H", "", None, 7, ["Hi"], [{"text": 7}], [{}]])
def test_a_trace_that_is_not_valid_yet_can_be_inspected(content: Any) -> None:
    items = [
        {"type": "message", "role": "user", "content": content},
        {"type": "function_call_output", "call_id": "c", "output": content},
        {"type": content},
        content,
    ]
    trace = {"items": items, "events": [content], "metadata": {}}
    findings = guards.inspect(trace, [NOTHING], [], silent=frozenset())
    assert isinstance(findings.tags, list)


def test_a_user_message_that_repeats_a_key_of_an_object_is_data() -> None:
    text = '{"city": "Bern", "city": "Chur"}'
    assert "user_message_is_data" in tags_of(said("user", text), said("assistant", LONG))
