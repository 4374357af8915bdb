"""The session, user or conversation that a trace belongs to."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, cast

from trace_assets import vocabulary
from trace_assets.interactions.model import Interaction, InteractionGroup

_KEYS = (
    ("session", vocabulary.SESSION),
    ("conversation", vocabulary.CONVERSATION),
    ("user", vocabulary.USER),
)
"""Under which names logs keep these ids; the narrowest kind of group counts."""

_INSIDE = ("metadata", "attributes", "trace", "span", "extra", "info", *vocabulary.TRACE_METADATA)
"""Keys of the objects that may hold these ids."""
_DEEPEST = 3


class Group(NamedTuple):
    """What several interactions have in common."""

    id: str
    kind: str
    """`session`, `conversation`, `user`, or `trace` where the log names none of them."""


def group_of(places: Iterable[Any], *, trace_id: str) -> Group:
    """The group that a log names in one of several places; else the trace groups its turns.

    >>> group_of([{"metadata": {"user_id": 7, "session_id": "s"}}], trace_id="t")
    Group(id='s', kind='session')
    """
    objects = [each for place in places for each in _objects(place)]
    for kind, names in _KEYS:
        ids = (vocabulary.find_id(found, names) for found in objects)
        if (own := next(filter(None, ids), None)) is not None:
            return Group(own, kind)
    return Group(trace_id, "trace")


def _objects(place: Any) -> Iterator[dict[str, Any]]:
    """A place and the objects inside that may hold ids, outer ones first."""
    level: list[Any] = [place]
    for _ in range(_DEEPEST):
        inner: list[Any] = []
        for each in level:
            if isinstance(each, list):  # pairs of a key and a value
                yield dict(_pairs(cast("list[Any]", each)))
            elif isinstance(each, dict):
                outer = cast("dict[str, Any]", each)
                yield outer
                inner += (outer[name] for name in _INSIDE if name in outer)
        level = inner


def _pairs(each: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    for pair in each:
        match pair:
            case {"key": str(key), "value": value}:
                yield key, value
            case _:
                pass


def grouped(interactions: Iterable[Interaction]) -> list[InteractionGroup]:
    """Interactions by their group, in the order in which each came first.

    One that names no group is a group by itself, under its own id.
    """
    members: dict[str, list[Interaction]] = {}
    for interaction in interactions:
        members.setdefault(interaction.group_id or interaction.id, []).append(interaction)
    return [InteractionGroup(id=name, interactions=found) for name, found in members.items()]
