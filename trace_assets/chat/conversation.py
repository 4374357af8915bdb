"""Pieces as the items of a trace, with their ids."""

from collections.abc import Iterable
from typing import Any

from trace_assets.chat import blocks
from trace_assets.chat.matching import Calls
from trace_assets.chat.message import pieces_of
from trace_assets.chat.piece import Answered, Called, Custom, Piece, Said
from trace_assets.trace import build

_CUSTOM = frozenset(("type", "id", "content"))
_OWN = frozenset(("type", "status", "role"))


class Conversation:
    """The items of one trace, collected message by message.

    Which call ids repeat is known at the end only: items are made when all has been added.
    """

    def __init__(self, trace_id: str) -> None:
        self.trace_id = trace_id
        self._pieces: list[Piece] = []
        self._message_of: list[int] = []
        self._messages = 0

    def add(self, *pieces: Piece) -> range:
        """Add the pieces of one message, and return the indices of their items."""
        begin = len(self._pieces)
        self._pieces += pieces
        self._message_of += [self._messages] * len(pieces)
        self._messages += 1
        return range(begin, len(self._pieces))

    def extend(self, messages: Iterable[Any], pointer: str = "") -> range:
        """Add messages of any dialect, and return the indices of their items.

        Raises:
            UnknownMessageError: one of them is no message; its place begins with the pointer.
        """
        begin = len(self._pieces)
        for pieces in pieces_of(messages, pointer=pointer):
            self.add(*pieces)
        return range(begin, len(self._pieces))

    def items(self) -> list[dict[str, Any]]:
        """The items: one per piece, in order, with the id `<trace_id>:<index>`."""
        calls = Calls(piece for piece in self._pieces if isinstance(piece, Called))
        return [
            _with_status(_item(piece, f"{self.trace_id}:{index}", calls, message))
            for index, (piece, message) in enumerate(
                zip(self._pieces, self._message_of, strict=True)
            )
        ]


def items_of(trace_id: str, pieces: Iterable[Piece]) -> list[dict[str, Any]]:
    """The items of pieces that are a message each."""
    conversation = Conversation(trace_id)
    for piece in pieces:
        conversation.add(piece)
    return conversation.items()


def _item(piece: Piece, item_id: str, calls: Calls, message: int) -> dict[str, Any]:
    match piece:
        case Said(role, parts, rest):
            calls.interrupted()
            return build.message(item_id, role, parts, _told(rest, "message", role))
        case Called(original_id, name, arguments, rest):
            return build.function_call(
                item_id,
                calls.called(piece, item_id, message),
                name=name,
                arguments=build.json_text(arguments),
                original_call_id=original_id,
                rest=_told(rest, "function_call"),
            )
        case Answered(original_id, name, output, is_error, rest):
            return build.function_call_output(
                item_id,
                calls.answered(piece, item_id),
                output=blocks.output(output),
                is_error=is_error,
                original_call_id=original_id,
                rest=_told(_named(name, rest), "function_call_output"),
            )
        case Custom(is_input, content, rest):
            calls.interrupted()
            kind = "custom_task_input_message" if is_input else "custom_task_output_message"
            own = {"type": kind, "id": item_id, "content": content}
            return own | build.beside(rest, _CUSTOM)


_UNFINISHED = ("incomplete", "in_progress")


def _with_status(item: dict[str, Any]) -> dict[str, Any]:
    """An item with the status of the log, where that says that the item is not complete."""
    if item.get("original_status") in _UNFINISHED and item["type"] in ("message", "function_call"):
        item["status"] = item.pop("original_status")
    return item


def _named(name: str | None, rest: dict[str, Any]) -> dict[str, Any]:
    """The residue of a result behind the tool's name, if the log repeats it."""
    return rest if name is None else build.joined({"name": name}, rest, prefix="original_")


def _told(rest: dict[str, Any], kind: str, role: str | None = None) -> dict[str, Any]:
    """The residue without what the item itself says in the same words."""
    if _OWN.isdisjoint(rest):
        return rest
    own = {"type": kind, "status": "completed", "role": role}
    return {key: value for key, value in rest.items() if own.get(key, rest) != value}
