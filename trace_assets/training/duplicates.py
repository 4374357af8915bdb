"""Texts that are nearly the same, found without comparing each with each.

A sketch is the smallest hashes of a text's word triples: of a short text all of them, so that its
likeness is exact, and of a long one a fair sample (bottom-k MinHash). Texts that are alike share
nearly all triples, and so the smallest hash of some is the same: only such texts are compared. The
libraries for it bring numpy and scipy for these lines, and what they hash may change with their
version, and the split of a training set with it.
"""

import re
from array import array
from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Final, TypeAlias

Sketch: TypeAlias = "array[int]"
"""At most `_KEPT` hashes, smallest first: 8 bytes each."""

_KEPT: Final = 128
_PROBES: Final = 8
"""Of these smallest hashes one must be common. Texts with four of five triples in common miss that
once in some hundred thousand times."""

_MOST_COMPARED: Final = 200
"""Texts with one and the same hash that a new one is compared with; more
have it only where everybody uses a phrase, and then others of their hashes tell them apart."""

_WORD = re.compile(r"\w+")


def sketch_of(text: str) -> Sketch:
    """The sketch of a text; case, punctuation and white space do not count."""
    words = words_of(text)
    triples = {" ".join(words[n : n + 3]) for n in range(max(len(words) - 2, 1))}
    hashes = sorted(
        int.from_bytes(blake2b(each.encode("utf-8", "surrogatepass"), digest_size=8).digest())
        for each in triples
    )
    return array("Q", hashes[:_KEPT])


def words_of(text: str) -> list[str]:
    """Return the words of a text as they are compared."""
    return _WORD.findall(text.lower())


def likeness(one: Sketch, other: Sketch) -> float:
    """The share of common triples, 0 to 1; for long texts estimated.

    >>> likeness(sketch_of("What is my balance?"), sketch_of("what is  my balance"))
    1.0
    """
    union = sorted({*one, *other})[:_KEPT]
    common = set(one) & set(other)
    return sum(each in common for each in union) / len(union)


class Lookalikes:
    """The texts seen so far; tells which of them a new one is nearly the same as."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._sketches: dict[int, Sketch] = {}
        self._by_hash: dict[int, list[int]] = {}

    def first(self, sketch: Sketch) -> int | None:
        """The key of the first that is alike, if there is one."""
        return next(self.each(sketch), None)

    def each(
        self, sketch: Sketch, *, skip: Callable[[int], bool] = lambda _: False
    ) -> Iterator[int]:
        """The keys of all that are alike, in the order they came.

        Whether to skip one is asked when its turn has come, before it is compared: in a corpus of
        one phrase a thousand times, those already known to belong together cost next to nothing.
        """
        candidates = {key for each in sketch[:_PROBES] for key in self._by_hash.get(each, ())}
        own = frozenset(sketch)
        for key in sorted(candidates):
            if not skip(key) and self._is_like(sketch, own, key):
                yield key

    def _is_like(self, sketch: Sketch, own: frozenset[int], key: int) -> bool:
        other = self._sketches[key]
        # Most candidates share a phrase and no more: counting what is common is enough for them.
        most = len(own.intersection(other)) / max(len(own), len(other))
        return most >= self._threshold and likeness(sketch, other) >= self._threshold

    def add(self, key: int, sketch: Sketch) -> None:
        """Remember a text under a key, a number that counts up."""
        self._sketches[key] = sketch
        for each in sketch[:_PROBES]:
            keys = self._by_hash.setdefault(each, [])
            if len(keys) < _MOST_COMPARED:
                keys.append(key)
