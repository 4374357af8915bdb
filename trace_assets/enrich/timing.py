"""When things happened, by the log's own time stamps."""

from datetime import datetime
from typing import Any


def time_of(stamp: Any) -> datetime | None:
    """A log's time stamp as a time, or None where it has none that can be read."""
    if isinstance(stamp, datetime):
        return stamp
    if not isinstance(stamp, str):
        return None
    try:
        return datetime.fromisoformat(stamp)
    except ValueError:
        return None


def seconds_between(start: Any, end: Any) -> float | None:
    """Wall time from one stamp to another; None where either is missing or they cannot be compared.

    >>> seconds_between("2026-01-02T10:00:00", "2026-01-02T10:00:02.5")
    2.5
    """
    first, last = time_of(start), time_of(end)
    if first is None or last is None or (first.tzinfo is None) != (last.tzinfo is None):
        return None
    return (last - first).total_seconds()
