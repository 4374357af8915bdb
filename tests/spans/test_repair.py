"""What is odd in a tree of spans: mended, told, and never lost."""

from typing import Any

import pytest

from tests.spans.making import START, event, made_of, span, told
from trace_assets.spans import Note, Span, ToolCall, repair


def defects(*spans: Span) -> list[dict[str, Any]]:
    return made_of(*spans).defects


def test_spans_in_any_order_become_a_tree_with_children_by_time() -> None:
    made = made_of(
        span("b", 5, 6, "root"), span("a.1", 2, 3, "a"), span("root", 0, 9), span("a", 1, 4, "root")
    )
    assert told(made) == [
        "begin root",
        "begin a",
        "begin a.1",
        "end a.1",
        "end a",
        "begin b",
        "end b",
        "end root",
    ]
    assert made.defects == []


def test_several_roots_are_fine() -> None:
    made = made_of(span("b", 3, 4), span("a", 1, 2, ""))
    assert told(made) == ["begin a", "end a", "begin b", "end b"]
    assert made.defects == []


def test_a_span_whose_parent_is_unknown_goes_to_the_root_and_keeps_the_parents_id() -> None:
    made = made_of(span("root", 0, 9), span("a", 1, 2, "lost", metadata={"k": 1}))
    assert made.defects == [{"defect": "unknown_parent", "span": "a", "parent": "lost"}]
    begin = event(made, "begin a")
    assert "parent_span_id" not in begin
    assert begin["metadata"] == {"original_parent_id": "lost", "k": 1}


def test_a_span_that_is_its_own_parent_goes_to_the_root() -> None:
    made = made_of(span("a", 0, 9, "a"), span("b", 1, 2, "a"))
    assert made.defects == [{"defect": "own_parent", "span": "a", "parent": "a"}]
    assert told(made) == ["begin a", "begin b", "end b", "end a"]


def test_a_cycle_is_cut_above_the_span_of_it_that_came_first() -> None:
    made = made_of(
        span("tail", 4, 5, "a"), span("b", 1, 9, "c"), span("a", 2, 8, "b"), span("c", 3, 7, "a")
    )
    assert [each for each in made.defects if each["defect"] == "parent_cycle"] == [
        {"defect": "parent_cycle", "span": "b", "parent": "c"}
    ]
    assert told(made)[:4] == ["begin b", "begin a", "begin c", "end c"]
    assert len(made.events) == 8


def test_two_cycles_are_cut_once_each() -> None:
    found = defects(
        span("a", 0, 1, "b"), span("c", 0, 1, "d"), span("b", 0, 1, "a"), span("d", 0, 1, "c")
    )
    assert [each["span"] for each in found] == ["a", "c"]


def test_equal_copies_of_a_span_count_as_one_and_are_counted() -> None:
    once = span("a", 0, 1, metadata={"x": [1]})
    made = made_of(once, once._replace(), once._replace(metadata={"x": [1]}))
    assert told(made) == ["begin a", "end a"]
    assert made.defects == [{"defect": "repeated_span", "span": "a", "copies": 2}]


@pytest.mark.parametrize(
    "other", [{"metadata": {"x": True}}, {"metadata": {"x": 1.0}}, {"name": "other"}]
)
def test_different_spans_with_one_id_are_both_kept(other: dict[str, Any]) -> None:
    once = span("a", 0, 1, metadata={"x": 1})
    made = made_of(once, span("a~2", 2, 3), once._replace(**other))
    assert told(made) == ["begin a", "end a", "begin a~2'", "end a~2'", "begin a~2", "end a~2"]
    assert made.defects == [{"defect": "duplicate_id", "span": "a~2'", "original_id": "a"}]
    assert event(made, "begin a~2'")["metadata"]["original_id"] == "a"


@pytest.mark.parametrize("missing", [None, ""])
def test_spans_without_an_id_are_kept(missing: str | None) -> None:
    made = made_of(span(missing, 0, 1), span(missing, 2, 3))
    assert [each["defect"] for each in made.defects] == ["missing_id", "missing_id"]
    assert told(made) == ["begin span:0", "end span:0", "begin span:1", "end span:1"]


def test_a_span_that_never_ends_ends_without_a_time() -> None:
    made = made_of(span("a", 0, 1)._replace(end=None), span("b", 0, 1)._replace(end=0))
    assert [each["defect"] for each in made.defects] == ["unclosed", "unclosed"]
    assert event(made, "end a") == {"type": "span_end", "id": "t:e1", "span_id": "a"}


