"""Kinds: the record types, event names, block types and roles that a format knows.

A format declares them as `Kinds`. What a record has and the format does not know is counted, so
that a new release of a tool is noticed with the first log that has something new.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Set
from typing import Any, NamedTuple, cast

_LABEL_CHARS = 80
_LABELS = 200
OTHERS = "others"
"""The label for all further kinds, where a file has too many of them to list."""


class Kinds(NamedTuple):
    """The kinds that a format knows, and where they are in a record."""

    known: Set[str]
    of: Callable[[Any], Iterable[str]]
    """Yields the kinds that a record's value has, such as `user`, `queue-operation/enqueue`,
    `block/tool_use`. It is called before the record is converted, and must not change it."""


def unknown_in(value: Any, kinds: Kinds) -> tuple[str, ...]:
    """The kinds of a record that its format does not know, each as often as it is there."""
    known = kinds.known
    return tuple([label for label in kinds.of(value) if label not in known])


def count_kinds(counts: Counter[str], unknown: Iterable[str]) -> None:
    """Add unknown kinds to the counts of a file, which stay bounded."""
    for label in unknown:
        name = label if len(label) <= _LABEL_CHARS else f"{label[:_LABEL_CHARS]}..."
        counts[name if name in counts or len(counts) < _LABELS else OTHERS] += 1


def at(value: Any, path: tuple[str, ...]) -> list[Any]:
    """The values under a path of keys; `*` is every element of a list.

    >>> at({"message": {"content": [{"type": "text"}, 5]}}, ("message", "content", "*", "type"))
    ['text']
    """
    found: list[Any] = [value]
    for key in path:
        if key == "*":
            lists = [cast("list[Any]", part) for part in found if isinstance(part, list)]
            found = [each for part in lists for each in part]
        else:
            found = [part[key] for part in found if type(part) is dict and key in part]
    return found


def texts_at(value: Any, path: tuple[str, ...], prefix: str = "") -> list[str]:
    """The strings under a path, each after a prefix."""
    return [prefix + each for each in at(value, path) if isinstance(each, str)]
