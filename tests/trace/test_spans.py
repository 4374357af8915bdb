import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trace.making import Value, assistant, begin, called, end, event, said, user
from trace_assets.errors import InvalidTraceError, SpanTreeError
from trace_assets.trace import Trace, load


def _ids(trace: Trace) -> list[str | None]:
    return [each.id for each in trace.events or []]


def _sorted(*events: Value) -> list[str | None]:
    return _ids(Trace.from_events(list(events)))


def _note(name: str, span: str | None = None, at: str | None = None) -> Value:
    keys: Value = {"span_id": span, "timestamp": at}
    return event("error", name, message=name, **{k: v for k, v in keys.items() if v is not None})


def test_spans_are_traces_of_what_happened_inside_them() -> None:
    trace = Trace.from_events(
        [
            said(user("Book it.")),
            begin("agent", span_type="agent"),
            said(user("Find a table."), span_id="agent"),
            begin("tool", "agent"),
            called("c", span_id="tool"),
            end("tool"),
            end("agent"),
            said(assistant("Booked.")),
        ]
    )
    [agent] = trace.spans()
    [tool] = agent.spans()

    assert [getattr(item, "id", None) for item in trace.items] == ["Book it.", "Booked."]
    assert (agent.span_id, agent.span_name, agent.span_type) == ("agent", "name of agent", "agent")
    assert agent.get_last_user_text() == "Find a table."
    assert _ids(agent) == ["said Find a table.", "begin tool", "called c", "end tool"]
    assert [item.type for item in tool.items] == ["function_call", "function_call_output"]
    assert tool.spans() == []
    assert agent.metadata is None


def test_a_trace_without_events_has_no_spans() -> None:
    assert load({"items": [user("hi")]}).spans() == []


def test_events_can_be_scoped_to_a_span_of_the_whole_stream() -> None:
    events = [begin("a"), said(user("inside"), span_id="a"), end("a"), said(user("outside"))]
    trace = Trace.from_events(events, span_id="a")
    assert trace.get_last_user_text() == "inside"
    assert len(trace.events or []) == 4


def test_the_inside_of_a_span_builds_the_same_child_again() -> None:
    trace = Trace.from_events(
        [begin("a"), said(user("hi"), span_id="a"), begin("b", "a"), end("b"), end("a")]
    )
    [child] = trace.spans()
    again = Trace.from_events(
        child.events or [], span_id="a", span_name=child.span_name, span_type=child.span_type
    )
    assert again == child


def test_interleaved_spans_are_put_apart_and_children_into_their_parents() -> None:
    assert _sorted(
        begin("b", "a"), begin("a"), _note("1", "a"), begin("c"), _note("2", "b"), _note("3", "c")
    ) == ["begin a", "begin b", "2", "1", "begin c", "3"]


def test_events_are_sorted_by_time_within_their_span() -> None:
    assert _sorted(
        _note("late", at="2026-01-03T00:00:00Z"),
        _note("zone", at="2026-01-01T12:00:00+02:00"),
        _note("noon", at="2026-01-01T11:00:00Z"),
        begin("s", timestamp="2026-01-02T00:00:00Z"),
        _note("inside", "s", at="2020-01-01T00:00:00Z"),
        end("s", timestamp="2026-01-09T00:00:00Z"),
    ) == ["zone", "noon", "begin s", "inside", "end s", "late"]


def test_nanoseconds_decide_which_came_first() -> None:
    assert _sorted(
        _note("b", at="2026-01-01T00:00:00.000000002Z"),
        _note("a", at="2026-01-01T00:00:00.000000001Z"),
    ) == ["a", "b"]


def test_kept_where_the_sdk_refuses_an_event_without_a_time_stays_behind_its_predecessor() -> None:
    assert _sorted(
        _note("first, no time"),
        _note("late", at="2026-01-02T00:00:00Z"),
        _note("after late"),
        _note("early", at="2026-01-01T00:00:00Z"),
    ) == ["first, no time", "early", "late", "after late"]


def test_refused_times_with_and_without_a_zone_have_no_order() -> None:
    with pytest.raises(InvalidTraceError, match=r"events\[1\]\.timestamp: has no time zone, but"):
        _sorted(_note("a", at="2026-01-01T00:00:00Z"), _note("b", at="2026-01-01T00:00:00"))


def test_kept_where_the_sdk_drops_it_a_span_with_an_empty_id() -> None:
    trace = Trace.from_events([begin(""), said(user("hi"), span_id=""), end("")])
    [span] = trace.spans()
    assert span.get_last_user_text() == "hi"


