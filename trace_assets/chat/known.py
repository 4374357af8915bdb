"""The pieces that the calls of one conversation contained so far, and how they are found again."""

from typing import Any

from trace_assets.chat.arguments import are_compatible
from trace_assets.chat.fingerprint import Utterance, utterance
from trace_assets.chat.piece import Answered, Called, Piece

ROOT = -1
"""The place before the first piece of a conversation."""

_SEVERAL = -1
"""The index for an id that names more than one call."""


class Known:
    """The pieces of one conversation as a tree: each piece follows another one, or the root.

    A place in the tree is the index of a piece, or `ROOT`.
    """

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.said: list[Utterance] = []
        """The first writing of each piece."""
        self.depths: list[int] = []
        """How many pieces each piece follows."""
        self.repeated = 0
        self._steps: dict[tuple[int, bytes, str | None], int] = {}
        """Pieces by the place before, the fingerprint and the call id: "" for pieces without an id,
        None for the first one with any id."""
        self._named: dict[tuple[int, str, str], int] = {}
        """Calls and results by the place before, their kind and the call id."""
        self._tools: dict[tuple[int, str], int] = {}
        """Calls by the place before and the name of the tool."""
        self._calls: dict[str, int] = {}
        """Calls by their id."""
        self._results: dict[int, int] = {}
        """Results by the call that they answer."""
        self._beside: dict[tuple[int, bytes], int] = {}
        """Reasoning, and texts of answers with calls, by the place before and the fingerprint."""
        self._starts: dict[int, int] = {}
        """The place before the answer that a call is part of."""
        self._utterances: dict[int, Utterance] = {}
        """By the identity of the piece, which stays alive in the value."""

    def utterance(self, piece: Piece) -> Utterance:
        """Return a piece with its fingerprint, which is computed once for a piece in many calls."""
        known = self._utterances.get(id(piece))
        if known is None:
            known = self._utterances[id(piece)] = utterance(piece)
        return known

    # --- finding -----------------------------------------------------------------------------

    def step(self, place: int, said: Utterance) -> int | None:
        """Find the piece after a place that has the same content, and no other call id."""
        if not said.call_id:
            return self._steps.get((place, said.print, None))
        found = self._steps.get((place, said.print, said.call_id))
        return self._steps.get((place, said.print, "")) if found is None else found

    def call(self, place: int, said: Utterance, *, is_made: bool) -> int | None:
        """Find a call after a place by its content or its id.

        In a history the id alone decides; without an id, the tool's name and arguments that do not
        contradict. A call that a model makes is another one if its arguments contradict: some
        servers give the same ids again.
        """
        if (found := self.step(place, said)) is not None or (is_made and not said.call_id):
            return found
        if not said.call_id:
            return self._call_of_tool(place, said)
        found = self._named.get((place, "call", said.call_id))
        return None if found is not None and is_made and not self._can_be(found, said) else found

    def _call_of_tool(self, place: int, said: Utterance) -> int | None:
        name = said.piece.name if isinstance(said.piece, Called) else ""
        found = self._tools.get((place, name))
        return None if found is None or not self._can_be(found, said) else found

    def call_of_id(self, said: Utterance) -> int | None:
        """Find a call by its id wherever it is, if the id names only one call."""
        found = self.only_call(said.call_id)
        return None if found is None or not self._can_be(found, said) else found

    def only_call(self, call_id: str) -> int | None:
        """Return the call that an id names; None if it names none or several."""
        found = self._calls.get(call_id, _SEVERAL) if call_id else _SEVERAL
        return None if found == _SEVERAL else found

    def result(self, place: int, call: int | None, said: Utterance) -> int | None:
        """Find the result of a call; without the call, by its content or id after a place."""
        if call is not None and (found := self._results.get(call)) is not None:
            return found
        if (found := self.step(place, said)) is not None or call is not None:
            return found
        return self._named.get((place, "result", said.call_id)) if said.call_id else None

    def beside(self, start: int, said: Utterance) -> int | None:
        """Find reasoning, or a text of an answer with calls, by the place before the answer."""
        return self._beside.get((start, said.print))

    def start_of(self, call: int) -> int | None:
        """Return the place before the answer that a call is part of."""
        return self._starts.get(call)

    def print_of(self, said: Utterance) -> bytes:
        """Return the fingerprint; of a call with a known id, that of its first writing."""
        known = self.call_of_id(said) if said.kind == "call" else None
        return said.print if known is None else self.said[known].print

    def _can_be(self, index: int, said: Utterance) -> bool:
        known, call = self.pieces[index], said.piece
        if not isinstance(known, Called) or not isinstance(call, Called):
            return False
        is_same = self.said[index].print == said.print
        return is_same or (known.name == call.name and are_compatible(known, call))

    # --- adding ------------------------------------------------------------------------------

    def add(self, place: int, said: Utterance) -> int:
        """Add a piece that is not known, and return its index."""
        self.pieces.append(said.piece)
        self.said.append(said)
        self.depths.append(1 if place == ROOT else self.depths[place] + 1)
        return len(self.pieces) - 1

    def add_step(self, place: int, said: Utterance, index: int) -> None:
        """Let a piece follow a place."""
        self._steps.setdefault((place, said.print, said.call_id), index)
        self._steps.setdefault((place, said.print, None), index)
        if said.call_id:
            self._named.setdefault((place, said.kind, said.call_id), index)
        if isinstance(said.piece, Called):
            self._tools.setdefault((place, said.piece.name), index)

    def add_call(self, said: Utterance, index: int, start: int) -> None:
        """Let a piece be a call, in the answer after a place."""
        self._starts.setdefault(index, start)
        if said.call_id and self._calls.setdefault(said.call_id, index) != index:
            self._calls[said.call_id] = _SEVERAL

    def add_result(self, call: int, index: int) -> None:
        """Let a piece be the result of a call."""
        self._results.setdefault(call, index)

    def add_beside(self, start: int, said: Utterance, index: int) -> None:
        """Let a piece be part of the answer after a place."""
        self._beside.setdefault((start, said.print), index)

    def repeat(self, index: int, said: Utterance) -> int:
        """Count a repetition, and keep with the first writing what only the repetition has."""
        self.repeated += 1
        kept, rest = self.pieces[index], said.piece.rest
        if said.print != self.said[index].print:
            rest = _with_content(said.piece)
        if not rest.keys() <= kept.rest.keys():
            self.pieces[index] = kept._replace(rest={**rest, **kept.rest})
        return index


def _with_content(piece: Piece) -> dict[str, Any]:
    """Return the residue of a call or a result that a history writes with other content."""
    match piece:
        case Called(arguments=arguments, rest=rest):
            return {**rest, "arguments_in_history": arguments}
        case Answered(output=output, rest=rest):
            return {**rest, "output_in_history": output}
        case _:
            return piece.rest
