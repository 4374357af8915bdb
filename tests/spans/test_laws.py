"""Laws that hold for any spans, however broken."""

import json
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.spans.making import START, asks, check, says, span, system, user
from trace_assets.spans import Assembled, ModelCall, Note, Span, ToolCall, events_of, repair

ids = st.sampled_from([None, "", "a", "b", "c", "d", "a~2", "span:0"])
zoned = st.sampled_from(["2026-01-02T03:04:05Z", "2026-01-02T03:04:04.5+00:00", START, START + 1])
times = st.one_of(
    st.none(), zoned, zoned, st.sampled_from([0, "", "soon", "2026-01-02T03:04:05", 10**30])
)
texts = st.sampled_from(["x", "y", ""])
names = st.sampled_from(["look", "find"])
values = st.one_of(st.none(), st.integers(0, 3), texts, st.just({"a": 1}), st.just([]))
objects = st.dictionaries(
    st.sampled_from(["k", "name", "span_id", "original_name", "usage", "notes"]), values, max_size=2
)
residues = st.one_of(st.none(), objects)
call_ids = st.sampled_from([None, "", "c1", "c2", 7])
messages = st.one_of(
    st.builds(user, texts),
    st.builds(says, texts),
    st.builds(system, texts),
    st.builds(lambda *call: asks(call), st.sampled_from(["", "c1", "c2"]), names, texts),
    st.builds(
        lambda own, text: {"role": "tool", "tool_call_id": own, "content": text},
        st.sampled_from(["", "c1", "c2"]),
        texts,
    ),
)
histories = st.lists(messages, max_size=4)
calls = st.one_of(
    st.none(),
    st.builds(
        ModelCall,
        st.one_of(st.none(), texts),
        histories,
        histories,
        usage=residues,
        tools=st.lists(st.one_of(names, st.builds(lambda n: {"name": n, "k": 1}, names))),
        rest=residues,
    ),
    st.builds(
        ToolCall, names, call_ids, values, values, st.one_of(st.none(), texts), rest=residues
    ),
)
notes = st.builds(
    Note,
    st.sampled_from(["n", "exception"]),
    times,
    st.one_of(residues, st.just({"exception.message": "boom", "exception.stacktrace": 5})),
    st.one_of(st.none(), texts),
)
any_spans = st.builds(
    Span,
    ids,
    texts,
    ids,
    st.sampled_from([None, "agent", "function_call", "chain"]),
    times,
    times,
    st.one_of(st.none(), texts),
    calls,
    st.lists(notes, max_size=2),
    residues,
)
forests = st.lists(any_spans, max_size=7)

few = settings(max_examples=60, deadline=None)


@given(forests)
@few
def test_whatever_the_spans_readers_take_the_trace_and_sorting_changes_nothing(
    given: list[Span],
) -> None:
    made = events_of(given, "t")
    check(made)
    assert events_of(given, "t") == made


@given(forests)
@few
def test_every_span_is_told_of_once_or_counted_as_a_copy(given: list[Span]) -> None:
    tagged = [
        each._replace(metadata={"tag": number % 5, **(each.metadata or {})})
        for number, each in enumerate(given)
    ]
    made = events_of(tagged, "t")
    told = Counter(_tags(made))
    copies = sum(each["copies"] for each in made.defects if each["defect"] == "repeated_span")
    assert told.total() + copies == len(tagged)
    assert told.keys() == {number % 5 for number in range(len(tagged))}
    assert len({each["id"] for each in made.events}) == len(made.events)


def _tags(made: Assembled) -> list[int]:
    return [event["metadata"]["tag"] for event in made.events if "tag" in event.get("metadata", {})]


@given(forests)
@few
def test_every_text_and_number_of_the_spans_is_in_the_trace(given: list[Span]) -> None:
    marked, marks = _marked(given)
    written = json.dumps(events_of(marked, "t")._asdict())
    assert [mark for mark in marks if mark not in written] == []


def _marked(given: list[Span]) -> tuple[list[Span], list[str]]:
    """The spans with a text of its own in every place that takes free text."""
    marks: list[str] = []

    def mark() -> str:
        marks.append(f"<{len(marks)}>")
        return marks[-1]

    def marked_note(note: Note) -> Note:
        time = mark() if note.time == "soon" else note.time
        error = None if note.error is None else mark()
        return note._replace(name=mark(), time=time, data={mark(): mark()}, error=error)

    def marked_call(call: ModelCall | ToolCall | None) -> ModelCall | ToolCall | None:
        match call:
            case ModelCall():
                inputs = [user(mark()), *call.inputs]
                return call._replace(
                    model=mark(),
                    inputs=inputs,
                    outputs=[says(mark())],
                    usage={mark(): 5},
                    tools=[mark(), {"name": mark(), mark(): mark()}],
                    rest={mark(): mark(), "name": mark()},
                )
            case ToolCall():
                return call._replace(
                    name=mark(),
                    original_call_id=mark(),
                    arguments=mark(),
                    result=mark(),
                    error=mark(),
                    agent=mark(),
                    rest={mark(): mark(), "end": mark()},
                )
            case None:
                return None

    return [
        each._replace(
            name=mark(),
            span_type=mark() if each.span_type == "chain" else each.span_type,
            error=mark(),
            call=marked_call(each.call),
            notes=[marked_note(note) for note in each.notes],
            metadata={mark(): mark(), "span_id": mark(), "original_start": mark()},
            start=mark() if each.start == "soon" else each.start,
            end=mark() if each.end == "soon" else each.end,
        )
        for each in given
    ], marks


@given(forests)
@few
def test_repairing_what_is_repaired_changes_no_span(given: list[Span]) -> None:
    once = repair(given)
    again = repair(once.spans)
    assert again.spans == once.spans
    tree = {"missing_id", "repeated_span", "duplicate_id", "unknown_parent", "own_parent"}
    assert not (tree | {"parent_cycle", "bad_time"}) & {each["defect"] for each in again.defects}
    assert again.has_times == once.has_times


@given(st.permutations(range(7)), st.lists(st.integers(0, 5), min_size=6, max_size=6))
@few
def test_the_order_of_spans_in_the_log_does_not_matter(order: list[int], above: list[int]) -> None:
    tree = [span(f"{n}", n, 9, None if n == 0 else f"{min(above[n - 1], n - 1)}") for n in range(7)]
    assert events_of([tree[n] for n in order], "t") == events_of(tree, "t")


def test_a_trace_without_spans_is_empty() -> None:
    made: Any = events_of([], "t")
    assert made == Assembled([], [], [], {}, 0)
