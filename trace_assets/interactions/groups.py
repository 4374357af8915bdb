"""The session, user or conversation that a trace belongs to."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, cast

from trace_assets.interactions.model import Interaction, InteractionGroup

_KEYS = (
    ("session", ("session_id", "sessionId", "session.id", "langfuse.session.id")),
    (
        "conversation",
        (
            "conversation_id",
            "conversationId",
            "gen_ai.conversation.id",
            "thread_id",
            "threadId",
            "group_id",
            "groupId",
        ),
    ),
    ("user", ("user_id", "userId", "user.id", "langfuse.user.id", "user", "enduser.id")),
)
"""Under which names logs keep these ids; the narrowest kind of group counts."""

_INSIDE = ("metadata", "attributes", "trace")


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
        ids = (_id(found.get(name)) for found in objects for name in names)
        if (own := next(filter(None, ids), None)) is not None:
            return Group(own, kind)
    return Group(trace_id, "trace")


def _objects(place: Any) -> Iterator[dict[str, Any]]:
    if isinstance(place, dict):
        outer = cast("dict[str, Any]", place)
        yield outer
        for name in _INSIDE:
            if isinstance(inner := outer.get(name), dict):
                yield cast("dict[str, Any]", inner)


def _id(value: Any) -> str | None:
    match value:
        case bool():
            return None
        case str() if value:
            return value
        case int():
            return str(value)
        case _:
            return None


def grouped(interactions: Iterable[Interaction]) -> list[InteractionGroup]:
    """Interactions by their group, in the order in which each came first.

    One that names no group is a group by itself, under its own id.
    """
    members: dict[str, list[Interaction]] = {}
    for interaction in interactions:
        members.setdefault(interaction.group_id or interaction.id, []).append(interaction)
    return [InteractionGroup(id=name, interactions=found) for name, found in members.items()]
