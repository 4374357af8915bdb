"""Where a call comes back to the call before it, after it departed from it.

It has another system prompt, a summary in place of the beginning, or messages were left out or
rewritten. What follows then is the end of the last call, in one block; or, for another agent to
which the conversation is handed over, its beginning.
"""

from collections.abc import Sequence

from trace_assets.chat.fingerprint import Utterance, same_call
from trace_assets.chat.known import Known
from trace_assets.chat.overlap import end_within
from trace_assets.chat.piece import Said


def after(step: int | None, last: Sequence[int]) -> Sequence[int]:
    """Return what follows a step on the last way: all of it without a step, nothing if not on it.

    >>> after(None, [4, 5]), after(4, [4, 5]), after(6, [4, 5])
    ([4, 5], [5], [])
    """
    if step is None:
        return last
    places = (place for place, index in enumerate(last, start=1) if index == step)
    return last[next(places, len(last)) :]


def end_of(left: Sequence[int], new: Sequence[Utterance], known: Known) -> dict[int, int]:
    """Find the end of the last way in the rest of an input: by position there, the known piece."""
    prints = [known.print_of(each) for each in new]
    length, start = end_within([known.said[index].print for index in left], prints)
    if length < 2 and not all(map(_is_instruction, new[:start])):
        return {}  # one message may well occur twice
    block = left[len(left) - length :]
    pairs = zip(block, new[start:], strict=False)
    if not all(same_call(known.said[index], said) for index, said in pairs):
        return {}
    return dict(enumerate(block, start=start))


def beginning_of(left: Sequence[int], new: Sequence[Utterance], known: Known) -> dict[int, int]:
    """Find the beginning of the last way after another system prompt: by position, the known piece.

    That another agent goes on is certain if instructions follow the messages: they stand for what
    the agent before did.
    """
    if not left or not _is_handed_over(new):
        return {}
    found: dict[int, int] = {}
    place = 0
    for number, said in enumerate(new):
        if _is_instruction(said):
            continue
        wanted = known.print_of(said)
        is_after_gap = bool(found) and _is_instruction(new[number - 1])
        while place < len(left) and known.said[left[place]].print != wanted:
            if not is_after_gap and not _is_instruction(known.said[left[place]]):
                return found
            place += 1
        if place == len(left) or not same_call(known.said[left[place]], said):
            return found
        found[number] = left[place]
        place += 1
    return found


def _is_handed_over(new: Sequence[Utterance]) -> bool:
    """True for instructions, then messages, then instructions again."""
    kinds = [_is_instruction(said) for said in new]
    if False not in kinds or not kinds[0]:
        return False
    return True in kinds[kinds.index(False) :]


def _is_instruction(said: Utterance) -> bool:
    match said.piece:
        case Said("system" | "developer"):
            return True
        case _:
            return False
