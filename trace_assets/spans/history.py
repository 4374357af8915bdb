"""A stand-in for `chat.history`: folds the messages of model calls that repeat their history."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from trace_assets import chat
from trace_assets.trace.build import encode


class Folded(NamedTuple):
    """Each utterance once."""

    items: list[dict[str, Any]]
    calls: list[tuple[list[int], list[int]]]
    """Per model call: the items of its context, and those that it made."""


def fold(trace_id: str, calls: Sequence[tuple[Sequence[Any], Sequence[Any]]]) -> Folded:
    """Take items as given; what continues the history so far is not told again."""
    conversation = chat.Conversation(trace_id)
    history: list[tuple[bytes, range]] = []
    found: list[tuple[list[int], list[int]]] = []
    for inputs, outputs in calls:
        here: list[tuple[bytes, range]] = []
        is_same = True
        for given, role in [*((g, "user") for g in inputs), *((g, "assistant") for g in outputs)]:
            pieces = chat.pieces(given, role=role)
            print_ = encode(pieces)
            is_same = is_same and len(here) < len(history) and history[len(here)][0] == print_
            here.append(history[len(here)] if is_same else (print_, conversation.add(*pieces)))
        history = here
        found.append(
            (
                [n for _, each in here[: len(inputs)] for n in each],
                [n for _, each in here[len(inputs) :] for n in each],
            )
        )
    return Folded(conversation.items(), found)
