"""Spans as they come, made into a forest: what is odd is mended and told, and nothing vanishes.

Readers of a trace drop, repeat or misplace the events of a tree that is none, without a word.
The defects:

| defect              | what is done                                                          |
|---------------------|-----------------------------------------------------------------------|
| `missing_id`        | the span gets an id by its position in the log                        |
| `repeated_span`     | equal copies of a span count as one; `copies` says how many there were |
| `duplicate_id`      | another span with the id of an earlier one gets an id of its own      |
| `unknown_parent`    | the span goes to the root, as for the next two                        |
| `own_parent`        | the same                                                              |
| `parent_cycle`      | the cycle is cut above its first span                                 |
| `bad_time`          | what is no time is kept in the metadata as `original_start` or the like |
| `no_start`          | told only                                                             |
| `unclosed`          | its `span_end` has no time                                            |
| `ends_before_start` | told only; it has no duration                                         |
| `outside_parent`    | told only                                                             |
| `mixed_times`       | all timestamps of the trace move to the events' metadata              |

`events_of` adds `unknown_message`: an input or output of a model call that is no message in any
dialect is a custom item. Every line has `defect` and `span`, and beside them what was found.

A parent that was cut off stays in the span's metadata as `original_parent_id`, an id that was
changed as `original_id`.
"""

from collections.abc import Iterator, Sequence

from trace_assets.spans.identity import with_own_ids
from trace_assets.spans.model import Defect, Repaired, Span
from trace_assets.spans.residue import beside
from trace_assets.spans.stamps import with_timestamps
from trace_assets.spans.times import is_before, keys, text, zones_agree


def repair(spans: Sequence[Span]) -> Repaired:
    """Make a forest of spans, in linear time but for the sorting, and say what was wrong."""
    defects: list[Defect] = []
    stamped = with_timestamps(with_own_ids(spans, defects), defects)
    rooted = _without_cycles(_with_known_parents(stamped, defects), defects)
    is_comparable = zones_agree(_stamps(rooted))
    has_times = _has_times(rooted, defects, is_comparable=is_comparable)
    ordered = _depth_first(rooted, in_time=is_comparable)
    return Repaired(ordered, defects + list(_outside(ordered)), has_times)


# --- parents ---------------------------------------------------------------------------------


def _with_known_parents(spans: Sequence[Span], defects: list[Defect]) -> list[Span]:
    known = {span.id for span in spans}
    rooted: list[Span] = []
    for each in spans:
        span = each
        if span.parent_id is None:
            pass
        elif not span.parent_id:
            span = span._replace(parent_id=None)
        elif span.parent_id not in known:
            span = _cut_off(span, "unknown_parent", defects)
        elif span.parent_id == span.id:
            span = _cut_off(span, "own_parent", defects)
        rooted.append(span)
    return rooted


def _cut_off(span: Span, defect: str, defects: list[Defect]) -> Span:
    defects.append({"defect": defect, "span": span.id, "parent": span.parent_id})
    metadata = beside({"original_parent_id": span.parent_id}, span.metadata)
    return span._replace(parent_id=None, metadata=metadata)


def _without_cycles(spans: list[Span], defects: list[Defect]) -> list[Span]:
    """Cut each cycle above the span of it that came first."""
    places = {span.id: place for place, span in enumerate(spans)}
    walked: dict[int, int] = {}  # place -> the walk that came by
    for start in range(len(spans)):
        place: int | None = start
        while place is not None and place not in walked:
            walked[place] = start
            place = places.get(spans[place].parent_id)
        if place is not None and walked[place] == start:
            first = _first_of_cycle(spans, places, place)
            spans[first] = _cut_off(spans[first], "parent_cycle", defects)
    return spans


def _first_of_cycle(spans: list[Span], places: dict[str | None, int], place: int) -> int:
    members = [place]
    while (following := places[spans[members[-1]].parent_id]) != place:
        members.append(following)
    return min(members)


# --- order -----------------------------------------------------------------------------------


def _depth_first(spans: list[Span], *, in_time: bool) -> list[Span]:
    children: dict[str | None, list[Span]] = {}
    for span in spans:
        children.setdefault(span.parent_id, []).append(span)
    if in_time:
        children = {parent: _by_time(each) for parent, each in children.items()}
    ordered: list[Span] = []
    pending = children.get(None, [])[::-1]
    while pending:
        span = pending.pop()
        ordered.append(span)
        pending.extend(reversed(children.get(span.id, [])))
    return ordered


def _by_time(spans: list[Span]) -> list[Span]:
    if len(spans) == 1:
        return spans
    by = keys([text(span.start) for span in spans])
    return [spans[place] for place in sorted(range(len(spans)), key=by.__getitem__)]


# --- times -----------------------------------------------------------------------------------


def _stamps(spans: Sequence[Span]) -> Iterator[str]:
    for span in spans:
        for time in (span.start, span.end, *(note.time for note in span.notes)):
            if isinstance(time, str):
                yield time


def _has_times(spans: Sequence[Span], defects: list[Defect], *, is_comparable: bool) -> bool:
    without = [span for span in spans if span.start is None]
    found = ""
    if without and len(without) < len(spans):
        found = f"{len(without)} of {len(spans)} spans have no start"
    elif not is_comparable:
        found = "some times have a time zone and some have none"
    if found:
        span = without[0] if without else spans[0]
        defects.append({"defect": "mixed_times", "span": span.id, "found": found})
    return not without and not found


def _outside(spans: Sequence[Span]) -> Iterator[Defect]:
    times = {span.id: (text(span.start), text(span.end)) for span in spans}
    for span in spans:
        if span.parent_id is None:
            continue
        (start, end), (first, last) = times[span.id], times[span.parent_id]
        if is_before(start, first) or is_before(last, end):
            yield {"defect": "outside_parent", "span": span.id, "parent": span.parent_id}
