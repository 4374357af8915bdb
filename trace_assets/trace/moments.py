"""Moments: what a log's time stamps say, read without losing a digit or a zone."""

import re
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

_TIMESTAMP = re.compile(
    r"(?P<day>(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))"
    r"(?:[T ](?P<minute>(?:[01]\d|2[0-3]):[0-5]\d)"
    r"(?::(?P<second>[0-5]\d)(?:\.(?P<fraction>\d{1,9}))?)?"
    r"(?P<zone>Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)?",
    re.ASCII,
)


class Moment(NamedTuple):
    """A point in time, to the nanosecond. Two moments compare only if both know their zone."""

    at: datetime
    nanoseconds: int
    """What a datetime cannot hold: 0 to 999."""


@lru_cache(maxsize=4096)  # a trace's stamps are compared with their neighbours, again and again
def moment(text: str) -> Moment:
    """Read an ISO 8601 date or date and time with up to nine fractional digits.

    >>> moment("2026-01-02T03:04:05.123456789Z").nanoseconds
    789
    """
    found = _TIMESTAMP.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no ISO 8601 date and time")
    below = (found["fraction"] or "")[6:]  # what fromisoformat cuts off
    return Moment(datetime.fromisoformat(text), int(below.ljust(3, "0")))


def is_moment(text: str) -> bool:
    """Whether `moment` can read a text.

    >>> is_moment("2026-02-28"), is_moment("2026-02-30")
    (True, False)
    """
    if _TIMESTAMP.fullmatch(text) is None:
        return False
    return text[8:10] <= "28" or _is_day(text[:10])  # only behind it the calendar has a say


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
