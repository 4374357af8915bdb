"""What messages say about their places in a tree: their ids, their parents, their children."""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

from trace_assets import vocabulary
from trace_assets.chatlogs import facts

_PARENT = (
    "parent_id",
    "parentId",
    "parent_message_id",
    "parentMessageId",
    "parent_uuid",
    "parentUuid",
    "previous_message_id",
    "previousMessageId",
    "parent",
)
_ANSWERED = ("in_reply_to", "inReplyTo", "reply_to", "replyTo", "reply_to_id", "replyToId")
"""The names of the message that a message answers: its parent if all but the first have one."""
_OWN = ("id", "message_id", "messageId", "msg_id", "uuid", "_id")
_LINKS = frozenset((*_PARENT, *_ANSWERED, "children"))
"""One of these keys is in messages that can be a tree."""


class Node(NamedTuple):
    """What a message says about its place."""

    own: str | None
    parent: str | None
    speaker: str | None
    """`user`, `assistant`, `system`, `developer` or `tool`."""
    stamp: str | None
    """When it was written."""


def nodes_of(messages: Sequence[Any]) -> list[Node]:
    """What messages, or the messages inside of records, say about their places.

    >>> said = [{"role": "user", "id": 1, "children": [2]}, {"role": "assistant", "id": 2}]
    >>> [node.parent for node in nodes_of(said)]
    [None, '1']
    """
    each = [_fields(message) for message in messages]
    nodes = [_node(fields, _PARENT) for fields in each]
    if any(node.parent for node in nodes):
        return nodes
    answers = [_node(fields, _ANSWERED) for fields in each]
    if len(answers) > 1 and all(node.parent for node in answers[1:]):
        return answers
    above = _above(each, nodes)
    return [node._replace(parent=above.get(node.own)) if node.own else node for node in nodes]


def _fields(message: Any) -> dict[str, Any]:
    match message:
        case {"message": {"role": _} as inner, **outer}:
            return {**cast("dict[str, Any]", inner), **cast("dict[str, Any]", outer)}
        case {**found}:
            return cast("dict[str, Any]", found)
        case _:
            return {}


def _node(own: dict[str, Any], names: Sequence[str]) -> Node:
    word = own.get("role", own.get("from"))
    speaker = "tool" if vocabulary.is_tool(word) else vocabulary.role(word)
    parent = vocabulary.find_id(own, names)
    return Node(vocabulary.find_id(own, _OWN), parent, speaker, facts.time_of(own))


def _above(each: Sequence[dict[str, Any]], nodes: Sequence[Node]) -> dict[str, str]:
    """The parents of messages, where the parents name their children."""
    found: dict[str, str] = {}
    for fields, node in zip(each, nodes, strict=True):
        match fields.get("children"):
            case [*children] if node.own is not None:
                names = (vocabulary.find_id({"id": child}, ("id",)) for child in children)
                found |= {name: node.own for name in names if name is not None}
            case _:
                pass
    return found


def have_links(messages: Sequence[Any]) -> bool:
    """True if a message names a parent, children or what it answers. Most logs do not."""
    for message in messages:
        match message:
            case {"message": {**inner}} if not _LINKS.isdisjoint(inner):
                return True
            case {**own} if not _LINKS.isdisjoint(own):
                return True
            case _:
                pass
    return False
