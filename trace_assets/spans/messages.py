"""The messages of a model call as pieces of a conversation; what is no message is kept and told."""

from collections.abc import Iterator
from typing import Any, Literal, cast

from trace_assets import chat
from trace_assets.spans.model import Defect, ModelCall, Span


def pieces_of(span: Span, call: ModelCall, defects: list[Defect]) -> chat.ModelCall:
    """Read what a model was given and made.

    Text, parts, and messages that do not say whose they are, are the user's where the model was
    given them, and the model's where it made them.
    """
    inputs = [
        piece
        for number, message in enumerate(call.inputs)
        for piece in _pieces(message, "user", span, f"/inputs/{number}", defects)
    ]
    outputs = [
        piece
        for number, message in enumerate(call.outputs)
        for piece in _pieces(message, "assistant", span, f"/outputs/{number}", defects)
    ]
    return chat.ModelCall(inputs, outputs)


def _pieces(
    message: Any,
    role: Literal["user", "assistant"],
    span: Span,
    pointer: str,
    defects: list[Defect],
) -> Iterator[chat.Piece]:
    """The pieces of one message. One that no dialect knows does not cost the trace the others."""
    if isinstance(message, list) and _are_pieces(cast("list[object]", message)):
        yield from cast("list[chat.Piece]", message)
        return
    try:
        yield from chat.pieces(message, role=role, pointer=pointer)
    except chat.UnknownMessageError as error:
        found = {"pointer": error.pointer, "found": str(error)}
        defects.append({"defect": "unknown_message", "span": span.id, **found})
        yield chat.Custom(role == "user", {"message": message}, {})


def _are_pieces(values: list[object]) -> bool:
    kinds = (chat.Said, chat.Called, chat.Answered, chat.Custom)
    return bool(values) and all(isinstance(value, kinds) for value in values)
