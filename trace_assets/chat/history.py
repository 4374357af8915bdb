"""Model calls that each repeat the conversation so far, folded into one conversation.

An API has no memory: each call is given everything again. `fold` keeps every utterance once, and
says for each call which items it was given and which it made.

    folded = fold(ModelCall(read(call["input"]), read(call["output"])) for call in calls)
    items = items_of(trace_id, folded.pieces)
    items[folded.calls[0].outputs[0]]
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, cast

from trace_assets.chat.fingerprint import Utterance, same_call, utterance
from trace_assets.chat.overlap import end_within
from trace_assets.chat.piece import Called, Piece, Said
from trace_assets.reading.embedded import embedded_json


class ModelCall(NamedTuple):
    """One call of a model: what it was given, and what it made of it."""

    inputs: Sequence[Piece]
    outputs: Sequence[Piece]


class FoldedCall(NamedTuple):
    """One call as indices of the conversation's pieces, which are those of its items."""

    inputs: list[int]
    outputs: list[int]


class Folded(NamedTuple):
    """The conversation that a series of calls was."""

    pieces: list[Piece]
    """Every utterance once, in the order in which it was first seen."""
    calls: list[FoldedCall]
    """One for each call, in their order."""
    repeated: int
    """How many pieces of the calls were repetitions, and have no item of their own."""


def fold(calls: Iterable[ModelCall]) -> Folded:
    """Fold calls, in their order, into one conversation. Linear in the size of all calls.

    A call goes on from the call with which it shares the longest beginning. Where it departs from
    that (another answer, a summary in place of the history, an agent with another system prompt),
    what follows is new; but what stands there of the end of the last call, in one block, is not
    repeated: messages were left out before it, or rewritten, or the system prompt was.

    Pieces are the same if they say the same: see `fingerprint`. Call ids tell two calls apart only
    where both have one. A call may come back with less in its arguments, or with any where they
    were no JSON: as far as the client could read them; these are then residue of the first.
    Reasoning may be missing from the history. Of a repetition, residue under keys that the first
    writing does not have is added to that; other values of its keys are not kept: ids and the like
    of the history's own writing.
    """
    each = [*calls]
    if len(each) == 1 and not any(map(_is_thought, (*each[0].inputs, *each[0].outputs))):
        return _alone(each[0])
    folder = _Folder()
    folded = [folder.fold(call) for call in each]
    return Folded(folder.pieces, folded, folder.repeated)


def _alone(call: ModelCall) -> Folded:
    """A conversation of one call, which has nothing to repeat but its thoughts."""
    pieces = [*call.inputs, *call.outputs]
    numbers = [*range(len(pieces))]
    given = len(call.inputs)
    return Folded(pieces, [FoldedCall(numbers[:given], numbers[given:])], 0)


class _Step(NamedTuple):
    """One utterance on the way through a conversation."""

    said: Utterance
    node: int
    piece: int
    """The index of the piece that it says or repeats."""


