"""The entries of one session as a tree: the path to its newest entry, and the branches off it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

SIDE_KINDS = frozenset(("custom", "label", "session_info"))
"""Entries about the session: the conversation does not go on from them."""

KNOWN_ENTRIES = frozenset(
    (
        "session",
        "message",
        "custom_message",
        "model_change",
        "thinking_level_change",
        "compaction",
        "branch_summary",
        "context_transform",
        "ephemeral",
        *SIDE_KINDS,
    )
)
"""The types of entries that Pi writes, in versions 1 to 3."""


class Entry:
    """One entry of a session file. A long session has 100,000: slots, and no copies."""

    __slots__ = ("calls", "id", "is_linked", "is_message", "kind", "parent", "part", "value")

    def __init__(self, part: int, value: dict[str, Any]) -> None:
        self.part = part
        self.value = value
        kind = value.get("type")
        self.kind = kind if isinstance(kind, str) else ""
        own, parent = value.get("id"), value.get("parentId")
        self.id = own if isinstance(own, str) else ""
        self.parent = parent if isinstance(parent, str) else ""
        self.is_linked = bool(self.id) and "parentId" in value
        """False in version 1, where each entry follows the one before it."""
        self.is_message = is_message(value)
        self.calls = _calls_of(value)


def _calls_of(value: dict[str, Any]) -> tuple[str, ...]:
    """The ids of the calls in a message: in OpenClaw's sessions, results name one as parent."""
    match value:
        case {"message": {"role": "assistant", "content": [*blocks]}}:
            return tuple(filter(None, map(_call_id, blocks)))
        case _:
            return ()


def _call_id(block: Any) -> str:
    match block:
        case {"type": "toolCall", "id": str(own)}:
            return own
        case _:
            return ""


def is_message(value: dict[str, Any]) -> bool:
    """Whether an entry is a message that the model was given or wrote."""
    match value:
        case {"type": "message", "message": {"role": "branchSummary" | "compactionSummary"}}:
            return False
        case {"type": "message", "message": {"role": "assistant", "content": []}}:
            return False  # the call of the model failed before it wrote anything
        case {"type": "message", "message": {"role": str()}}:
            return True
        case {"type": "custom_message", "content": [_, *_]}:
            return True
        case {"type": "custom_message", "content": str(text)}:
            return bool(text)
        case _:
            return False


class Branch(NamedTuple):
    """Messages of an abandoned branch."""

    fork: int
    """The place of the last entry that the branch shares with the conversation; -1: none."""
    messages: list[Entry]


class Tree(NamedTuple):
    """A session divided into its conversation and the branches that left it."""

    is_active: list[bool]
    """By entry: whether it is on the path from the newest entry to the root."""
    branches: list[Branch]
    has_hole: bool
    """Whether an entry names a parent that is not in the file, after the first entry."""


def tree_of(entries: Sequence[Entry], session: str) -> Tree:
    """Find the path from the newest entry to the root. `session` is the session's own id."""
    parents, has_hole = _parents(entries, session)
    is_active = _path(entries, parents)
    branches: list[Branch] = []
    branch_of: dict[int, Branch] = {}
    for place, entry in enumerate(entries):
        if is_active[place]:
            continue
        parent = parents[place]
        branch = branch_of.get(parent)
        if branch is None and entry.is_message:
            branch = Branch(_active_above(parent, parents, is_active), [])
            branches.append(branch)
        if branch is not None:
            branch_of[place] = branch
            if entry.is_message:
                branch.messages.append(entry)
    return Tree(is_active, branches, has_hole)


def _parents(entries: Sequence[Entry], session: str) -> tuple[list[int], bool]:
    """The place of each entry's parent, -1 at a root; and whether a parent is missing.

    A parent is always an earlier entry. Entries that name the same missing parent are siblings:
    they follow the entry that stands before the first of them.
    """
    latest: dict[str, int] = {}
    calls: dict[str, int] = {}
    missing: dict[str, int] = {session: -1}
    parents: list[int] = []
    for place, entry in enumerate(entries):
        if not entry.is_linked:
            parents.append(place - 1)
        elif not entry.parent:
            parents.append(-1)
        elif (above := latest.get(entry.parent, calls.get(entry.parent))) is not None:
            parents.append(above)
        else:
            parents.append(missing.setdefault(entry.parent, place - 1))
        if entry.id:
            latest[entry.id] = place
        calls |= dict.fromkeys(entry.calls, place)
    return parents, any(place >= 0 for place in missing.values())


def _path(entries: Sequence[Entry], parents: Sequence[int]) -> list[bool]:
    """Which entries are on the path to the newest one; to the newest message if it has none."""
    newest = next((n for n in range(len(entries) - 1, -1, -1) if _goes_on(entries[n])), -1)
    path = _way_up(newest, parents)
    if not any(entries[place].is_message for place in path):
        newest = next((n for n in range(len(entries) - 1, -1, -1) if entries[n].is_message), -1)
        path = _way_up(newest, parents)
    is_active = [False] * len(entries)
    for place in path:
        is_active[place] = True
    return is_active


def _goes_on(entry: Entry) -> bool:
    """True if the conversation goes on from an entry. Unknown kinds are side notes."""
    return entry.kind in KNOWN_ENTRIES and entry.kind not in SIDE_KINDS


def _way_up(place: int, parents: Sequence[int]) -> list[int]:
    way: list[int] = []
    while place >= 0:
        way.append(place)
        place = parents[place]
    return way


def _active_above(place: int, parents: Sequence[int], is_active: Sequence[bool]) -> int:
    while place >= 0 and not is_active[place]:
        place = parents[place]
    return place
