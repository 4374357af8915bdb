"""NaN and Infinity, which Inspect writes for scores and metrics that are no number.

JSON has neither, so reading refuses a record with one. Here it is read with null in their place,
and each place is told, as for any other value that a trace cannot hold.
"""

import json
from typing import Any, cast

import msgspec

from trace_assets.reading import Broken, Context, Item, Record, Repair
from trace_assets.trace import build


class _Constant:
    """One of them, as long as its place is not known."""

    def __init__(self, word: str) -> None:
        self.word = word


class _Unusable(ValueError):  # noqa: N818  # it never leaves this file
    """A record that is broken in another way too."""


def repaired(broken: Broken) -> Item:
    """The record, or what is said around records, that nothing but such words broke."""
    if broken.reason != "not_json":
        return broken
    try:
        value = json.loads(broken.raw, parse_constant=_Constant, object_pairs_hook=_object)
        value, repairs = _without_constants(value)
        build.encode(value)
    except (ValueError, TypeError, RecursionError, msgspec.MsgspecError):
        return broken
    key = broken.place.fragment
    if "/" in key or key.isdecimal():
        return Record(broken.place, value, broken.raw, repairs)
    return Context(broken.place.file, f"/{key}", broken.raw, value, repairs)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Unusable("a key stands twice")
    return found


def _without_constants(value: Any) -> tuple[Any, tuple[Repair, ...]]:
    holder: dict[str, Any] = {"": value}
    repairs: list[Repair] = []
    pending: list[tuple[Any, str]] = [(holder, "")]
    while pending:
        container, pointer = pending.pop()
        for key, each in _entries(container):
            place = f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
            if isinstance(each, _Constant):
                container[key] = None
                repairs.append(Repair(place.removeprefix("/"), each.word))
            elif isinstance(each, dict | list):
                pending.append((cast("Any", each), place))
    return holder[""], tuple(sorted(repairs))


def _entries(container: Any) -> list[tuple[Any, Any]]:
    if isinstance(container, dict):
        return [*cast("dict[str, Any]", container).items()]
    return [*enumerate(cast("list[Any]", container))]
