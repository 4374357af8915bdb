"""Typed values out of a span as its log has it.

What is of the right type is taken out of the dict; what is not stays in it, and so in the residue.
"""

from typing import Any

from trace_assets.spans.model import Time

_SCALES = ((10**17, 1), (10**14, 1_000), (10**11, 1_000_000), (0, 1_000_000_000))
"""From which size on a count is one of nanoseconds, microseconds, milliseconds or seconds, and how
many nanoseconds one of it has."""


def take_id(rest: dict[str, Any], *keys: str) -> str | None:
    """Take the first id that is there, a number as text; one that says nothing is gone.

    >>> rest = {"parent_id": None, "id": 7, "other": []}
    >>> take_id(rest, "id"), take_id(rest, "parent_id"), take_id(rest, "other"), rest
    ('7', None, None, {'other': []})
    """
    for key in keys:
        match rest.get(key, rest):
            case str() | None as text:
                del rest[key]
                if text:
                    return text
            case bool():
                pass
            case int() as number:
                del rest[key]
                return str(number)
            case _:
                pass
    return None


def take_text(rest: dict[str, Any], key: str) -> str | None:
    """Take a text that is not empty."""
    return rest.pop(key) if isinstance(rest.get(key), str) and rest[key] else None


def take_dict(rest: dict[str, Any], key: str) -> dict[str, Any]:
    """Take an object; an empty one where there is none."""
    return rest.pop(key) if isinstance(rest.get(key), dict) else {}


def take_time(rest: dict[str, Any], *keys: str) -> Time:
    """Take the first time that is there: text, or a count since 1970.

    Logs count in seconds, or in thousandths, millionths or billionths of them, and do not say so;
    which it is shows in the size of any time between 1973 and 5000.

    >>> take_time({"start": 1767323045123}, "start"), take_time({"at": "1767323045"}, "at")
    (1767323045123000000, 1767323045000000000)
    >>> take_time({"end": "2026-01-02T03:04:05Z"}, "start", "end")
    '2026-01-02T03:04:05Z'
    """
    for key in keys:
        match rest.get(key, rest):
            case bool():
                pass
            case str() as text if text.isdecimal() and len(text) < 30:
                del rest[key]
                return _nanoseconds(int(text))
            case int() as count:
                del rest[key]
                return _nanoseconds(count)
            case str() | None as text:
                del rest[key]
                if text:
                    return text
            case _:
                pass
    return None


def _nanoseconds(count: int) -> int:
    scale = next((scale for least, scale in _SCALES if count >= least), 1)
    return count * scale
