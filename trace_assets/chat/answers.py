"""Answers: all pieces of a model in a row, and which of them identify the place in a history."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from trace_assets.chat.fingerprint import Utterance

OF_MODEL = frozenset(("thought", "text", "call"))
"""The kinds of pieces that a model makes."""


class Part(NamedTuple):
    """One answer of a model, or one other piece."""

    said: Sequence[Utterance]
    has_call: bool

    def is_step(self, said: Utterance) -> bool:
        """Return whether a piece leads to the next place of a history.

        Reasoning and texts beside calls do not: clients leave them out, or have more of them.
        """
        return said.kind != "thought" and not (self.has_call and said.kind == "text")


def parts(given: Sequence[Utterance]) -> Iterator[Part]:
    """Split pieces into answers, and single other pieces."""
    start = 0
    has_call = False
    for place, said in enumerate(given):
        if said.kind in OF_MODEL:
            has_call |= said.kind == "call"
            continue
        if start < place:
            yield Part(given[start:place], has_call)
        yield Part(given[place : place + 1], has_call=False)
        start, has_call = place + 1, False
    if start < len(given):
        yield Part(given[start:], has_call)
