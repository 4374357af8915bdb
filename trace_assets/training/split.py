"""Which traces train, which test, and which are left as unstructured context.

Traces of one session or conversation, and traces whose users say nearly the same, are a group: of a
group that tests, nothing trains and nothing is context. Groups are ordered by the sha256 of seed
and name, which is chance enough and the same everywhere; `random` would tie the split to a version
of Python. Each class or tool gives its share to both sides, the first group of each to train.

Held in memory: of each trace its id, its names and a sketch, some 2.5 kB; no messages.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Literal

import msgspec

from trace_assets.training.duplicates import Lookalikes, sketch_of
from trace_assets.training.examples import Labelled
from trace_assets.training.recipe import Recipe
from trace_assets.training.rows import Row, Rows
from trace_assets.training.text import asked_in

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
    labelled: Iterable[Labelled], recipe: Recipe, given: Sequence[str] | None = None
) -> list[Placed]:
    """Place every trace, in the order they came.

    Args:
        labelled: The conversations with their labels.
        recipe: What the sizes, the seed and the threshold are in.
        given: The questions of a test set that is there already; no trace becomes test then.
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

    def __init__(self, recipe: Recipe, given: Sequence[str]) -> None:
        threshold = recipe.local.near_duplicate_threshold
        self._seen, self._given = Lookalikes(threshold), Lookalikes(threshold)
        for number, question in enumerate(given):
            self._given.add(number, sketch_of(asked_in(question)))
        self._sessions: dict[str, int] = {}
        self._leaders: list[int] = []
        self.members: list[_Member] = []

    def add(self, labelled: Labelled, rows: Sequence[Row]) -> None:
        conversation, number = labelled.conversation, len(self.members)
        placed = Placed(conversation.trace_id, conversation.source_uri, "", rows=len(rows))
        self.members.append(_Member(placed, frozenset(row.name for row in rows)))
        self._leaders.append(number)
        if conversation.session is not None:
            self._join(number, self._sessions.setdefault(conversation.session, number))
        sketch = sketch_of(conversation.asked())
        for alike in self._seen.find(sketch):
            self._join(number, alike)
        self._seen.add(number, sketch)
        if alike := self._given.find(sketch):
            placed.part, placed.reason = "left_out", "near_duplicate_of_test"
            placed.like = f"test row {alike[0]}"

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


def _share_out(groups: Sequence[list[_Member]], *, train: int, test: int, seed: int) -> None:
    """Place the groups, the strata in turn from the rarest to the most frequent."""
    counts = Counter(name for group in groups for name in _names(group))
    total = sum(_weight(group) for group in groups)
    if total < train + test:
        test = round(total * test / (train + test))
        train = total - test
    left: dict[Part, int] = {"train": train, "test": test, "unstructured": total - train - test}
    for name, stratum in _strata(groups, counts, seed):
        size, rest = sum(map(_weight, stratum)), max(sum(left.values()), 1)
        # Of what is left, so that what one stratum rounds away the next makes up for.
        wanted: dict[Part, float] = {part: size * count / rest for part, count in left.items()}
        got: Counter[Part] = Counter()
        for group in stratum:
            _place(group, _part_of(_weight(group), wanted, got, left), name, left=left, got=got)


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


def _part_of(
    weight: int, wanted: Mapping[Part, float], got: Mapping[Part, int], left: Mapping[Part, int]
) -> Part:
    """Where a group goes: what lacks most of its share, and has room for it."""
    fits: list[Part] = ["unstructured"]
    if 0 < weight <= left["test"]:
        fits.insert(0, "test")
    if weight and left["train"] > 0:
        fits.insert(0, "train")
    if fits[0] == "train" and not got.get("train"):
        return "train"
    return max(fits, key=lambda part: (wanted[part] - got.get(part, 0), -fits.index(part)))


def _place(
    group: Sequence[_Member], part: Part, stratum: str, *, left: dict[Part, int], got: Counter[Part]
) -> None:
    for member in group:
        placed = member.placed
        placed.stratum = stratum
        if placed.rows:
            # A group that has more traces than train has places for goes on as context.
            placed.part = part if left[part] > 0 else "unstructured"
            left[placed.part] -= 1
            got[placed.part] += 1
        elif part == "test":
            placed.part, placed.reason = "left_out", "group_of_test"


def _names(group: Iterable[_Member]) -> set[str]:
    return {name for member in group for name in member.names if name}


def _weight(group: Iterable[_Member]) -> int:
    """How many of its traces give rows."""
    return sum(member.placed.rows > 0 for member in group)
