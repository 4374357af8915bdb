"""Model calls that each repeat the conversation so far, folded into one conversation.

An API has no memory: each call is given everything again. `fold` keeps every utterance once, and
says for each call which items it was given and which it made.

    folded = fold(ModelCall(read(call["input"]), read(call["output"])) for call in calls)
    items = items_of(trace_id, folded.pieces)
    items[folded.calls[0].outputs[0]]
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from trace_assets.chat.fingerprint import Utterance
from trace_assets.chat.known import Known
from trace_assets.chat.piece import Answered, Called, Piece, Said
from trace_assets.chat.states import is_input, repeats, shares, start_of_answer
from trace_assets.chat.walk import Insertion, Walk


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
    """Every utterance once, in the order in which it was first seen. What only a later history has
    of an answer is inserted next to the rest of this answer."""
    calls: list[FoldedCall]
    """One for each call, in their order."""
    repeated: int
    """How many pieces of the calls were repetitions, and have no item of their own."""


def fold(calls: Iterable[ModelCall]) -> Folded:
    """Fold calls, in their order, into one conversation. Linear in the size of all calls.

    A call continues the call with which it shares the longest beginning. Where it departs from that
    (another answer, a summary in place of the history, an agent with another system prompt), what
    follows is new. Three rules find known pieces behind a departure:

    1. A call is known by its id if the id names one call, and a result by the call that it answers.
       Their content may differ: clients add defaults, and cut or shorten. The first writing is
       kept; other arguments and results become residue of it (`..._in_history`).
    2. The end of the last call, in one block, is not repeated: messages before it were left out or
       rewritten, or the system prompt was.
    3. An agent that takes over gets the messages of the last call after its own system prompt, and
       instructions in place of what the agent before did. These messages are not repeated.

    All other pieces are the same if their fingerprints are, see `fingerprint`. Reasoning, and texts
    beside calls, may be missing from an answer or from its repetition. An output that repeats its
    input (the state of a framework) counts from where it continues the input.

    Of a repetition, residue under keys that the first writing does not have is added to that; other
    values of its keys are not kept: ids and the like of the history's own writing.
    """
    each = [*calls]
    if len(each) == 1 and not _can_repeat(each[0]):
        return _alone(each[0])
    folder = _Folder()
    folded = [folder.fold(call) for call in each]
    return folder.ordered(folded)


def _alone(call: ModelCall) -> Folded:
    """A conversation of one call that repeats nothing."""
    pieces = [*call.inputs, *call.outputs]
    numbers = [*range(len(pieces))]
    given = len(call.inputs)
    return Folded(pieces, [FoldedCall(numbers[:given], numbers[given:])], 0)


def _can_repeat(call: ModelCall) -> bool:
    """Return whether one call alone can contain repetitions."""
    if any(map(is_input, call.outputs)):
        return True
    seen: set[tuple[type, str]] = set()
    for piece in (*call.inputs, *call.outputs):
        match piece:
            case Said() if piece.is_reasoning:
                return True
            case Called(original_id=own) | Answered(original_id=own) if own is not None:
                if (key := (type(piece), str(own))) in seen:
                    return True
                seen.add(key)
            case _:
                pass
    return False


class _Folder:
    """Folds one call after the other."""

    def __init__(self) -> None:
        self.known = Known()
        self.last: Sequence[int] = ()
        """The steps of the last call, outputs included."""
        self.insertions: list[Insertion] = []

    def fold(self, call: ModelCall) -> FoldedCall:
        given = [*map(self.known.utterance, call.inputs)]
        made = [*map(self.known.utterance, call.outputs)]
        if repeats(given, made):
            return self._fold_state(made, start_of_answer(given, made), len(given))
        walk = self._walk()
        inputs = walk.go_through_input(given)
        if shares(given, made):
            self._end(walk)
            folded = self._fold_state(made, len(made), 0)
            before = {*inputs}
            return FoldedCall(inputs, [each for each in folded.inputs if each not in before])
        outputs = walk.go_through_output(made)
        self._end(walk)
        return FoldedCall(inputs, outputs)

    def _fold_state(self, state: Sequence[Utterance], start: int, repeated: int) -> FoldedCall:
        """Fold an output that repeats its input, as a history; its answer begins at `start`."""
        walk = self._walk()
        indices = walk.go_through_input(state)
        self._end(walk)
        self.known.repeated += repeated
        return FoldedCall(indices[:start], indices[start:])

    def _walk(self) -> Walk:
        return Walk(self.known, self.last)

    def _end(self, walk: Walk) -> None:
        self.last = walk.steps
        self.insertions += walk.insertions

    def ordered(self, calls: list[FoldedCall]) -> Folded:
        """Return the conversation, with late pieces in their places."""
        pieces = self.known.pieces
        if not self.insertions:
            return Folded(pieces, calls, self.known.repeated)
        order = _order(len(pieces), self.insertions)
        new = {index: number for number, index in enumerate(order)}
        moved = [
            FoldedCall([new[each] for each in inputs], [new[each] for each in outputs])
            for inputs, outputs in calls
        ]
        return Folded([pieces[index] for index in order], moved, self.known.repeated)


def _order(count: int, insertions: Sequence[Insertion]) -> list[int]:
    """Return the indices in order, each inserted one next to its anchor.

    >>> _order(4, [Insertion(3, anchor=1, is_before=True)])
    [0, 3, 1, 2]
    >>> _order(4, [Insertion(2, anchor=0, is_before=False), Insertion(3, 2, is_before=False)])
    [0, 2, 3, 1]
    """
    late = {each.piece for each in insertions}
    chain = [index for index in range(count) if index not in late]
    following = dict(zip([count, *chain], [*chain, count], strict=True))
    before = {after: index for index, after in following.items()}
    for index, anchor, is_before in insertions:
        left = before[anchor] if is_before else anchor
        right = following[left]
        following[left], following[index] = index, right
        before[index], before[right] = left, index
    order: list[int] = []
    place = following[count]
    while place != count:
        order.append(place)
        place = following[place]
    return order
