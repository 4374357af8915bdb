"""Facts: what can be told of a trace, and null for what cannot."""

import json
from typing import Any

import pytest

from tests.making import call, output, row_of, said, trace_of
from trace_assets.enrich import COLUMNS, METADATA_FIELDS, Defaults, Facts, facts_of, filled
from trace_assets.enrich.timing import seconds_between
from trace_assets.judge import judge_value
from trace_assets.rows import columns_for, dataset_line
from trace_assets.trace import TraceMetadata, gate, load

COUNTED = {"turns", "messages", "tool_calls", "tool_errors", "tags"}


def facts(trace: dict[str, Any], defaults: Defaults | None = None, **more: Any) -> Facts:
    """The facts of a trace, which are the same of a view and of a model."""
    found = [
        facts_of(read(trace), defaults=defaults or Defaults(), **more)
        for read in (gate.convert, load)
    ]
    assert found[0].columns == found[1].columns
    assert [tuple(turn) for turn in found[0].turns] == [tuple(turn) for turn in found[1].turns]
    return found[0]


def test_what_the_log_does_not_say_stays_null() -> None:
    columns = facts(trace_of(said("user", "Hi"))).columns
    assert list(columns) == list(COLUMNS)
    assert {name for name, value in columns.items() if value is not None} == COUNTED


def test_a_trace_is_counted_as_a_whole_and_by_turn() -> None:
    trace = trace_of(
        said("system", "Be brief."),
        said("assistant", "Hello"),
        said("user", "Look"),
        call("c"),
        call("d"),
        output("c"),
        output("d", is_error=True),
        said("assistant", "Seen"),
        said("user", "Thanks"),
    )
    found = facts(trace)
    names = ("turns", "messages", "tool_calls", "tool_errors")
    assert [found.columns[name] for name in names] == [2, 5, 2, 1]
    assert [turn[:4] for turn in found.turns] == [(-1, 2, 0, 0), (0, 2, 2, 1), (1, 1, 0, 0)]


def test_a_trace_without_a_user_message_is_all_preamble() -> None:
    found = facts(trace_of(said("assistant", "Anybody?")))
    assert found.columns["turns"] == 0
    assert [turn[:2] for turn in found.turns] == [(-1, 1)]


def test_tokens_and_costs_are_summed_under_the_names_of_any_provider() -> None:
    trace = trace_of(
        said("user", "Hi", usage={"prompt_tokens": 10, "completion_tokens": 1}, cost=0.1),
        said("assistant", "Hello", usage={"input_tokens": 20, "output_tokens": 2}, cost=0.2),
        said("user", "Ho", usage=None, cost=None),
    )
    columns = facts(trace).columns
    assert [columns[name] for name in ("input_tokens", "output_tokens", "total_tokens")] == [
        30,
        3,
        33,
    ]
    assert columns["cost_usd"] == 0.1 + 0.2


def test_a_sum_of_many_costs_is_rounded_once() -> None:
    trace = trace_of(*[said("user", "Hi", cost=0.1) for _ in range(10)])
    assert facts(trace).columns["cost_usd"] == 1.0


def test_a_total_is_unknown_where_a_half_of_it_is() -> None:
    columns = facts(trace_of(said("user", "Hi", usage={"prompt_tokens": 10}))).columns
    assert (columns["input_tokens"], columns["total_tokens"]) == (10, None)


@pytest.mark.parametrize(
    "usage", [5, "many", [], {"prompt_tokens": "5"}, {"prompt_tokens": True}, {}]
)
def test_what_is_no_count_is_not_counted(usage: Any) -> None:
    columns = facts(trace_of(said("user", "Hi", usage=usage, cost="free"))).columns
    assert columns["input_tokens"] is columns["cost_usd"] is None


def test_model_calls_tell_the_usage_where_the_log_has_them() -> None:
    event = {
        "type": "model_call_event",
        "id": "e",
        "model": "m",
        "input_context": [],
        "output_items": [],
        "usage": {"num_prompt_tokens": 7, "num_completion_tokens": 2},
    }
    items = said("user", "Hi", usage={"prompt_tokens": 1000})
    columns = facts(trace_of(items, events=[event, {**event, "id": "f"}])).columns
    assert (columns["input_tokens"], columns["total_tokens"], columns["model"]) == (14, 18, "m")


MODEL_CALL = {
    "type": "model_call_event",
    "model": "",
    "input_context": [],
    "output_items": [],
}


