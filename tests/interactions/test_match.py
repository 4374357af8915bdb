"""Rules tell steps apart by their attributes, and never by what is not there."""

from typing import Any

import pytest
from pydantic import ValidationError

from tests.interactions.making import conversation, steps
from tests.trace.making import assistant, call, output, user
from trace_assets.interactions import AttributeMatcher

STEP = {
    "name": "validate_order",
    "parent_step_id": None,
    "metadata": {"attributes": {"gen_ai.system": "acme", "gen_ai": {"system": "nested"}, "n": 1}},
    "input_messages": [{"role": "user", "content": "Summarize: hello"}],
    "tags": {"status": "ok"},
}


@pytest.mark.parametrize(
    ("rule", "is_match"),
    [
        ({"attribute": "name", "contains_str": "order"}, True),
        ({"attribute": "name", "contains_str": "Order"}, False),
        ({"attribute": "name", "matches_regex": "^validat(e|ion)"}, True),
        ({"attribute": "name", "matches_regex": "^order"}, False),
        ({"attribute": "input_messages[0].content", "contains_str": "Summarize"}, True),
        ({"attribute": "input_messages[1].content", "contains_str": "Summarize"}, False),
        ({"attribute": "input_messages", "contains_str": '"role":"user"'}, True),
        ({"attribute": "metadata.attributes.gen_ai.system", "equals_value": "acme"}, True),
        ({"attribute": "metadata.attributes.n", "equals_value": 1}, True),
        ({"attribute": "metadata.attributes.n", "equals_value": True}, False),
        ({"attribute": "tags.status", "equals_value": "ok"}, True),
        ({"attribute": "parent_step_id", "equals_value": None}, True),
        ({"attribute": "metadata.missing", "equals_value": None}, False),
        ({"attribute": "metadata.missing", "contains_str": "None"}, False),
        ({"attribute": "parent_step_id", "contains_str": "None"}, False),
        ({"attribute": "name.deeper", "contains_str": ""}, False),
    ],
)
def test_a_rule_matches_what_is_there(rule: dict[str, Any], is_match: bool) -> None:
    assert AttributeMatcher.model_validate(rule).matches(STEP) is is_match


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ({"attribute": "name"}, "found none"),
        (
            {"attribute": "name", "equals_value": 1, "contains_str": "a"},
            "found contains_str and eq",
        ),
        ({"attribute": "name", "matches_regex": "("}, "no regular expression"),
        ({"attribute": "a[x]", "contains_str": "b"}, "'a[x]' is no path"),
        ({"attribute": "", "contains_str": "b"}, "'' is no path"),
        ({"attribute": "name", "contain_str": "b"}, "Extra inputs"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(rule: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem.replace("[", r"\[")):
        AttributeMatcher.model_validate(rule)


def test_roles_become_tags_of_the_steps_that_any_of_their_rules_match() -> None:
    trace = conversation(
        user("Summarize this"), assistant("Short"), user("Hi"), call("c", "ping"), output("c")
    )
    roles = {
        "is_summarizer": [
            {"attribute": "input_messages[0].content", "matches_regex": "^Summarize"},
            {"attribute": "name", "equals_value": "summarizer"},
        ],
        "noisy": [{"attribute": "name", "equals_value": "ping"}],
        "failed_tool": [{"attribute": "tags.status", "equals_value": "error"}],
    }
    tags = [step.tags or {} for step in steps(trace, roles=roles)]
    extra = [sorted(each.keys() - {"status", "span_kind"}) for each in tags]
    assert extra == [["is_summarizer"], ["noisy"], []]
    assert tags[1]["noisy"] == "true"


def test_the_logs_own_tags_stay_beside_ours_as_text() -> None:
    trace = conversation(
        user("Hi"),
        assistant("Ho", tags={"status": "final", "eval": True, "attempt": 2}),
        tags=["vip"],
    )
    assert steps(trace)[0].tags == {
        "vip": "true",
        "log.status": "final",
        "eval": "true",
        "attempt": "2",
        "status": "ok",
        "span_kind": "llm",
    }