def test_kept_where_the_sdk_omits_it_a_span_that_never_ends() -> None:
    trace = Trace.from_events([begin("a"), said(user("hi"), span_id="a"), _note("crash")])
    [span] = trace.spans()
    assert span.get_last_user_text() == "hi"
    assert _ids(span) == ["said hi"]


def test_spans_of_events_stored_unsorted_still_hold_their_own() -> None:
    events = [begin("a"), begin("b"), _note("1", "a"), _note("2", "b"), end("a"), end("b")]
    spans = load({"items": [], "events": events}).spans()
    assert [(span.span_id, _ids(span)) for span in spans] == [("a", ["1"]), ("b", ["2"])]


@pytest.mark.parametrize(
    ("events", "problem"),
    [
        ([begin("a", "a")], "span 'a' is inside itself"),
        ([begin("a", "b"), begin("b", "a")], "span 'a' is inside itself"),
        ([begin("a"), begin("a")], r"events\[1\]\.span_id: 'a' begins a second time"),
        ([begin("a"), end("a"), end("a")], r"events\[2\]\.span_id: 'a' ends a second time"),
        ([end("a")], r"events\[0\]\.span_id: 'a' ends, but no span_begin begins it"),
        (
            [begin("a"), begin("b", "z")],
            r"events\[1\]\.parent_span_id: no span_begin begins 'z'; known: 'a', 'b'",
        ),
        ([_note("lost", "z")], r"events\[0\]\.span_id: no span_begin begins 'z'; known: none"),
    ],
)
def test_refused_where_the_sdk_loses_events_in_silence(events: list[Value], problem: str) -> None:
    with pytest.raises(SpanTreeError, match=problem):
        Trace.from_events(events)


def test_refused_a_scope_that_nothing_happened_in() -> None:
    with pytest.raises(SpanTreeError, match="no event is in the span 'z'"):
        Trace.from_events([_note("1")], span_id="z")


@st.composite
def _span_streams(draw: st.DrawFn) -> list[Value]:
    """Sound spans and events in any order."""
    events: list[Value] = []
    spans: list[str | None] = [None]
    for index in range(draw(st.integers(0, 5))):
        events.append(begin(f"s{index}", draw(st.sampled_from(spans))))
        if draw(st.booleans()):
            events.append(end(f"s{index}"))
        spans.append(f"s{index}")
    events += [
        _note(f"n{index}", draw(st.sampled_from(spans))) for index in range(draw(st.integers(0, 6)))
    ]
    stream = draw(st.permutations(events))
    if draw(st.booleans()):
        days = st.integers(1, 9)
        return [{**each, "timestamp": f"2026-01-0{draw(days)}T00:00:00Z"} for each in stream]
    return stream


@given(_span_streams())
def test_sorting_loses_nothing_and_sorting_twice_changes_nothing(events: list[Value]) -> None:
    trace = Trace.from_events(events)
    again = Trace.from_events(trace.events or [])
    assert sorted(map(str, _ids(trace))) == sorted(each["id"] for each in events)
    assert again == trace


@given(_span_streams())
def test_every_event_is_at_the_root_or_in_exactly_one_child(events: list[Value]) -> None:
    trace = Trace.from_events(events)
    spans = trace.spans()
    ends = {f"{what} {span.span_id}" for span in spans for what in ("begin", "end")}
    direct = {each.id for each in trace.events or [] if each.span_id is None}
    inside = [name for span in spans for name in _ids(span)]
    assert len(inside) == len(set(inside))
    assert direct | ends & set(_ids(trace)) | set(inside) == set(_ids(trace))


_MANY = 100_000


def _chain() -> list[Value]:
    opened = [begin(str(i), None if i == 0 else str(i - 1)) for i in range(_MANY // 2)]
    return opened + [end(str(i)) for i in reversed(range(_MANY // 2))]


def _siblings() -> list[Value]:
    return [each for i in range(_MANY // 2) for each in (begin(str(i)), end(str(i)))]


@pytest.mark.parametrize("stream", [_chain, _siblings])
def test_a_hundred_thousand_span_events_take_seconds(stream: Any) -> None:
    events = stream()
    start = time.process_time()
    trace = Trace.from_events(events)
    assert len(trace.events or []) == _MANY
    assert len(trace.spans()) in {1, _MANY // 2}
    assert time.process_time() - start < 20
