"""When things happened, by the log's own time stamps."""

from typing import Any

from trace_assets.trace.moments import Moment, moment


def time_of(stamp: Any) -> Moment | None:
    """A log's time stamp as a moment, or None where it has none that can be read."""
    if not isinstance(stamp, str):
        return None
    try:
        return moment(stamp)
    except ValueError:
        return None


def seconds_between(start: Any, end: Any) -> float | None:
    """Wall time from one stamp to another; None where either is missing or they cannot be compared.

    >>> seconds_between("2026-01-02T10:00:00", "2026-01-02T10:00:02.5")
    2.5
    """
    first, last = time_of(start), time_of(end)
    if first is None or last is None or (first.at.tzinfo is None) != (last.at.tzinfo is None):
        return None
    return (last.at - first.at).total_seconds()
