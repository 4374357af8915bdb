"""Time in whole nanoseconds: no float comes near it."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from trace_assets.enrich.timing import time_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def nanoseconds(stamp: Any) -> int | None:
    """A log's time stamp in nanoseconds since 1970, or None where it names no moment.

    One without a zone counts as UTC, as every reader has to put it somewhere; `has_zone` tells.

    >>> nanoseconds("2026-01-02T03:04:05.123456789+01:00")
    1767319445123456789
    """
    moment = time_of(stamp)
    if moment is None:
        return None
    at = moment.at if moment.at.tzinfo else moment.at.replace(tzinfo=UTC)
    passed = at - _EPOCH
    microseconds = (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds
    return microseconds * 1_000 + moment.nanoseconds


def has_zone(stamp: Any) -> bool:
    """Whether a time stamp says its zone; one that names no moment lacks none."""
    moment = time_of(stamp)
    return moment is None or moment.at.tzinfo is not None


def between(start: Any, end: Any) -> int | None:
    """Nanoseconds from one stamp to another; None where they cannot be compared.

    >>> between("2026-01-02T10:00:00Z", "2026-01-02T10:00:00.000000001Z")
    1
    """
    first, last = nanoseconds(start), nanoseconds(end)
    if first is None or last is None or has_zone(start) != has_zone(end):
        return None
    return last - first


def from_seconds(seconds: float | None) -> int | None:
    """Seconds as a log's decimal number shows them, in nanoseconds.

    >>> from_seconds(1.001), int(1.001 * 1e9)
    (1001000000, 1000999999)
    """
    return None if seconds is None else int(Decimal(repr(seconds)).scaleb(9))


def wall_time(spans: Sequence[tuple[int | None, int | None]]) -> tuple[int | None, int | None]:
    """The first start, and the time from there to the last end, of pairs of start and duration.

    A step that has no duration ends, as far as is known, when it starts; one moment alone has no
    length. Steps inside one another count once: 50 ms with 20 ms of them in a child are 50 ms.

    >>> wall_time([(100, 50), (110, 20)]), wall_time([(100, None)])
    ((100, 50), (100, None))
    """
    known = [(start, duration) for start, duration in spans if start is not None]
    if not known:
        return None, None
    first = min(start for start, _ in known)
    length = max(start + max(duration or 0, 0) for start, duration in known) - first
    is_moment = not length and all(duration is None for _, duration in known)
    return first, None if is_moment else length


def placed_in_time(starts: Iterable[int | None]) -> list[int | None]:
    """The starts, with each unknown one as that of the step before it; all None if none is known.

    Readers put a step without a start behind all others, out of the order in which it happened.
    The first ones, which have none before them, get the first start that is known.
    """
    given = list(starts)
    last = next((start for start in given if start is not None), None)
    placed: list[int | None] = []
    for start in given:
        last = last if start is None else start
        placed.append(last)
    return placed
