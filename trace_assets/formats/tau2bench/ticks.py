"""The ticks of a voice run as the messages of a text run.

In a full-duplex run `messages` is null: both sides speak in pieces, one piece per tick. A piece
names its utterance; all pieces of one utterance are one message, at the place of the first piece.
"""

from collections.abc import Iterator
from typing import Any, cast

from trace_assets.formats import UnknownShapeError
from trace_assets.trace import build
from trace_assets.trace.build import Json

_SIDES = (("agent", "assistant"), ("user", "user"))
"""The prefix of a side's keys in a tick, and its role."""


def messages_of(ticks: list[Json]) -> list[Json]:
    """Return the messages of a voice run, in the order in which they begin.

    The ticks are used up: texts, calls and results are taken out of them, all else stays.

    Raises:
        UnknownShapeError: a tick or one of its pieces has an unknown shape.
    """
    spoken = _Spoken()
    for number, tick in enumerate(ticks):
        if not isinstance(tick, dict):
            message = f"expected a tick, found {build.sketch(tick)}"
            raise UnknownShapeError(f"/ticks/{number}", message)
        for prefix, role in _SIDES:
            spoken.add_piece(role, tick.get(f"{prefix}_chunk"), f"/ticks/{number}/{prefix}_chunk")
            spoken.add_tools(role, *_tools_of(tick, prefix))
    return spoken.messages


class _Spoken:
    """The messages so far, and which of them can get further pieces."""

    def __init__(self) -> None:
        self.messages: list[Json] = []
        self.utterances: dict[tuple[str, str], dict[str, Any]] = {}
        """Messages by role and utterance id."""
        self.called: set[tuple[str, str]] = set()
        """Calls by role and id: a tick can have a call twice, in its piece and in its list."""

    def add_piece(self, role: str, piece: Json, pointer: str) -> None:
        """Add what one side says in one tick. A piece without text adds nothing."""
        match piece:
            case None:
                return
            case {"content": str(text)} if text.strip():
                del piece["content"]
                self._message_of(role, piece)["content"] += text
            case {"content": str() | None} | {"content": []}:
                pass
            case _:
                message = f"expected a piece with text, found {build.sketch(piece)}"
                raise UnknownShapeError(pointer, message)
        calls = piece.get("tool_calls")
        if isinstance(calls, list) and calls:
            del piece["tool_calls"]
            self.add_tools(role, cast("list[Any]", calls), [])

    def _message_of(self, role: str, piece: dict[str, Any]) -> dict[str, Any]:
        names = [name for name in piece.get("utterance_ids") or () if isinstance(name, str)]
        known = [self.utterances[role, name] for name in names if (role, name) in self.utterances]
        message: dict[str, Any] | None = known[-1] if known else self._continued(role, names)
        if message is None:
            message = {"role": role, "content": ""}
            message |= {key: piece[key] for key in ("timestamp",) if piece.get(key) is not None}
            self.messages.append(message)
        if names:
            earlier: list[str] = message.get("utterance_ids", [])
            message["utterance_ids"] = [*dict.fromkeys([*earlier, *names])]
        self.utterances.update(((role, name), message) for name in names)
        return message

    def _continued(self, role: str, names: list[str]) -> dict[str, Any] | None:
        """The last message, if it is of the same side and neither it nor the piece is named."""
        last = self.messages[-1] if self.messages else None
        match last:
            case {"role": said_by, "content": str()} if said_by == role and not names:
                return None if "utterance_ids" in last or "tool_calls" in last else last
            case _:
                return None

    def add_tools(self, role: str, calls: list[Any], results: list[Any]) -> None:
        """Add the calls of one side as one message, and a message for each result."""
        new = [call for call in calls if self._is_new(role, call)]
        if new:
            self.messages.append({"role": role, "content": None, "tool_calls": new})
        self.messages += results

    def _is_new(self, role: str, call: Any) -> bool:
        match call:
            case {"id": str(own)} if own:
                is_new = (role, own) not in self.called
                self.called.add((role, own))
                return is_new
            case _:
                return True


def _tools_of(tick: dict[str, Any], prefix: str) -> Iterator[list[Any]]:
    """Take the calls of a side out of a tick, then its results."""
    for key in (f"{prefix}_tool_calls", f"{prefix}_tool_results"):
        match tick.get(key):
            case [*found]:
                del tick[key]
                yield found
            case _:
                yield []
