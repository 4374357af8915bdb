"""The messages of one thread: tokens at the items that they were used for, and rollbacks."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from trace_assets import chat
from trace_assets.chat import Piece, Said
from trace_assets.formats.codex.items import is_made
from trace_assets.formats.codex.tokens import Usage, added

_CONTEXT = (
    "<environment_context>",
    "<user_instructions>",
    "# AGENTS.md instructions",
    "<INSTRUCTIONS>",
    "<skill>",
    "<user_shell_command>",
    "<turn_aborted>",
    "<subagent_notification>",
)
"""How messages begin that Codex puts under the user's role by itself: they are no turns."""


class RolledBack(NamedTuple):
    """Turns that were taken back."""

    size: int
    """How many items the thread had left."""
    turns: int
    messages: list[list[Piece]]


class Thread:
    """The messages of a thread, in their order."""

    def __init__(self) -> None:
        self.messages: list[list[Piece]] = []
        self.size = 0
        """How many items the messages are."""
        self.rolled_back: list[RolledBack] = []
        self._counted = 0
        """How many messages there were when tokens were counted last."""
        self._pending: Usage | None = None
        """Tokens of a call of which no item is there yet."""

    def say(self, pieces: list[Piece]) -> None:
        """Add a message."""
        self.messages.append(pieces)
        self.size += len(pieces)
        if self._pending is not None and self._put(self._pending):
            self._pending = None

    def count(self, used: Usage) -> None:
        """Note what a model call used, at the last item that it made.

        A count that comes before all items of its call waits for the next item.
        """
        if not self._put(used):
            self._pending = added(self._pending, used)

    def _put(self, used: Usage) -> bool:
        for number in range(len(self.messages) - 1, self._counted - 1, -1):
            pieces = self.messages[number]
            for place in range(len(pieces) - 1, -1, -1):
                piece = pieces[place]
                if is_made(piece) and "usage" not in piece.rest:
                    pieces[place] = piece._replace(rest={**piece.rest, "usage": used})
                    self._counted = len(self.messages)
                    return True
        return False

    def end(self) -> None:
        """Add tokens that still wait for an item to the last one that the model made."""
        if self._pending is None or not self.messages:
            return
        made = [pieces for pieces in self.messages if any(map(is_made, pieces))]
        pieces = made[-1] if made else self.messages[-1]
        place = max((n for n, each in enumerate(pieces) if is_made(each)), default=-1)
        rest = pieces[place].rest
        usage = added(rest.get("usage"), self._pending)
        pieces[place] = pieces[place]._replace(rest={**rest, "usage": usage})

    def roll_back(self, turns: int) -> None:
        """Take the last turns out. A turn begins with a message that the user wrote."""
        starts = [n for n, each in enumerate(self.messages) if _begins_turn(each)]
        if turns < 1 or not starts:
            return
        cut = starts[-turns] if turns < len(starts) else starts[0]
        while turns < len(starts) and _is_context(self.messages[cut - 1]):
            cut -= 1
        dropped = self.messages[cut:]
        del self.messages[cut:]
        self.size -= sum(map(len, dropped))
        self._counted = min(self._counted, cut)
        self.rolled_back.append(RolledBack(self.size, min(turns, len(starts)), dropped))

    def items(self, trace_id: str) -> list[dict[str, Any]]:
        """The items of the thread."""
        return items_of(self.messages, trace_id)

    def branches(self, trace_id: str) -> list[dict[str, Any]]:
        """The turns that were taken back, each time with the item after which they began."""
        return [
            {
                "after": f"{trace_id}:{size - 1}" if size else None,
                "rolled_back_turns": turns,
                "items": items_of(messages, f"{trace_id}/branch{number + 1}"),
            }
            for number, (size, turns, messages) in enumerate(self.rolled_back)
        ]


def items_of(messages: Sequence[list[Piece]], trace_id: str) -> list[dict[str, Any]]:
    """Messages as items."""
    conversation = chat.Conversation(trace_id)
    for pieces in messages:
        conversation.add(*pieces)
    return conversation.items()


def _begins_turn(pieces: Sequence[Piece]) -> bool:
    match pieces:
        case [Said(role="user"), *_]:
            return not _is_context(pieces)
        case _:
            return False


def _is_context(pieces: Sequence[Piece]) -> bool:
    """Whether Codex itself wrote a message for the model."""
    match pieces:
        case [Said(role="developer"), *_]:
            return True
        case [Said(role="user", parts=[{"text": str(text)}, *_]), *_]:
            return text.lstrip().startswith(_CONTEXT)
        case _:
            return False
