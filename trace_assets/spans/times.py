"""Times of spans: written as timestamps of a trace, compared, and subtracted, without rounding."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from trace_assets.spans.model import Time
from trace_assets.trace import Moment, build, moment

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (in UTC; a zone costs as much as all the rest)
_SECOND = 1_000_000_000

Key = tuple[Moment, ...] | tuple[str, ...]
"""What spans are ordered by; the empty one sorts before any moment."""


def timestamp(time: Time) -> str | None:
    """Write a time as a timestamp of a trace; None if it is unknown or none.

    >>> timestamp(1767323045123456789)
    '2026-01-02T03:04:05.123456789Z'
    >>> timestamp(1767323045500000000), timestamp("2026-01-02 03:04"), timestamp("yesterday")
    ('2026-01-02T03:04:05.500Z', '2026-01-02 03:04', None)
    """
    if isinstance(time, str):
        return time if build.is_time(time) else None
    return None if is_unknown(time) or time is None or isinstance(time, bool) else _written(time)


def is_unknown(time: Time) -> bool:
    """Whether the log says nothing about a time, which is no defect by itself."""
    return time is None or time == "" or (time == 0 and time is not False)


def text(time: Time) -> str | None:
    """A time of a repaired span, which is a timestamp or None."""
    return time if isinstance(time, str) else None


def _written(nanoseconds: int) -> str | None:
    seconds, fraction = divmod(nanoseconds, _SECOND)
    try:
        at = _EPOCH + timedelta(0, seconds)
    except OverflowError:
        return None
    digits = f"{fraction:09}"
    while digits.endswith("000"):
        digits = digits[:-3]
    text = at.isoformat()
    return f"{text}.{digits}Z" if digits else f"{text}Z"


def zones_agree(stamps: Iterable[str]) -> bool:
    """Whether all timestamps have a time zone or none has, so that they can be compared."""
    return len({_has_zone(stamp) for stamp in stamps}) < 2


def _has_zone(stamp: str) -> bool:
    """Whether a timestamp has a time zone: told by its end, for each is asked about many times.

    >>> [_has_zone(f"2026-01-02{time}") for time in ("T03:04:05Z", " 03:04-11:30")]
    [True, True]
    >>> [_has_zone(f"2026-01-02{time}") for time in ("", "T03:04", "T03:04:05", "T03:04:05.25")]
    [False, False, False, False]
    """
    return stamp.endswith("Z") or (len(stamp) > len("2026-01-02T03:04") and stamp[-6] in "+-")


def seconds(start: str | None, end: str | None) -> float | None:
    """Time from one timestamp to another; None if one is unknown or they cannot be compared.

    >>> seconds("2026-01-02T03:04:05.000000001Z", "2026-01-02T03:04:05.1Z")
    0.099999999
    """
    if start is None or end is None or _has_zone(start) != _has_zone(end):
        return None
    first, last = moment(start), moment(end)
    micros = (last.at - first.at) // timedelta(microseconds=1)
    return (micros * 1000 + last.nanoseconds - first.nanoseconds) / _SECOND


def is_before(one: str | None, other: str | None) -> bool:
    """Whether a timestamp comes before another; never if they cannot be compared.

    >>> is_before("2026-01-02T03:04:05Z", "2026-01-02T03:04:05.1Z")
    True
    >>> is_before("2026-01-02T03:04:05+00:00", "2026-01-02T03:04:06+01:00")
    False
    >>> is_before("2026-01-02T03:04:05Z", "2026-01-02T03:04:06"), is_before(None, "2026-01-02")
    (False, False)
    """
    if one is None or other is None:
        return False
    if len(one) == len(other) and one[10:11] == other[10:11] and _end(one) == _end(other):
        return one < other
    return _has_zone(one) == _has_zone(other) and moment(one) < moment(other)


def _sort_as_text(stamps: Iterable[str]) -> bool:
    """Whether timestamps are all in one zone and written in one way, as a log's mostly are."""
    return len({(len(stamp), stamp[10:11], _end(stamp)) for stamp in stamps}) == 1


def _end(stamp: str) -> str:
    """The zone of a timestamp that has one; whatever its end is otherwise."""
    return "Z" if stamp[-1] == "Z" else stamp[-6:]


def keys(stamps: Sequence[str | None]) -> list[Key]:
    """Return what to order by; one without a time stays behind the one it came after."""
    found: list[Key] = []
    last: Key = ()
    is_text = _sort_as_text(filter(None, stamps))
    for stamp in stamps:
        if stamp is not None:
            last = (stamp,) if is_text else (moment(stamp),)
        found.append(last)
    return found
