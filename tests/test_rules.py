"""Every rule, broken once; and conversations that break none."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.making import call, output, said, trace_of
from trace_assets.rules import RULES, check
from trace_assets.trace import gate, load


def event(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "custom", "id": name, "name": name, "data": {}, **more}


def begin(span: str, parent: str | None = None) -> dict[str, Any]:
    start = {"type": "span_begin", "id": f"begin {span}", "span_id": span, "name": span}
    return start if parent is None else {**start, "parent_span_id": parent}


HI = said("user", "Hi")
A, B = "2026-01-02T00:00:00Z", "2026-01-02T00:00:01Z"

BROKEN = {
    "empty_trace": trace_of(),
    "repeated_item_id": trace_of(HI, {**said("assistant", "Hello"), "id": "t:0"}),
    "repeated_call_id": trace_of(HI, call("c"), output("c"), call("c")),
    "repeated_output": trace_of(HI, call("c"), output("c"), output("c")),
    "mixed_timestamps": trace_of(HI, events=[event("a", timestamp=A), event("b")]),
    "broken_span_tree": trace_of(HI, events=[event("a", span_id="never begun")]),
    "output_before_call": trace_of(HI, output("c"), call("c")),
    "orphan_output": trace_of(HI, output("c")),
    "unanswered_call": trace_of(HI, call("c")),
    "no_user_message": trace_of(said("assistant", "Anybody?")),
}

ALSO_BROKEN = [
    (
        "mixed_timestamps",
        trace_of(HI, events=[event("a", timestamp=A), event("b", timestamp=A[:-1])]),
    ),
    ("broken_span_tree", trace_of(HI, events=[begin("s"), begin("s")])),
    ("broken_span_tree", trace_of(HI, events=[begin("s", "s")])),
    ("broken_span_tree", trace_of(HI, events=[begin("a", "b"), begin("b", "a")])),
    ("broken_span_tree", trace_of(HI, events=[event("b", timestamp=B), event("a", timestamp=A)])),
    (
        "broken_span_tree",
        trace_of(HI, events=[begin("a"), begin("b"), event("in a", span_id="a")]),
    ),
]

KEPT = {
    "a call and its output": trace_of(HI, call("c"), output("c")),
    "outputs out of order": trace_of(HI, call("c"), call("d"), output("d"), output("c")),
    "sorted events": trace_of(HI, events=[event("a", timestamp=A), event("b", timestamp=B)]),
    "events of nested spans": trace_of(
        HI, events=[begin("a"), begin("b", "a"), event("in b", span_id="b")]
    ),
    "an observation without a call": trace_of(HI, {**output("c"), "source": "observation"}),
    "events alone": trace_of(events=[event("a")]),
}


def rules_broken_by(trace: dict[str, Any], read: Callable[[Any], Any]) -> list[str]:
    return [finding.rule for finding in check(read(trace))]


@pytest.mark.parametrize("read", [load, gate.convert])
@pytest.mark.parametrize("rule", BROKEN)
def test_a_rule_sees_that_it_is_broken(rule: str, read: Callable[[Any], Any]) -> None:
    assert rule in rules_broken_by(BROKEN[rule], read)


@pytest.mark.parametrize(("rule", "trace"), ALSO_BROKEN)
def test_a_rule_sees_the_other_ways_in_which_it_is_broken(rule: str, trace: dict[str, Any]) -> None:
    assert rule in rules_broken_by(trace, load)


@pytest.mark.parametrize("name", KEPT)
def test_a_truthful_trace_breaks_no_rule(name: str) -> None:
    assert rules_broken_by(KEPT[name], load) == []


def test_every_rule_is_broken_by_a_test_and_has_a_name_of_its_own() -> None:
    assert [rule.name for rule in RULES] == list(BROKEN)


def test_what_misleads_a_reader_quarantines_and_what_the_log_may_do_does_not() -> None:
    quarantines = {rule.name for rule in RULES if rule.quarantines}
    assert quarantines == {
        "empty_trace",
        "repeated_item_id",
        "repeated_call_id",
        "repeated_output",
        "mixed_timestamps",
        "broken_span_tree",
    }


def test_a_finding_says_where() -> None:
    (finding,) = check(load(BROKEN["unanswered_call"]))
    assert finding.message == "items[1] has no output: call_id 'c'"
