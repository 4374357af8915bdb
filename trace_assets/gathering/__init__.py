"""Records that are parts of one trace, brought together from a whole drop in bounded memory.

What a drop holds is not known before its last file is read, so every part waits: in memory while
they are few, then all of them on disk, so that memory holds the parts of one trace at a time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from trace_assets.formats import Part
from trace_assets.gathering.in_memory import InMemory
from trace_assets.gathering.on_disk import OnDisk
from trace_assets.reading import Place, Record

TRACE_BYTES = 256 << 20
"""The most bytes of records that one trace may have: they are in memory together."""

_IN_MEMORY = 32 << 20
"""How many bytes of records wait in memory."""


class Group(NamedTuple):
    """The parts with one key."""

    key: str
    size: int
    """Bytes of all its records."""


class Gathered:
    """The parts of a drop that one format has set aside so far, by their keys."""

    def __init__(self, in_memory: int = _IN_MEMORY, *, with_values: bool = False) -> None:
        self._limit = in_memory
        self._held = InMemory(with_values=with_values)
        self._disk: OnDisk | None = None
        self._members: dict[str, list[str]] = {}
        """By a key that others were linked to, all of them."""

    def add(self, key: str, record: Record, context: Mapping[str, Any], *, is_json: bool) -> None:
        """Set a record aside; where its bytes are not the JSON of its value, with the value."""
        if self._disk:
            self._disk.add(key, record, context, is_json=is_json)
            return
        self._held.add(key, record, context, is_json=is_json)
        if self._held.size > self._limit:
            self._disk = self._held.moved_to(OnDisk())
            self._held = InMemory()  # frees what has been moved

    def close(self) -> None:
        """Remove the temporary files."""
        if self._disk:
            self._disk.close()

    def link(self, key: str, names: Iterable[str]) -> None:
        """Note names of a key: keys that share one are one group."""
        (self._disk or self._held).link(key, names)

    def groups(self) -> Iterator[Group]:
        """All keys, in the order in which they came; of keys that are linked, the first."""
        self._members = {}
        waiting = self._disk or self._held
        linked = waiting.linked()
        if not linked:  # no need to have all keys in memory
            yield from (Group(key, size) for key, size in waiting.sizes())
            return
        found = dict(waiting.sizes())
        homes = _homes(linked, list(found))
        for key in found:
            self._members.setdefault(homes.get(key, key), []).append(key)
        for home, keys in self._members.items():
            yield Group(home, sum(found[key] for key in keys))

    def parts(self, key: str) -> list[Part]:
        """The records of one group, in the order in which they came."""
        return (self._disk or self._held).parts(self._members.get(key, [key]))

    def raws(self, key: str) -> Iterator[tuple[Place, bytes]]:
        """The places and bytes of the records of one group, one at a time."""
        return (self._disk or self._held).raws(self._members.get(key, [key]))


def _homes(pairs: Iterable[tuple[str, str]], keys: Sequence[str]) -> dict[str, str]:
    """For each key that is linked to others, the first of them in the order of the keys.

    >>> sorted(_homes([("a", "c"), ("b", "c")], ["d", "c", "b", "a"]).items())
    [('a', 'c'), ('b', 'c'), ('c', 'c')]
    """
    places = {key: place for place, key in enumerate(keys)}
    homes: dict[str, str] = {}

    def home(key: str) -> str:
        while (above := homes.setdefault(key, key)) != key:
            homes[key] = homes[above]
            key = above
        return key

    for pair in pairs:
        # a key of which all records are copies has no parts of its own
        one, other = sorted(map(home, pair), key=lambda key: places.get(key, len(places)))
        homes[other] = one
    return {key: home(key) for key in list(homes)}
