"""The way of one model call through a conversation: which pieces are known and which are new."""

from collections import deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from trace_assets.chat.answers import OF_MODEL, Part, parts
from trace_assets.chat.departures import after, beginning_of, end_of
from trace_assets.chat.fingerprint import Utterance
from trace_assets.chat.known import ROOT, Known


class Insertion(NamedTuple):
    """A new piece whose position is directly before or after a piece that is known longer."""

    piece: int
    anchor: int
    is_before: bool


class _Calls(NamedTuple):
    """The calls of one id on the way. Only those of the latest answer count."""

    answer: int
    """The number of the answer."""
    waiting: deque[int]
    """The calls without a result on the way."""
    last: int


class Walk:
    """Goes through the pieces of one model call; finds each, or adds it.

    Most pieces are steps: each leads from one place to the next. Reasoning and texts beside calls
    are not: clients leave them out of the history, or have more of them than the answer.
    """

    def __init__(self, known: Known, last: Sequence[int]) -> None:
        self.known = known
        self.steps: list[int] = []
        self.insertions: list[Insertion] = []
        self._place = ROOT
        self._last = last
        """The steps of the model call before."""
        self._coming: list[Utterance] = []
        """All steps of the input."""
        self._again: dict[int, int] | None = None
        """By the number of a step, the piece of the last way that it repeats. None before the
        first step that is not known."""
        self._calls: dict[str, _Calls] = {}
        self._answers = 0
        self._row = ""
        """The kind of the last step, if it was a call or a result."""

    def go_through_input(self, given: Sequence[Utterance]) -> list[int]:
        """Go through what a model was given, and return the index of each piece."""
        split = [*parts(given)]
        self._coming = [said for part in split for said in part.said if part.is_step(said)]
        return self._go(split, is_made=False)

    def go_through_output(self, made: Sequence[Utterance]) -> list[int]:
        """Go through what a model made, and return the index of each piece."""
        self._again = {}
        return self._go(parts(made), is_made=True)

    def _go(self, split: Iterable[Part], *, is_made: bool) -> list[int]:
        indices: list[int] = []
        for part in split:
            if part.said[0].kind in OF_MODEL:
                indices += self._go_through_answer(part, is_made=is_made)
            else:
                indices.append(self._step(part.said[0], self._place, is_made=is_made))
        return indices

    # --- answers -----------------------------------------------------------------------------

    def _go_through_answer(self, answer: Part, *, is_made: bool) -> list[int]:
        self._answers += 1
        start = self._start(answer, is_made=is_made)
        known = len(self.known.pieces)
        indices = [
            self._step(said, start, is_made=is_made)
            if answer.is_step(said)
            else self._beside(said, start)
            for said in answer.said
        ]
        if len(self.known.pieces) > known:
            self._insert_before(indices, known)
            if not is_made:
                self._insert_after(indices, known)
        return indices

    def _start(self, answer: Part, *, is_made: bool) -> int:
        """Return the place before an answer; before its first writing if a call of it is known."""
        for said in answer.said if answer.has_call else ():
            if said.kind == "call" and (call := self._call(said, is_made=is_made)) is not None:
                start = self.known.start_of(call)
                return self._place if start is None else start
        return self._place

    def _beside(self, said: Utterance, start: int) -> int:
        """Find or add a piece that is no step, though it may be a step in another call."""
        place, known = self._place, self.known
        index = known.step(place, said) if said.kind == "text" else None
        if index is not None:
            self._place = index
        elif (index := known.beside(start, said)) is not None:
            return known.repeat(index, said)
        elif place != start:
            index = known.beside(place, said)
        index = known.add(place, said) if index is None else known.repeat(index, said)
        known.add_beside(start, said, index)
        known.add_beside(place, said, index)
        return index

    def _insert_before(self, indices: Sequence[int], known: int) -> None:
        """Put the new pieces of an answer before the known piece that follows them in it."""
        anchor = None
        found: list[Insertion] = []
        for index in reversed(indices):
            if index < known:
                anchor = index
            elif anchor is not None:
                found.append(Insertion(index, anchor, is_before=True))
        self.insertions += reversed(found)

    def _insert_after(self, indices: Sequence[int], known: int) -> None:
        """Put the new pieces at the end of an answer after the last known piece of it."""
        end = next((n for n in range(len(indices), 0, -1) if indices[n - 1] < known), None)
        for place in range(end or len(indices), len(indices)):
            self.insertions.append(Insertion(indices[place], indices[place - 1], is_before=False))

    # --- steps -------------------------------------------------------------------------------

    def _step(self, said: Utterance, start: int, *, is_made: bool) -> int:
        """Find or add a piece, and go to its place."""
        known = self.known
        index = self._find(said, is_made=is_made)
        if index is None and (index := self._find_again()) is not None:
            known.add_step(self._place, said, index)
        if index is None:
            index = known.add(self._place, said)
            known.add_step(self._place, said, index)
        else:
            known.repeat(index, said)
        self._note(said, index, start)
        self._move(said, index)
        self.steps.append(index)
        return index

    def _find(self, said: Utterance, *, is_made: bool) -> int | None:
        match said.kind:
            case "call":
                return self._call(said, is_made=is_made)
            case "result":
                return self.known.result(self._place, self._answered(said), said)
            case "text":
                found = self.known.step(self._place, said)
                return self.known.beside(self._place, said) if found is None else found
            case _:
                return self.known.step(self._place, said)

    def _call(self, said: Utterance, *, is_made: bool) -> int | None:
        """Find a call: after the place, twice in one answer, or anywhere by an id of its own."""
        found = self.known.call(self._place, said, is_made=is_made)
        if found is not None or not said.call_id:
            return found
        earlier = self._calls.get(said.call_id)
        if earlier is None:
            return None if is_made else self.known.call_of_id(said)
        is_same = self.known.said[earlier.last].print == said.print
        return earlier.last if is_same and earlier.answer == self._answers else None

    def _answered(self, said: Utterance) -> int | None:
        """Return the call that a result answers; the last one if it is answered already."""
        calls = self._calls.get(said.call_id)
        if calls is None:
            return self.known.only_call(said.call_id)
        return calls.waiting[0] if calls.waiting else calls.last

    def _note(self, said: Utterance, index: int, start: int) -> None:
        """Note calls, and their results."""
        if said.kind == "call":
            self.known.add_call(said, index, start)
            if said.call_id:
                self._note_call(said.call_id, index)
        elif said.kind == "result" and (call := self._answered(said)) is not None:
            self.known.add_result(call, index)
            calls = self._calls.get(said.call_id)
            if calls is not None and calls.waiting:
                calls.waiting.popleft()

    def _note_call(self, call_id: str, index: int) -> None:
        earlier = self._calls.get(call_id)
        if earlier is None or earlier.answer != self._answers:
            self._calls[call_id] = _Calls(self._answers, deque((index,)), index)
        elif earlier.last != index:
            earlier.waiting.append(index)
            self._calls[call_id] = earlier._replace(last=index)

    def _move(self, said: Utterance, index: int) -> None:
        """Go to the place of a piece. Of calls or results in a row, the deepest place counts."""
        row = said.kind if said.kind in ("call", "result") else ""
        depths = self.known.depths
        if not row or row != self._row or depths[index] > depths[self._place]:
            self._place = index
        self._row = row

    def _find_again(self) -> int | None:
        """Find the piece of the last way that a step comes back to after a departure."""
        if self._again is None:
            here = self.steps[-1] if self.steps else None
            left = after(here, self._last)
            new = self._coming[len(self.steps) :]
            block = end_of(left, new, self.known)
            if not block and here is None:
                block = beginning_of(left, new, self.known)
            self._again = {len(self.steps) + place: index for place, index in block.items()}
        return self._again.get(len(self.steps))
