"""What happened beside a conversation that needs no spans, as the events of its trace.

Session logs tell of hooks, snapshots, errors and compactions between their messages. These are not
items, for nobody said them; as events they keep their kind and their time.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from trace_assets.spans.times import keys, seconds, zones_agree
from trace_assets.trace import build


class Happening(NamedTuple):
    """Something that happened, as its log has it."""

    kind: str
    """`custom`, `error` or `compaction`."""
    fields: dict[str, Any]
    """The event's own: `name` and `data`, `message`, or `strategy` and its counts."""
    time: Any = None
    """As the log has it, be it a timestamp or not."""
    metadata: dict[str, Any] | None = None


class Timeline(NamedTuple):
    """Events in their order, and what could not be one of them."""

    events: list[dict[str, Any]]
    """`<trace_id>:e<index>`, by time."""
    untimed: list[dict[str, Any]]
    """What has no time while others have one, with its `type`, fields and metadata: a reader
    refuses a trace in which some events have a time and some have none."""


def timeline(happenings: Sequence[Happening], trace_id: str) -> Timeline:
    """Order what happened by time.

    Where nothing has a time, or the times cannot be compared, all are events without a `timestamp`,
    in their order.
    """
    timed = [each for each in happenings if build.is_time(each.time)]
    stamps = [each.time for each in timed]
    if not timed or not zones_agree(stamps):
        events = [_event(f"{trace_id}:e{n}", each, None) for n, each in enumerate(happenings)]
        return Timeline(events, [])
    by = keys(stamps)
    ordered = [timed[n] for n in sorted(range(len(timed)), key=by.__getitem__)]
    events = [_event(f"{trace_id}:e{n}", each, each.time) for n, each in enumerate(ordered)]
    others = [each for each in happenings if not build.is_time(each.time)]
    untimed = [{"type": each.kind, **each.fields, **(each.metadata or {})} for each in others]
    return Timeline(events, untimed)


def _event(event_id: str, happening: Happening, stamp: str | None) -> dict[str, Any]:
    event: dict[str, Any] = {"type": happening.kind, "id": event_id}
    if stamp is not None:
        event["timestamp"] = stamp
    event |= happening.fields
    if happening.metadata:
        event["metadata"] = happening.metadata
    return event


def extent(stamps: Sequence[Any]) -> dict[str, Any]:
    """When a trace began and how long it took, for its metadata; what is no time does not count.

    >>> extent(["2026-01-02T03:04:09Z", None, "2026-01-02T03:04:05Z"])
    {'created_at': '2026-01-02T03:04:05Z', 'total_time': 4.0}
    >>> extent(["2026-01-02T03:04:09", "2026-01-02T03:04:05Z"])
    {}
    """
    ends = _ends(stamps)
    if ends is None:
        return {}
    first, last = ends
    length = {} if first is last else {"total_time": seconds(first, last)}
    return {"created_at": first, **length}


def _ends(stamps: Sequence[Any]) -> tuple[str, str] | None:
    """The first and the last time; one and the same object where there is only one."""
    texts: list[str] = [stamp for stamp in stamps if isinstance(stamp, str)]
    if texts and len({len(text) for text in texts}) == 1 and texts[0].endswith("Z"):
        first, last = min(texts), max(texts)  # of one length, text sorts as time does
        if last.endswith("Z") and build.is_time(first) and build.is_time(last):
            return first, last
    given = [text for text in texts if build.is_time(text)]
    if not given or not zones_agree(given):
        return None
    by = keys(given)
    order = sorted(range(len(given)), key=by.__getitem__)
    return given[order[0]], given[order[-1]]
