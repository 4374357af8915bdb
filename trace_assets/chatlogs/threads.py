"""Which records of one opening belong to one conversation: those of which each repeats the last.

An API has no memory, so that a log of its calls holds a conversation once for each of its calls.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from typing import NamedTuple

from trace_assets.chat import Piece, Said
from trace_assets.chat.fingerprint import fingerprint
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
                state = _next(state, piece)
            case _:
                break
    return state.hex()


def threads(exchanges: Sequence[Exchange]) -> list[list[int]]:
    """Group exchanges into conversations, each as places in the order of its calls.

    An exchange goes on from the one that it repeats the most of, question and answer; each is gone
    on from once, and what departs from it is a conversation of its own. In linear time.
    """
    if len(exchanges) == 1:
        return [[0]]
    found: list[list[int]] = []
    waiting: dict[_End, deque[int]] = {}
    ways = [list(_states(_ROOT, exchange.given)) for exchange in exchanges]
    for place in sorted(range(len(exchanges)), key=lambda place: len(ways[place])):
        thread = _joined(ways[place], exchanges[place], waiting)
        if thread is None:
            thread = len(found)
            found.append([])
        found[thread].append(place)
        for end in _ends(ways[place], exchanges[place]):
            waiting.setdefault(end, deque()).append(thread)
    return found


class _End(NamedTuple):
    """Where a conversation waits to be gone on from."""

    state: bytes
    """What was said so far."""
    is_answered: bool
    """Whether an answer that stood beside the messages is the last of it."""


def _joined(
    way: Sequence[bytes], exchange: Exchange, waiting: dict[_End, deque[int]]
) -> int | None:
    """The conversation that an exchange goes on from, which then waits there no more.

    Two that say just the same are two conversations, unless one has the answer of the other.
    """
    for place, state in zip(range(len(way), 0, -1), reversed(way), strict=True):
        for is_answered in (True, False):
            if not is_answered and place == len(way) and not exchange.made:
                continue
            if waiting.get(end := _End(state, is_answered)):
                return waiting[end].popleft()
    return None


def _ends(way: Sequence[bytes], exchange: Exchange) -> Iterator[_End]:
    """Where an exchange may be gone on from: behind its answer, or any of its answers."""
    state = way[-1] if way else _ROOT
    made = [piece for piece in exchange.made if not _is_thought(piece)]
    if not made:
        yield _End(state, is_answered=False)
        return
    are_choices = all(isinstance(piece, Said) for piece in made)
    for after in dict.fromkeys(_next(state, piece) for piece in made[: None if are_choices else 1]):
        yield _End(after, is_answered=True)


def _states(state: bytes, pieces: Iterable[Piece]) -> Iterator[bytes]:
    for piece in pieces:
        if not _is_thought(piece):
            state = _next(state, piece)
            yield state


def _next(state: bytes, piece: Piece) -> bytes:
    return blake2b(state + fingerprint(piece), digest_size=16).digest()


def _is_thought(piece: Piece) -> bool:
    """Reasoning is left out of the history that clients send back."""
    return isinstance(piece, Said) and piece.is_reasoning