def test_a_child_outside_its_parents_time_is_told_and_stays_where_it_is() -> None:
    made = made_of(
        span("a", 1, 3), span("b", 0, 2, "a"), span("c", 2, 4, "a"), span("d", 1, 3, "a")
    )
    assert made.defects == [
        {"defect": "outside_parent", "span": "b", "parent": "a"},
        {"defect": "outside_parent", "span": "c", "parent": "a"},
    ]
    assert event(made, "begin b")["timestamp"] == "2026-01-02T03:04:05Z"


def test_a_span_that_ends_before_it_begins_has_no_duration() -> None:
    made = made_of(span("a", 5, 3, call=ToolCall("look")))
    assert made.defects == [{"defect": "ends_before_start", "span": "a"}]
    assert "working_time" not in made.events[0]


# --- times -----------------------------------------------------------------------------------


def test_times_in_text_stay_as_they_are_written() -> None:
    written = Span(
        "a", "a", start="2026-01-02 03:04:05.100+02:00", end="2026-01-02T03:04:06.1+02:00"
    )
    made = made_of(written)
    assert [each["timestamp"] for each in made.events] == [written.start, written.end]
    assert made.metadata == {"created_at": written.start, "total_time": 1.0}


def test_nanoseconds_are_written_to_the_last_digit() -> None:
    made = made_of(Span("a", "a", start=START + 1, end=START + 10**18, call=ToolCall("look")))
    assert made.events[0]["timestamp"] == "2026-01-02T03:04:05.000000001Z"
    assert made.events[0]["working_time"] == 999999999.999999999


def test_what_is_no_time_is_kept_and_told() -> None:
    made = made_of(
        Span("a", "a", start="yesterday", end=10**30),
        Span("b", "b", notes=[Note("n", "noon", {"k": 1})]),
        Span("c", "c", start=True),
    )
    assert [(each["defect"], each["found"]) for each in made.defects] == [
        ("bad_time", "yesterday"),
        ("bad_time", 10**30),
        ("bad_time", "noon"),
        ("bad_time", True),
    ]
    metadata = event(made, "begin a")["metadata"]
    assert metadata == {"original_start": "yesterday", "original_end": 10**30}
    assert event(made, "custom n")["data"] == {"original_time": "noon", "k": 1}


def test_where_one_span_has_no_start_all_times_move_to_the_metadata() -> None:
    made = made_of(span("a", 0, 9), span("b", 1, 2, "a")._replace(start=None))
    assert [each["defect"] for each in made.defects] == ["no_start", "mixed_times"]
    assert not any("timestamp" in each for each in made.events)
    assert event(made, "begin a")["metadata"] == {"timestamp": "2026-01-02T03:04:05Z"}
    assert event(made, "end b")["metadata"] == {"timestamp": "2026-01-02T03:04:07Z"}


def test_where_some_times_have_a_zone_and_some_have_none_nothing_is_sorted_by_them() -> None:
    made = made_of(
        Span("a", "a", start="2026-01-02T03:04:05", end="2026-01-02T03:04:06"),
        Span("b", "b", start="2026-01-01T03:04:05Z", end="2026-01-01T03:04:06Z"),
    )
    assert [each["defect"] for each in made.defects] == ["mixed_times"]
    assert told(made) == ["begin a", "end a", "begin b", "end b"]
    assert made.metadata == {}


def test_spans_without_any_times_keep_their_order_and_are_no_defect() -> None:
    made = made_of(Span("b", "b", parent_id="r"), Span("r", "r"), Span("a", "a", parent_id="r"))
    assert told(made) == ["begin r", "begin b", "end b", "begin a", "end a", "end r"]
    assert made.defects == []


# --- size ------------------------------------------------------------------------------------


def test_a_chain_of_a_hundred_thousand_spans_is_told_whatever_its_order() -> None:
    count = 100_000
    chain = [Span(f"{n}", "x", f"{n - 1}" if n else None) for n in range(count)]
    repaired = repair(chain[::-1])
    assert [each.id for each in repaired.spans] == [each.id for each in chain]
    closed = repair([chain[0]._replace(parent_id=f"{count - 1}"), *chain[1:]])
    assert (len(closed.spans), len(closed.defects)) == (count, 1)