class _Folder:
    """A tree of all that was said so far: a node for each utterance after a given history."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.prints: list[bytes] = []
        """Those of the pieces."""
        self.repeated = 0
        self.steps: dict[tuple[int, bytes, str | None], _Step] = {}
        """By the node before, the fingerprint and the call id: "" where it has none, None for the
        first one of any id."""
        self.calls: dict[tuple[int, str, str], _Step] = {}
        """Calls by the node before, their id and the tool's name."""
        self.nodes = 0
        self.thoughts: dict[tuple[int, bytes], int] = {}
        """Reasoning by the piece before and the fingerprint. It is no step: clients leave it out of
        the history that they send back."""
        self.utterances: dict[int, Utterance] = {}
        """By the identity of the piece, which is kept here and so is no other's."""
        self.last: list[_Step] = []
        """The way of the last call, outputs included."""

    def fold(self, call: ModelCall) -> FoldedCall:
        given = [self.utterance(piece) for piece in call.inputs]
        way = _Way(self, self._found_again([each for each in given if not each.is_thought]))
        inputs = [way.go(each) for each in given]
        outputs = [way.go(self.utterance(piece)) for piece in call.outputs]
        self.last = way.steps
        return FoldedCall(inputs, outputs)

    def utterance(self, piece: Piece) -> Utterance:
        """A piece with its fingerprint; a piece that is in many calls is printed once."""
        known = self.utterances.get(id(piece))
        if known is None:
            known = self.utterances[id(piece)] = utterance(piece)
        return known

    def find(self, node: int, said: Utterance) -> _Step | None:
        """The step from a node that says the same, if there is one."""
        return self._same(node, said) or self._rewritten(node, said)

    def _same(self, node: int, said: Utterance) -> _Step | None:
        if not said.call_id:
            return self.steps.get((node, said.print, None))
        with_id = self.steps.get((node, said.print, said.call_id))
        return with_id or self.steps.get((node, said.print, ""))

    def _rewritten(self, node: int, said: Utterance) -> _Step | None:
        """The call that a client wrote into the history as far as it could read it."""
        match said.piece:
            case Called(name=name) if said.call_id:
                step = self.calls.get((node, said.call_id, name))
            case _:
                return None
        return step if step and _is_as_far_as_read(said.piece, step.said.piece) else None

    def add(self, node: int, said: Utterance, index: int) -> _Step:
        """Add a step from a node, on which the piece with the index is said."""
        self.nodes += 1
        step = _Step(said, self.nodes, index)
        self.steps[node, said.print, said.call_id] = step
        self.steps.setdefault((node, said.print, None), step)
        if said.call_id and isinstance(said.piece, Called):
            self.calls.setdefault((node, said.call_id, said.piece.name), step)
        return step

    def keep(self, said: Utterance) -> int:
        """Keep a piece that is new, and return its index."""
        self.pieces.append(said.piece)
        self.prints.append(said.print)
        return len(self.pieces) - 1

    def repeat(self, index: int, said: Utterance) -> int:
        """Count a repetition, and add what residue only it has to the piece it repeats."""
        self.repeated += 1
        piece, kept = said.piece, self.pieces[index]
        if isinstance(piece, Called) and said.print != self.prints[index]:
            piece = _with_arguments_in_residue(piece)
        if not piece.rest.keys() <= kept.rest.keys():
            self.pieces[index] = kept._replace(rest={**piece.rest, **kept.rest})
        return index

    def _found_again(self, given: list[Utterance]) -> dict[int, _Step]:
        """By position in the inputs, the steps of the last call that they come back to.

        That is where they depart from it, and then have its end in one block: after another system
        prompt, after a summary, or because messages were left out or rewritten.
        """
        if not self.last:
            return {}
        node, known = 0, 0
        for said in given:
            if (found := self.find(node, said)) is None:
                break
            node, known = found.node, known + 1
        places = {step.node: place for place, step in enumerate(self.last, start=1)}
        left = self.last[places.get(node, 0 if node == 0 else len(self.last)) :]
        new = given[known:]
        length, start = end_within([each.said.print for each in left], [each.print for each in new])
        if length < 2 and not all(map(_is_instruction, new[:start])):
            return {}  # one utterance may well be said twice
        block = left[len(left) - length :]
        pairs = zip(block, new[start:], strict=False)
        if not all(same_call(step.said, said) for step, said in pairs):
            return {}
        return dict(enumerate(block, start=known + start))


class _Way:
    """One call's way through the tree."""

    def __init__(self, folder: _Folder, again: dict[int, _Step]) -> None:
        self.folder = folder
        self.again = again
        self.steps: list[_Step] = []

    def go(self, said: Utterance) -> int:
        """Take the next step, and return the index of its piece."""
        node, index = (self.steps[-1].node, self.steps[-1].piece) if self.steps else (0, -1)
        if said.is_thought:
            return self._think(index, said)
        known = self.folder.find(node, said)
        repeats = known or self.again.get(len(self.steps))
        if repeats is None:
            index = self.folder.keep(said)
        else:
            index = self.folder.repeat(repeats.piece, said)
        self.steps.append(known or self.folder.add(node, said, index))
        return index

    def _think(self, index: int, said: Utterance) -> int:
        key = (index, said.print)
        if key in self.folder.thoughts:
            return self.folder.repeat(self.folder.thoughts[key], said)
        self.folder.thoughts[key] = kept = self.folder.keep(said)
        return kept


def _is_as_far_as_read(one: Piece, other: Piece) -> bool:
    """Whether the arguments of one of two calls can be what a client read of those of the other."""
    if not isinstance(one, Called) or not isinstance(other, Called):
        return False
    read, given = _arguments(one), _arguments(other)
    if read is None or given is None:
        return True
    if not isinstance(read, dict) or not isinstance(given, dict):
        return False
    whole = cast("dict[str, object]", given)
    members = cast("dict[str, object]", read).items()
    return all(key in whole and whole[key] == value for key, value in members)


def _arguments(call: Called) -> object:
    """A call's arguments as an object; None if they are none: empty, or cut."""
    given = call.arguments
    return embedded_json(given) if isinstance(given, str) else given


def _with_arguments_in_residue(piece: Called) -> Called:
    """A call that a client wrote with other arguments than the model."""
    return piece._replace(rest={**piece.rest, "arguments_in_history": piece.arguments})


def _is_thought(piece: Piece) -> bool:
    return isinstance(piece, Said) and piece.is_reasoning


def _is_instruction(said: Utterance) -> bool:
    match said.piece:
        case Said("system" | "developer"):
            return True
        case _:
            return False
