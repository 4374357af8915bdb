"""Messages that name their parents: the path of the conversation, and the other branches.

Source: exports of chat programs that keep rewound turns and regenerated answers, such as those of
llama.cpp's web UI; https://huggingface.co/datasets/OpenAssistant/oasst1.

The conversation is the path from the marked leaf to the root, or else from the newest leaf.
Siblings are not always branches: the results of parallel calls, and the answers of one turn that
each follow the tool result before them, are one conversation in the order of the log.
"""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple, cast

from trace_assets import chat, vocabulary
from trace_assets.chat import UnknownMessageError
from trace_assets.chatlogs.nodes import Node, have_links, nodes_of
from trace_assets.chatlogs.shapes import decoded, messages_key
from trace_assets.spans.times import zones_agree
from trace_assets.trace import marks, moment

_MARKED = ("currNode", "current_node", "currentNode", "currentId", "current_message_id", "leaf_id")
"""The names of the leaf that the user looked at last."""
_HEADER = ("conv", "conversation", "history", "session")
"""The keys of an object beside the messages that can hold this name."""


class Tree(NamedTuple):
    """Positions of messages."""

    path: list[int]
    """The conversation, from its first message to its last."""
    branches: list[list[int]]
    """The others, by the message at which each branch begins."""


def tree_of(nodes: Sequence[Node], marked: str | None = None) -> Tree | None:
    """The path and the branches of messages; None where no message names another as its parent.

    Raises:
        UnknownMessageError: several messages begin the conversation, or the parents form a circle.
    """
    places = {node.own: place for place, node in enumerate(nodes) if node.own is not None}
    linked = [places.get(node.parent) if node.parent else None for node in nodes]
    named = sum(node.own is not None for node in nodes)
    if len(places) < named or all(parent is None for parent in linked):
        return None
    parents = _joined(nodes, linked)
    leaf = places.get(marked) if marked is not None else None
    _refuse_circles(parents)
    if leaf is None:
        roots = [place for place, parent in enumerate(parents) if parent is None]
        if len(roots) > 1:
            raise UnknownMessageError(
                "", f"{len(roots)} messages without a parent: which one begins is not said"
            )
        leaf = _newest(nodes, set(range(len(nodes))) - set(parents))
    path = _path(leaf, parents)
    return Tree(path, _branches(parents, set(path)))


def _joined(nodes: Sequence[Node], linked: Sequence[int | None]) -> list[int | None]:
    """The parents, where what goes on after a tool's result follows this result."""
    parents = _without_ids(nodes, linked)
    turn: set[int] = set()
    results: dict[int | None, int] = {}
    for place, node in enumerate(nodes):
        if node.speaker == "user":
            turn = set()
        elif place and nodes[place - 1].speaker == "tool" and linked[place] in turn:
            parents[place] = place - 1
        elif node.speaker != "tool":
            parents[place] = results.get(parents[place], parents[place])
        if node.speaker == "tool" and parents[place] is not None:
            results[parents[place]] = place
        turn.add(place)
    return parents


def _without_ids(nodes: Sequence[Node], linked: Sequence[int | None]) -> list[int | None]:
    """The parents, where a message without an id and a parent follows the message before it.

    What follows the first instructions has them as parents.
    """
    parents = list(linked)
    for place in range(1, len(nodes)):
        if nodes[place].own is None and parents[place] is None:
            parents[place] = place - 1
    for place in range(1, len(nodes)):
        if nodes[place - 1].speaker not in ("system", "developer"):
            break
        if parents[place] is None:
            parents[place] = place - 1
    return parents


def _refuse_circles(parents: Sequence[int | None]) -> None:
    seen: set[int] = set()
    for start in range(len(parents)):
        way: set[int] = set()
        place: int | None = start
        while place is not None and place not in seen:
            if place in way:
                raise UnknownMessageError("", "the parents of the messages form a circle")
            way.add(place)
            place = parents[place]
        seen |= way


def _newest(nodes: Sequence[Node], leaves: Collection[int]) -> int:
    """The leaf that was written last: by time if all say it, else by place."""
    stamps = {leaf: stamp for leaf in leaves if (stamp := nodes[leaf].stamp) is not None}
    if len(stamps) < len(leaves) or not zones_agree(list(stamps.values())):
        return max(leaves)
    return max(leaves, key=lambda leaf: (moment(stamps[leaf]), leaf))


def _path(leaf: int, parents: Sequence[int | None]) -> list[int]:
    path: list[int] = []
    place: int | None = leaf
    while place is not None:
        path.append(place)
        place = parents[place]
    return path[::-1]


def _branches(parents: Sequence[int | None], path: Collection[int]) -> list[list[int]]:
    """The messages that are not on the path, by the place where each branch begins."""
    found: dict[int, list[int]] = {}
    starts: dict[int, int] = {}
    for place in range(len(parents)):
        if place in path:
            continue
        way = [place]
        while (above := parents[way[-1]]) is not None and above not in path:
            if above in starts:
                break
            way.append(above)
        start = starts.get(above, way[-1]) if above is not None else way[-1]
        starts |= dict.fromkeys(way, start)
        found.setdefault(start, []).append(place)
    return list(found.values())


def marked_leaf(record: Any) -> str | None:
    """The leaf that a record, or an object beside its messages, marks."""
    if not isinstance(record, dict):
        return None
    given = cast("dict[str, Any]", record)
    each = (vocabulary.find_id(layer, _MARKED) for layer in (given, *map(given.get, _HEADER)))
    return next((leaf for leaf in each if leaf is not None), None)


def is_header(value: Any) -> bool:
    """True if a record names a conversation and its marked leaf, and its messages are elsewhere."""
    match value:
        case {"type": "session", "id": str(), **rest} if "role" not in rest:
            return marked_leaf(rest) is not None
        case _:
            return False


def without_branches(record: dict[str, Any]) -> tuple[dict[str, Any], list[list[Any]]]:
    """Split a record: one with only the conversation in its messages, and the other branches.

    Raises:
        UnknownMessageError: which of the messages are the conversation is not said.
    """
    key = messages_key(record)
    messages = decoded(record[key]) if key is not None else None
    if key is None or not isinstance(messages, list) or not have_links(messages):
        return record, []
    each = cast("list[Any]", messages)
    tree = tree_of(nodes_of(each), marked_leaf(record))
    if tree is None or tree.path == list(range(len(each))):
        return record, []
    kept = [each[place] for place in tree.path]
    return {**record, key: kept}, [[each[place] for place in branch] for branch in tree.branches]


def tags_of(branches: Sequence[Sequence[Any]]) -> list[str]:
    """The tags of a conversation with such branches: one with calls never leaves without a mark."""
    has_calls = any(_calls(message) for branch in branches for message in branch)
    return [marks.BRANCH_WITH_CALLS] if has_calls else []


def _calls(message: Any) -> bool:
    try:
        return any(isinstance(piece, chat.Called) for piece in chat.pieces(message))
    except UnknownMessageError:
        return False
