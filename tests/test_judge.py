"""Judging a trace: by the gate, the model and the rules; from bytes and from values alike."""

from typing import Any

import pytest

from tests.making import output, row_of, said, trace_of
from trace_assets.judge import Judgement, judge, judge_value
from trace_assets.rows import converted_line

GOOD = trace_of(said("user", "Hi"), said("assistant", "Hello"))


def broken() -> dict[str, dict[str, Any]]:
    wrong_type = trace_of(said("user", "Hi"))
    wrong_type["items"][0]["content"] = 5
    unknown_key = trace_of(said("user", "Hi"))
    unknown_key["metadata"]["zzz"] = 1
    too_deep = trace_of(said("user", "Hi"))
    deep: Any = 1
    for _ in range(160):
        deep = [deep]
    too_deep["items"][0]["deep"] = deep
    return {
        "wrong type": wrong_type,
        "unknown key": unknown_key,
        "bad time": trace_of(said("user", "Hi"), created_at="yesterday"),
        "no items": trace_of(),
        "orphan": trace_of(said("user", "Hi"), output("c")),
        "good": GOOD,
        "deep residue": too_deep,
        "huge number": trace_of(said("user", "Hi", n=10**400, f=1e308)),
    }


@pytest.mark.parametrize("name", broken())
def test_a_value_and_its_line_are_judged_alike(name: str) -> None:
    trace = broken()[name]
    by_line = judge(converted_line(row_of(trace)))
    judgement = judge_value(trace)
    assert judgement[1:] == by_line[1:]
    assert (judgement.trace is None) == (by_line.trace is None)


def test_a_trace_that_does_not_load_says_every_reason_in_the_models_words() -> None:
    trace = trace_of(said("user", "Hi"), said("user", "Ho"))
    trace["items"][0]["status"] = "done"
    del trace["items"][1]["role"]
    judgement = judge_value(trace)
    assert judgement.reason == "invalid_trace"
    assert [problem.partition(":")[0] for problem in judgement.problems] == [
        "items[0].status",
        "items[1].role",
    ]


def test_a_broken_rule_is_the_reason_and_a_bent_one_a_warning() -> None:
    empty = judge_value(trace_of())
    assert (empty.reason, len(empty.problems)) == ("empty_trace", 1)
    orphan = judge_value(trace_of(said("user", "Hi"), output("c"), output("d")))
    assert (orphan.reason, orphan.problems, orphan.warnings) == ("", [], ["orphan_output"])


def test_a_trace_that_holds_has_no_reason() -> None:
    judgement = judge_value(GOOD)
    assert judgement == Judgement(judgement.trace, "", [], [])
    assert judgement.trace is not None
    assert len(judgement.trace.turns) == 1