def test_the_cost_is_the_sum_of_the_model_calls() -> None:
    events = [
        {**MODEL_CALL, "id": "e", "metadata": {"cost_usd": 0.25}},
        {**MODEL_CALL, "id": "f", "model": "m", "metadata": {"cost_usd": 0.5}},
        {**MODEL_CALL, "id": "g", "metadata": {"cost_usd": None, "original_cost_usd": 0.75}},
    ]
    columns = facts(trace_of(said("user", "Hi", cost=7), events=events)).columns
    assert (columns["cost_usd"], columns["model"]) == (0.75, "m")


def test_outer_spans_tell_what_no_model_call_does_and_count_once() -> None:
    def span(own: str, parent: str | None, **metadata: Any) -> list[dict[str, Any]]:
        begin = {"type": "span_begin", "id": f"b{own}", "span_id": own, "name": own}
        around = {} if parent is None else {"parent_span_id": parent}
        end = {"type": "span_end", "id": f"e{own}", "span_id": own}
        return [{**begin, **around, "metadata": metadata}, end]

    root, root_end = span("r", None, total_cost=0.5)
    inner, inner_end = span("i", "r", usage={"input_tokens": 7, "output_tokens": 2}, cost=0.5)
    events = [root, inner, {**MODEL_CALL, "id": "c", "span_id": "i"}, inner_end, root_end]
    columns = facts(trace_of(said("user", "Hi"), events=events)).columns
    assert (columns["cost_usd"], columns["input_tokens"], columns["output_tokens"]) == (0.5, 7, 2)


def test_what_a_log_reports_of_the_whole_trace_comes_last() -> None:
    reported = {"reported_usage": {"input_tokens": 9, "output_tokens": 3, "cost_usd": 0.1}}
    trace = trace_of(said("user", "Hi", usage={"prompt_tokens": 5}), extra=reported)
    columns = facts(trace).columns
    assert (columns["input_tokens"], columns["output_tokens"], columns["cost_usd"]) == (5, 3, 0.1)


def test_times_come_from_the_log_as_it_wrote_them() -> None:
    stamps = ["2026-01-02T10:00:00.123456789+02:00", "2026-01-02T10:00:05.123456+02:00"]
    trace = trace_of(
        said("user", "Hi", timestamp=stamps[0]), said("assistant", "Ho", timestamp=stamps[1])
    )
    columns = facts(trace).columns
    assert columns["created_at"] == stamps[0]
    assert columns["duration_s"] == 5.0
    stated = facts(trace_of(said("user", "Hi"), created_at="2026-01-01", total_time=9)).columns
    assert (stated["created_at"], stated["duration_s"]) == ("2026-01-01", 9)


@pytest.mark.parametrize("stamp", ["yesterday", 1767348000, "2026-13-01", "", None, {}])
def test_a_stamp_that_names_no_moment_is_no_fact(stamp: Any) -> None:
    columns = facts(trace_of(said("user", "Hi", timestamp=stamp))).columns
    assert columns["created_at"] is columns["duration_s"] is None


def test_stamps_with_and_without_a_zone_have_no_distance() -> None:
    assert seconds_between("2026-01-02T10:00:00Z", "2026-01-02T10:00:00") is None
    assert seconds_between("2026-01-02T10:00:00Z", "2026-01-02T12:00:01+02:00") == 1.0


def test_the_log_counts_more_than_the_owner_and_tags_add_up() -> None:
    trace = trace_of(said("user", "Hi"), agent="of the log", tags=["own", "both"])
    columns = facts(trace, Defaults("owner", "model", ("both", "owner")), warnings=["bent"]).columns
    assert (columns["agent"], columns["model"]) == ("of the log", "model")
    assert columns["tags"] == ["own", "both", "owner", "bent"]


def test_metadata_is_filled_in_the_models_order_and_keeps_what_the_log_says() -> None:
    assert list(TraceMetadata.model_fields) == list(METADATA_FIELDS)
    trace = trace_of(
        said("user", "Hi", timestamp="2026-01-02"), model="of the log", extra={"z": None}
    )
    metadata = filled(trace["metadata"], facts(trace, Defaults(tags=("t",))))
    assert list(metadata) == [name for name in METADATA_FIELDS if name in metadata]
    assert metadata == {
        "trace_id": "t",
        "model": "of the log",
        "tags": ["t"],
        "created_at": "2026-01-02",
        "message_count": 1,
        "extra": {"z": None},
    }


def test_a_filled_trace_still_loads() -> None:
    items = [
        said("user", "Hi", timestamp=stamp, cost=1, usage={"prompt_tokens": 1})
        for stamp in ("x", "2026")
    ]
    row = row_of(trace_of(*items))
    line = dataset_line(row, judge_value(row.trace), defaults=Defaults(), names=columns_for([]))
    load(json.loads(line)["trace"])
