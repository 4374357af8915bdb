"""Which records of one opening belong to one conversation: those of which each repeats the last.

An API has no memory, so that a log of its calls holds a conversation once for each of its calls.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

from trace_assets.chat import Piece, Said
from trace_assets.chat.answers import parts
from trace_assets.chat.fingerprint import Utterance, fingerprint, utterance
from trace_assets.chatlogs.exchange import Exchange

_ROOT = b""


def opening(pieces: Iterable[Piece]) -> str:
    """What all calls of a conversation share: everything up to the first word of the assistant.

    >>> one = Said("user", [{"type": "input_text", "text": "hi"}], {})
    >>> opening([one]) == opening([one, Said("assistant", [], {}), one])
    True
    """
    state = _ROOT
    for piece in pieces:
        match piece:
            case Said("user" | "system" | "developer"):
                state = _next(state, fingerprint(piece))
            case _:
                break
    return state.hex()


class _State(NamedTuple):
    """What was said up to a place, in two ways."""

    exact: bytes
    """By content."""
    by_ids: bytes
    """By the ids of calls and results if there are some. Texts of messages with calls are left
    out, because clients change them."""


class _End(NamedTuple):
    """A place where a conversation can continue."""

    state: bytes
    is_answered: bool
    """True if its last answer was not among the messages of the request."""


class _Waiting(NamedTuple):
    """A conversation that can continue once, at one of its ends."""

    thread: int
    ends: list[_End]
    """Empty as soon as the conversation continues."""


def threads(exchanges: Sequence[Exchange]) -> list[list[int]]:
    """Group exchanges into conversations, each as places in the order of its calls.

    An exchange goes on from the one that it repeats the most of, question and answer; each is gone
    on from once, and what departs from it is a conversation of its own. In linear time.
    """
    if len(exchanges) == 1:
        return [[0]]
    found: list[list[int]] = []
    waiting: dict[_End, deque[_Waiting]] = {}
    ways = [list(_states(exchange.given)) for exchange in exchanges]
    for place in sorted(range(len(exchanges)), key=lambda place: len(ways[place])):
        thread = _joined(ways[place], exchanges[place], waiting)
        if thread is None:
            thread = len(found)
            found.append([])
        found[thread].append(place)
        for ends in _ends(ways[place], exchanges[place]):
            for end in ends:
                waiting.setdefault(end, deque()).append(_Waiting(thread, ends))
    return found


def _joined(
    way: Sequence[_State], exchange: Exchange, waiting: dict[_End, deque[_Waiting]]
) -> int | None:
    """The conversation that an exchange goes on from, which then waits there no more.

    Two that say just the same are two conversations, unless one has the answer of the other.
    """
    taken = (_take(waiting.get(end)) for end in _ends_within(way, exchange))
    return next((thread for thread in taken if thread is not None), None)


def _ends_within(way: Sequence[_State], exchange: Exchange) -> Iterator[_End]:
    """Return the ends that an exchange can continue, the longest first."""
    for place, state in zip(range(len(way), 0, -1), reversed(way), strict=True):
        is_whole = place == len(way) and not exchange.made
        for each in dict.fromkeys(state):
            yield _End(each, is_answered=True)
            if not is_whole:
                yield _End(each, is_answered=False)


def _take(queue: deque[_Waiting] | None) -> int | None:
    """Take the first conversation that can still continue."""
    while queue:
        first = queue.popleft()
        if first.ends:
            first.ends.clear()
            return first.thread
    return None


def _ends(way: Sequence[_State], exchange: Exchange) -> Iterator[list[_End]]:
    """Where an exchange may be gone on from: behind its answer, or any of its answers."""
    state = way[-1] if way else _State(_ROOT, _ROOT)
    made = [each for each in map(utterance, exchange.made) if each.kind != "thought"]
    if not made:
        yield [_End(each, is_answered=False) for each in dict.fromkeys(state)]
        return
    are_choices = all(isinstance(each.piece, Said) for each in made)
    steps = (each for part in parts(made) for each in part.said if part.is_step(each))
    choices = made if are_choices else made[:1]
    for content in dict.fromkeys(each.print for each in choices):
        ends = [_End(_next(state.exact, content), is_answered=True)]
        if not are_choices and (first := next(steps, None)) is not None:
            ends.append(_End(_next(state.by_ids, _token(first)), is_answered=True))
        yield [*dict.fromkeys(ends)]


def _states(pieces: Sequence[Piece]) -> Iterator[_State]:
    exact = by_ids = _ROOT
    for part in parts([*map(utterance, pieces)]):
        for each in part.said:
            if each.kind == "thought":  # clients leave it out of the history that they send back
                continue
            is_step = part.is_step(each)
            is_same = is_step and not each.call_id and exact == by_ids
            exact = _next(exact, each.print)
            if is_same:
                by_ids = exact
            elif is_step:
                by_ids = _next(by_ids, _token(each))
            yield _State(exact, by_ids)


def _token(said: Utterance) -> bytes:
    """What a step is compared by: the id of its call, else its content."""
    return f"{said.kind} {said.call_id}".encode() if said.call_id else said.print


def _next(state: bytes, content: bytes) -> bytes:
    return blake2b(state + content, digest_size=16).digest()
