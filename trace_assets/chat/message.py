"""One message of any dialect as neutral pieces."""

from collections.abc import Iterable, Iterator
from typing import Any

from trace_assets.chat.piece import Piece, UnknownMessageError, sketch
from trace_assets.chat.turn import turn
from trace_assets.trace.build import Json


def pieces(message: Any, *, role: str | None = None, pointer: str = "") -> list[Piece]:
    """One message of any dialect as neutral pieces; never none.

    Every scalar of the message is in the pieces: mapped, or in the `rest` of the piece that it
    belongs to, under its own key.

    Args:
        message: as decoded from JSON; it is not changed, and the pieces share its parts.
        role: whose it is where the message does not say; then it may be text or a list of parts.
        pointer: where the message is, for errors.

    Raises:
        UnknownMessageError: the value is no message in any dialect.
    """
    value: Json = message
    match value:
        case {"role": str(word), **rest}:
            return turn(word, rest, pointer)
        case str() | list() if role is not None:
            return turn(role, {"content": value}, pointer)
        case dict() if role is not None:
            return turn(role, value, pointer)
        case _:
            raise UnknownMessageError(pointer, f"expected a message, found {sketch(value)}")


def pieces_of(messages: Iterable[Any], *, pointer: str = "") -> Iterator[list[Piece]]:
    """The pieces of each message of a list, whose own place is the pointer."""
    for position, message in enumerate(messages):
        yield pieces(message, pointer=f"{pointer}/{position}")
