"""The times of spans and notes, written as the trace has them; what is none is kept and told."""

from collections.abc import Sequence
from typing import Any

from trace_assets.spans.model import Defect, Note, Span, Time
from trace_assets.spans.residue import beside
from trace_assets.spans.times import is_before, is_unknown, timestamp


def with_timestamps(spans: Sequence[Span], defects: list[Defect]) -> list[Span]:
    """Write every time as a timestamp, or None, and tell of those that are bad or missing."""
    return [_stamped(span, defects) for span in spans]


def _stamped(span: Span, defects: list[Defect]) -> Span:
    start, end = timestamp(span.start), timestamp(span.end)
    bad: dict[str, Any] = {}
    if start is None or end is None:
        bad = _bad("original_start", span.start, start) | _bad("original_end", span.end, end)
    notes = [_stamped_note(note, span, defects) for note in span.notes]
    defects += [
        {"defect": "bad_time", "span": span.id, "found": found, "key": key}
        for key, found in bad.items()
    ]
    if lack := _lack(span, start, end):
        defects.append({"defect": lack, "span": span.id})
    if not notes and not bad and start is span.start and end is span.end:
        return span
    timed = [note for note in notes if note.time is not None or start is None]
    own = {**bad, **_timeless(notes, start)}
    metadata = beside(own, span.metadata) if own else span.metadata
    return span._replace(start=start, end=end, notes=timed, metadata=metadata)


def _timeless(notes: Sequence[Note], start: str | None) -> dict[str, Any]:
    """Notes without a time in a span that has one.

    As events they would take the times of the whole trace away, so they are kept with their span.
    """
    if start is None:
        return {}
    kept = [
        {key: value for key, value in note._asdict().items() if value is not None}
        for note in notes
        if note.time is None
    ]
    return {"notes": kept} if kept else {}


def _lack(span: Span, start: str | None, end: str | None) -> str:
    """What a reader has to know of a span's own times; where it has none at all, nothing."""
    if start is None:
        return "no_start" if end is not None else ""
    if end is None:
        return "unclosed" if is_unknown(span.end) else ""
    return "ends_before_start" if is_before(end, start) else ""


def _stamped_note(note: Note, span: Span, defects: list[Defect]) -> Note:
    time = timestamp(note.time)
    bad = _bad("original_time", note.time, time)
    if not bad:
        return note._replace(time=time)
    found = {"found": note.time, "key": "original_time", "note": note.name}
    defects.append({"defect": "bad_time", "span": span.id, **found})
    return note._replace(time=time, data=beside(bad, note.data))


def _bad(key: str, given: Time, written: str | None) -> dict[str, Any]:
    return {key: given} if written is None and not is_unknown(given) else {}
