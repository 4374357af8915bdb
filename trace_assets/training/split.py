"""Which traces train, which test, and which are left as unstructured context.

Traces of one id, session or conversation, and traces whose users say nearly the same, are a group:
of a group that tests, nothing trains and nothing is context. Groups are ordered by the sha256 of
seed and name, which is chance enough and the same everywhere; `random` would tie the split to a
version of Python. Each class or tool gives its share to both sides, the first group of each to
train.

Held in memory: of each trace its id, its names and a sketch, some 2.5 kB; no messages.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, Literal

import msgspec

from trace_assets.training.duplicates import Lookalikes, sketch_of
from trace_assets.training.examples import Labelled
from trace_assets.training.exchanges import SHARES_EXCHANGE, TestExchanges
from trace_assets.training.recipe import Recipe
from trace_assets.training.rows import Row, Rows

Part = Literal["train", "test", "unstructured", "left_out"]


class Placed(msgspec.Struct, omit_defaults=True):
    """Where one trace goes."""

    trace_id: str
    source_uri: str
    group: str
    """The first trace of those that stay together."""
    stratum: str = ""
    """The class or tool by which it was shared out."""
    rows: int = 0
    """How many rows it would give."""
    part: Part = "unstructured"
    reason: str = ""
    """Why it is left out."""
    like: str = ""
    """The row of the given test set that it is like."""


class _Member(msgspec.Struct):
    placed: Placed
    names: frozenset[str]


def split(
    labelled: Iterable[Labelled], recipe: Recipe, given: Sequence[Mapping[str, Any]] | None = None
) -> list[Placed]:
    """Place every trace, in the order they came.

    Args:
        labelled: The conversations with their labels.
        recipe: What the sizes, the seed and the threshold are in.
        given: The rows of a curated test set; no trace becomes test then.
    """
    rows, groups = Rows(recipe), _Groups(recipe, given or ())
    for each in labelled:
        found = [row for row in rows.of(each) if isinstance(row, Row)]
        groups.add(each, found)
    processing = recipe.config.trace_processing
    _share_out(
        groups.each(),
        train=processing.num_traces_as_training_base,
        test=0 if given is not None else processing.num_traces_as_testing_base,
        seed=recipe.config.base.random_seed,
    )
    return [member.placed for member in groups.members]


class _Groups:
    """Finds what stays together, by union of pairs."""

    def __init__(self, recipe: Recipe, given: Sequence[Mapping[str, Any]]) -> None:
        threshold = recipe.local.near_duplicate_threshold
        self._seen, self._given = Lookalikes(threshold), TestExchanges(given, threshold)
        self._named: dict[tuple[str, str | None], int] = {}
        self._leaders: list[int] = []
        self.members: list[_Member] = []

    def add(self, labelled: Labelled, rows: Sequence[Row]) -> None:
        conversation, number = labelled.conversation, len(self.members)
        placed = Placed(conversation.trace_id, conversation.source_uri, "", rows=len(rows))
        self.members.append(_Member(placed, frozenset(row.name for row in rows)))
        self._leaders.append(number)
        # One id may be there twice: two logs of one run, or a run that went on.
        for name in (("trace", conversation.trace_id), ("session", conversation.session)):
            if name[1] is not None:
                self._join(number, self._named.setdefault(name, number))
        sketch = sketch_of(conversation.asked())
        own = self._leader
        for alike in self._seen.each(sketch, skip=lambda key: own(key) == own(number)):
            self._join(number, alike)
        self._seen.add(number, sketch)
        if row := self._given.shared_with(conversation):
            placed.part, placed.reason, placed.like = "left_out", SHARES_EXCHANGE, row

    def each(self) -> list[list[_Member]]:
        """The groups of traces that may be placed, each named after its first trace."""
        found: dict[int, list[_Member]] = {}
        for number, member in enumerate(self.members):
            leader = self._leader(number)
            member.placed.group = self.members[leader].placed.trace_id
            if not member.placed.reason:
                found.setdefault(leader, []).append(member)
        return list(found.values())

    def _join(self, one: int, other: int) -> None:
        first, second = sorted((self._leader(one), self._leader(other)))
        self._leaders[second] = first

    def _leader(self, number: int) -> int:
        while (above := self._leaders[number]) != number:
            self._leaders[number] = self._leaders[above]
            number = above
        return number


class _Places:
    """How many traces each part has places for, and what share of them it should get."""

    def __init__(self, total: int, *, train: int, test: int) -> None:
        self.room: dict[Part, int] = {"train": train, "test": test, "unstructured": total}
        if total < train + test:
            test = round(total * test / (train + test))
            train = total - test
        self.share: dict[Part, int] = {
            "train": train,
            "test": test,
            "unstructured": total - train - test,
        }

    def wanted(self, size: int) -> dict[Part, float]:
        """How many of a stratum each part should get: its share of what is not given out yet.

        So what one stratum rounds away, or gives too much of to keep a group whole, the next makes
        up for.
        """
        rest: dict[Part, int] = {part: max(count, 0) for part, count in self.share.items()}
        total = sum(rest.values()) or 1
        return {part: size * count / total for part, count in rest.items()}

    def take(self, part: Part) -> Part:
        """Take a place in a part, or in what has always room."""
        taken = part if self.room[part] > 0 else "unstructured"
        self.room[taken] -= 1
        self.share[taken] -= 1
        return taken


def _share_out(groups: Sequence[list[_Member]], *, train: int, test: int, seed: int) -> None:
    """Place the groups, the strata in turn from the rarest to the most frequent."""
    counts = Counter(name for group in groups for name in _names(group))
    places = _Places(sum(map(_weight, groups)), train=train, test=test)
    for name, stratum in _strata(groups, counts, seed):
        wanted = places.wanted(sum(map(_weight, stratum)))
        for number, group in enumerate(stratum):
            weight = _weight(group)
            covers = not number and weight and places.share["train"] > 0
            part = "train" if covers else _part_of(weight, wanted, places)
            _place(group, part, places, wanted)
            for member in group:
                member.placed.stratum = name


def _place(
    group: Sequence[_Member], part: Part, places: _Places, wanted: dict[Part, float]
) -> None:
    for placed in (member.placed for member in group):
        if placed.rows:
            # A group larger than the places of train goes on as context.
            placed.part = places.take(part)
            wanted[placed.part] -= 1
        elif part == "test":
            placed.part, placed.reason = "left_out", "group_of_test"


def _strata(
    groups: Sequence[list[_Member]], counts: Mapping[str, int], seed: int
) -> Iterator[tuple[str, list[list[_Member]]]]:
    """The groups by the rarest of their names, each list in the seed's order."""
    strata: dict[str, list[list[_Member]]] = {}
    for group in groups:
        names = sorted(_names(group), key=lambda name: (counts[name], name))
        strata.setdefault(names[0] if names else "", []).append(group)
    for name in sorted(strata, key=lambda name: (counts[name], name)):
        yield name, sorted(strata[name], key=lambda group: _drawn(seed, group))


def _drawn(seed: int, group: Sequence[_Member]) -> bytes:
    return sha256(f"{seed}:{group[0].placed.group}".encode("utf-8", "surrogatepass")).digest()


def _part_of(weight: int, wanted: Mapping[Part, float], places: _Places) -> Part:
    """Where a group goes: what lacks most of its share, and has room for it."""
    fits: list[Part] = ["unstructured"]
    if 0 < weight <= places.room["test"]:
        fits.insert(0, "test")
    if weight and places.room["train"] > 0:
        fits.insert(0, "train")
    return max(fits, key=lambda part: (wanted[part], -fits.index(part)))


def _names(group: Iterable[_Member]) -> set[str]:
    return {name for member in group for name in member.names if name}


def _weight(group: Iterable[_Member]) -> int:
    """How many of its traces give rows."""
    return sum(member.placed.rows > 0 for member in group)
