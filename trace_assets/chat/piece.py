"""What any message comes to: something said, a call, an answer to one, or none of these."""

from typing import Any, Literal, NamedTuple

from trace_assets.errors import TraceAssetsError
from trace_assets.trace import build

Role = Literal["user", "assistant", "system", "developer"]

REASONING = frozenset(("reasoning_text", "summary_text"))
"""The content parts that hold what a model thought, not what it said."""


class Said(NamedTuple):
    """Text, reasoning, images and files of one side: a message item."""

    role: Role
    parts: list[dict[str, Any]]
    """Content parts as the Trace model has them; reasoning never shares a piece with other parts,
    so that the text of an answer is the answer's alone."""
    rest: dict[str, Any]

    @property
    def is_reasoning(self) -> bool:
        """Whether this is what the model thought."""
        return bool(self.parts) and self.parts[0]["type"] in REASONING  # then all of them are


class Called(NamedTuple):
    """A call of a tool: a function call item."""

    original_id: Any
    """As the log has it; None where it has none."""
    name: str
    arguments: Any
    """Text as the model wrote it, or JSON."""
    rest: dict[str, Any]


class Answered(NamedTuple):
    """The result of a call: a function call output item."""

    original_id: Any
    """The id of the call; None where the log has none."""
    name: str | None
    """The tool's name, where the result repeats it."""
    output: Any
    """As the log has it: text, a list of content blocks in any dialect, or any other JSON. The item
    has blocks as input parts where all of them are such, and anything else as text."""
    is_error: bool
    rest: dict[str, Any]


class Custom(NamedTuple):
    """An item of a kind that the Trace model has no place for, whole: a custom task item."""

    is_input: bool
    """Whether the model was given it; otherwise the model made it."""
    content: dict[str, Any]
    rest: dict[str, Any]


Piece = Said | Called | Answered | Custom


class UnknownMessageError(TraceAssetsError):
    """A value is no message in any dialect."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(message)
        self.pointer = pointer
        """JSON pointer to the value, from where the caller said that it began."""


def with_rest(
    pieces: list[Piece], around: dict[str, Any], *, prefix: str = "around_"
) -> list[Piece]:
    """The pieces of one message, with what the log says around it.

    It goes to the first piece that is no reasoning, for it mostly tells of the answer; a key that
    this piece has already is kept under the prefix.
    """
    if not around or not pieces:
        return pieces
    place = next((n for n, each in enumerate(pieces) if not _is_reasoning(each)), 0)
    chosen = pieces[place]
    rest = build.joined(chosen.rest, around, prefix=prefix)
    return [*pieces[:place], chosen._replace(rest=rest), *pieces[place + 1 :]]


def _is_reasoning(piece: Piece) -> bool:
    return isinstance(piece, Said) and piece.is_reasoning
