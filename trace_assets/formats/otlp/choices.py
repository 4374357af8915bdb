"""Several answers of one model call: the choices of a request with `n`, or Gemini's candidates.

Only one of them continues the conversation. The first one becomes the answer; the other ones are
kept with the call. Instrumentations also write one answer as several choices, one for each block:
then not all of them have a text, or their finish reason is one of Anthropic's, whose API has no
choices.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from trace_assets import chat

_REASONS = frozenset(("stop", "length", "content_filter", "tool_calls", "function_call"))


class Choices(NamedTuple):
    """The answer of a call, and what it could have been instead."""

    answer: Sequence[Any]
    others: Sequence[Any]


def choices(outputs: Sequence[Any]) -> Choices:
    """Separate the first choice from the other ones. Messages of one answer stay together.

    >>> said = [{"content": text, "finish_reason": "stop"} for text in ("A.", "B.")]
    >>> choices(said).answer, choices(said).others == said[1:]
    ([{'content': 'A.', 'finish_reason': 'stop'}], True)
    """
    is_choice = len(outputs) > 1 and all(_is_finished(each) and _has_text(each) for each in outputs)
    return Choices(outputs[:1], outputs[1:]) if is_choice else Choices(outputs, ())


def _is_finished(message: Any) -> bool:
    match message:
        case {"finish_reason": str(reason)}:
            return reason.lower() in _REASONS
        case [*pieces]:
            reasons = [_reason(piece) for piece in pieces]
            return any(reason in _REASONS for reason in reasons)
        case _:
            return False


def _reason(piece: Any) -> str:
    match piece:
        case (
            chat.Said(rest={"finish_reason": str(reason)})
            | chat.Called(rest={"finish_reason": str(reason)})
        ):
            return reason.lower()
        case _:
            return ""


def _has_text(message: Any) -> bool:
    match message:
        case {"content": str(text)}:
            return bool(text)
        case {"content": [*parts]} | {"parts": [*parts]}:
            return any(_is_text(part) for part in parts)
        case [*pieces]:
            return any(
                isinstance(piece, chat.Said) and piece.parts and not piece.is_reasoning
                for piece in pieces
            )
        case _:
            return False


def _is_text(part: Any) -> bool:
    match part:
        case {"type": "text", "text": str(text)} | {"type": "text", "content": str(text)}:
            return bool(text)
        case {"text": str(text), **rest} if not rest.get("thought"):
            return bool(text)
        case _:
            return False
