"""Model calls around other model calls that are the same calls, reported by another library.

A framework's span is around the span of the provider's client, as `ai.generateText` around one
`ai.generateText.doGenerate` for each step. Both contain the messages.
"""

from collections.abc import Sequence

from trace_assets import chat
from trace_assets.chat.fingerprint import fingerprint, utterance
from trace_assets.chat.states import contains
from trace_assets.spans.model import ModelCall, Span


def nested(
    spans: Sequence[Span], parents: Sequence[int], belongs: Sequence[int]
) -> dict[int, list[int]]:
    """Return the model calls directly inside each model call of the same conversation, by place."""
    inside: dict[int, list[int]] = {}
    nearest: list[int] = []
    for place, parent in enumerate(parents):
        is_call = parent >= 0 and isinstance(spans[parent].call, ModelCall)
        around = parent if parent < 0 or is_call else nearest[parent]
        nearest.append(around)
        if around < 0 or not isinstance(spans[place].call, ModelCall):
            continue
        if belongs[place] == belongs[around]:
            inside.setdefault(around, []).append(place)
    return inside


def is_wrapper(call: chat.ModelCall, inner: Sequence[chat.ModelCall]) -> bool:
    """Return whether a call repeats the calls inside it.

    They have an answer, and share an answer or a message of a user with it.
    """
    made = [piece for each in inner for piece in each.outputs]
    given = [piece for each in inner for piece in each.inputs]
    if not made:
        return False
    answers, asked = _answers(call.outputs), _asked(call.inputs)
    return not answers.isdisjoint(_answers(made)) or not asked.isdisjoint(_asked(given))


def contains_input(wrapper: chat.ModelCall, inner: chat.ModelCall) -> bool:
    """Return whether the input of a wrapper contains that of a call inside it, in order."""
    return contains([*map(utterance, wrapper.inputs)], [*map(utterance, inner.inputs)])


def _answers(pieces: Sequence[chat.Piece]) -> set[bytes | str]:
    """Return the fingerprints of the texts of a model, and the ids of its calls."""
    found: set[bytes | str] = set()
    for piece in pieces:
        match piece:
            case chat.Called(original_id=own) if own is not None:
                found.add(str(own))
            case chat.Said(role="assistant") | chat.Called():
                found.add(fingerprint(piece))
            case _:
                pass
    return found


def _asked(pieces: Sequence[chat.Piece]) -> set[bytes]:
    """Return the fingerprints of the messages of users."""
    users = (piece for piece in pieces if isinstance(piece, chat.Said) and piece.role == "user")
    return {fingerprint(piece) for piece in users}
