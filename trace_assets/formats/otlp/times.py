"""Times as a span wants them: ISO 8601 text as the log has it, or nanoseconds since 1970."""

from decimal import Decimal
from typing import Any

from trace_assets.spans import Time

_LONGEST = 30
"""Digits of a number that may still be a time."""

_UNITS = ((10**17, 1), (10**14, 10**3), (10**11, 10**6))
"""From which number on a time is in which unit, in nanoseconds; below, it is in seconds."""


def nanoseconds(value: Any) -> Time:
    """A time in OTLP's own fields: nanoseconds, as a number or as text.

    >>> nanoseconds("1767323045123456789"), nanoseconds(5), nanoseconds(None)
    (1767323045123456789, 5, None)
    """
    match value:
        case bool() | None:
            return None
        case int():
            return value
        case str() if _is_number(value):
            return int(value)
        case str():
            return value
        case _:
            return str(value)


def any_time(value: Any) -> Time:
    """A time in a dump: text, a number in a unit told by its size, or the JS SDK's pair.

    >>> any_time("2026-01-02T03:04:05Z"), any_time([1767323045, 500]), any_time(1767323045.25)
    ('2026-01-02T03:04:05Z', 1767323045000000500, 1767323045250000000)
    >>> any_time(1767323045123), any_time("1767323045123456")
    (1767323045123000000, 1767323045123456000)
    """
    match value:
        case [int(seconds), int(nanos)]:
            return seconds * 10**9 + nanos
        case str() if _is_number(value):
            return _scaled(Decimal(value))
        case bool():
            return str(value)
        case int() | float():
            return _scaled(Decimal(str(value)))
        case str() | None:
            return value
        case _:
            return str(value)


def microseconds(value: Any) -> int | None:
    """A time or duration of Jaeger as nanoseconds; None where it is none."""
    match value:
        case str() if _is_number(value):
            return int(value) * 1000
        case int() if not isinstance(value, bool):
            return value * 1000
        case _:
            return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _LONGEST


def _scaled(number: Decimal) -> int | str:
    if not number.is_finite() or abs(number) > Decimal(10) ** _LONGEST:
        return str(number)
    factor = next((factor for least, factor in _UNITS if number >= least), 10**9)
    return int(number * factor)
