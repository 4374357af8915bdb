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


def timeline(happenings: Sequence[Happening], trace_id: str) -> list[dict[str, Any]]:
    """Return the events, `<trace_id>:e<index>`, by time.

    Where one has no time, or one that cannot be compared with the others, none gets a `timestamp`:
    a reader would refuse the trace. They stay in their order then.
    """
    stamps = [each.time for each in happenings]
    if all(map(build.is_time, stamps)) and zones_agree(stamps):
        by = keys(stamps)
        ordered = [happenings[n] for n in sorted(range(len(stamps)), key=by.__getitem__)]
        return [_event(f"{trace_id}:e{n}", each, each.time) for n, each in enumerate(ordered)]
    return [_event(f"{trace_id}:e{n}", each, None) for n, each in enumerate(happenings)]


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
    given = [stamp for stamp in stamps if build.is_time(stamp)]
    if not given or not zones_agree(given):
        return {}
    by = keys(given)
    order = sorted(range(len(given)), key=by.__getitem__)
    first, last = given[order[0]], given[order[-1]]
    length = {"total_time": seconds(first, last)} if len(given) > 1 else {}
    return {"created_at": first, **length}
