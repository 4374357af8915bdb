"""The messages of every chat API as trace items: one place, so that formats stay small.

    conversation = chat.Conversation(trace_id)
    conversation.extend(record["messages"], "/messages")
    trace = {"FORMAT": "open_responses", "items": conversation.items(), ...}

A message of any dialect, told by its structure, becomes pieces: `Said`, `Called`, `Answered`,
`Custom`. Each piece is one item, so that indices of pieces are indices of items. What no piece
has a field for is in its `rest`, and so in extra keys of the item; content that the Trace model has
no part for stays under the log's own key, which on a message item reads `original_content`.

Where a log repeats the history with every model call, `fold` tells each utterance once; what a call
was given and made may be a whole request or response, which `unwrap` opens:

    given = chat.unwrap(span.input, role="user", pointer="/input")
    made = chat.unwrap(span.output, role="assistant", pointer="/output")
    folded = chat.fold([chat.ModelCall(given.pieces, made.pieces), ...])
    items = chat.items_of(trace_id, folded.pieces)

Reasoning is an assistant message of its own, before what follows from it: inside the answer's
message its text would be part of what the assistant said to every reader of the trace.
"""

from trace_assets.chat.conversation import Conversation, items_of
from trace_assets.chat.history import Folded, FoldedCall, ModelCall, fold
from trace_assets.chat.message import pieces, pieces_of, read
from trace_assets.chat.piece import (
    Answered,
    Called,
    Custom,
    Piece,
    Role,
    Said,
    UnknownMessageError,
    with_rest,
)
from trace_assets.chat.wrapping import Unwrapped, unwrap

__all__ = [
    "Answered",
    "Called",
    "Conversation",
    "Custom",
    "Folded",
    "FoldedCall",
    "ModelCall",
    "Piece",
    "Role",
    "Said",
    "UnknownMessageError",
    "Unwrapped",
    "fold",
    "items_of",
    "pieces",
    "pieces_of",
    "read",
    "unwrap",
    "with_rest",
]
