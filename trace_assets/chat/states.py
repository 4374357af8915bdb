"""Outputs that repeat their input: a framework returns its whole state, with the answer at its end.

LangGraph returns all messages of its state, CrewAI all messages of a task. A model only answers, so
an output that contains a message of a user or a system prompt may be such a state.
"""

from collections.abc import Sequence

from trace_assets.chat.fingerprint import Utterance
from trace_assets.chat.piece import Piece, Said


def is_input(piece: Piece) -> bool:
    """Return whether a piece is what no model makes: a message of a user, a system prompt."""
    return isinstance(piece, Said) and piece.role != "assistant"


def repeats(inputs: Sequence[Utterance], outputs: Sequence[Utterance]) -> bool:
    """Return whether an output is a state: all of its input, in order, and an answer."""
    return len({is_input(each.piece) for each in outputs}) == 2 and contains(outputs, inputs)


def contains(outputs: Sequence[Utterance], inputs: Sequence[Utterance]) -> bool:
    """Return whether an output contains all pieces of an input, in order."""
    following = iter(each.print for each in outputs)
    return all(wanted.print in following for wanted in inputs)


def shares(inputs: Sequence[Utterance], outputs: Sequence[Utterance]) -> bool:
    """Return whether an output repeats a message of its input that no model makes."""
    known = {each.print for each in inputs}
    return any(each.print in known for each in outputs if is_input(each.piece))


def start_of_answer(inputs: Sequence[Utterance], state: Sequence[Utterance]) -> int:
    """Return where the answer begins in a state: after its input and the messages at its start.

    A state without an input, as of CrewAI, begins with the messages that the model was given.
    """
    opening = next((n for n, each in enumerate(state) if not is_input(each.piece)), len(state))
    if not inputs:
        return opening
    last = inputs[-1].print
    places = (n for n in range(len(state), 0, -1) if state[n - 1].print == last)
    return max(opening, next(places, 0))
