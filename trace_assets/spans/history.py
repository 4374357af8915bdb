"""A stand-in for `chat.history`: folds the items of model calls that repeat their history."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from trace_assets.trace.build import encode


class Folded(NamedTuple):
    """Each utterance once."""

    items: list[dict[str, Any]]
    calls: list[tuple[list[int], list[int]]]
    """Per model call: the items of its context, and those that it made."""


def fold(trace_id: str, calls: Sequence[tuple[Sequence[Any], Sequence[Any]]]) -> Folded:
    """Take items as given; what continues the history so far is not told again."""
    items: list[dict[str, Any]] = []
    history: list[int] = []
    prints: list[bytes] = []
    found: list[tuple[list[int], list[int]]] = []
    for inputs, outputs in calls:
        here: list[int] = []
        for given in [*inputs, *outputs]:
            at = len(here)
            known = at < len(history) and here == history[:at]
            if known and prints[history[at]] == encode(given):
                here.append(history[at])
                continue
            here.append(len(items))
            prints.append(encode(given))
            items.append({**given, "id": f"{trace_id}:{len(items)}"})
        history = here
        found.append((here[: len(inputs)], here[len(inputs) :]))
    return Folded(items, found)
