"""The messages of a model call as pieces of a conversation; what is no message is kept and told."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal, cast

from trace_assets import chat
from trace_assets.spans.model import Defect, ModelCall, Span
from trace_assets.trace.build import encode

_Role = Literal["user", "assistant"]


class Messages:
    """Reads the messages of one conversation's model calls, each once.

    An agent sends the whole history with every call: its pieces are the same objects every time.
    """

    def __init__(self, defects: list[Defect]) -> None:
        self._defects = defects
        self._read: dict[tuple[_Role, object], list[chat.Piece]] = {}

    def pieces_of(self, span: Span, call: ModelCall) -> chat.ModelCall:
        """Read what a model was given and made.

        Text, parts, and messages that do not say whose they are, are the user's where the model was
        given them, and the model's where it made them.
        """
        inputs = self._all(call.inputs, "user", span, "/inputs")
        return chat.ModelCall(inputs, self._all(call.outputs, "assistant", span, "/outputs"))

    def _all(
        self, messages: Sequence[Any], role: _Role, span: Span, pointer: str
    ) -> list[chat.Piece]:
        pieces: list[chat.Piece] = []
        for number, message in enumerate(messages):
            pieces += self._pieces(message, role, span, f"{pointer}/{number}")
        return pieces

    def _pieces(self, message: Any, role: _Role, span: Span, pointer: str) -> Iterable[chat.Piece]:
        """The pieces of one message. An unknown one does not cost the trace the others."""
        if isinstance(message, list) and _are_pieces(cast("list[object]", message)):
            return cast("list[chat.Piece]", message)
        key = (role, _written(message))
        if (known := self._read.get(key)) is not None:
            return known
        try:
            self._read[key] = pieces = chat.pieces(message, role=role, pointer=pointer)
        except chat.UnknownMessageError as error:
            found = {"pointer": error.pointer, "found": str(error)}
            self._defects.append({"defect": "unknown_message", "span": span.id, **found})
            return [chat.Custom(role == "user", {"message": message}, {})]
        return pieces


def _written(message: Any) -> object:
    """What is equal for messages that are the same to the letter; 1 and true are not."""
    try:
        return encode(message)
    except (TypeError, ValueError, RecursionError):
        return object()


def _are_pieces(values: list[object]) -> bool:
    kinds = (chat.Said, chat.Called, chat.Answered, chat.Custom)
    return bool(values) and all(isinstance(value, kinds) for value in values)
