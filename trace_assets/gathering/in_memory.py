"""Parts that wait in memory: as bytes, for their values would take some times as much, or whole."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from trace_assets.formats import Part
from trace_assets.gathering.on_disk import OnDisk, value_of
from trace_assets.reading import Place, Record


class InMemory:
    """Parts by their keys; `with_values` for those that do not wait long."""

    def __init__(self, *, with_values: bool = False) -> None:
        self._with_values = with_values
        self.size = 0
        """Bytes of all records."""
        self._parts: list[tuple[str, Part, bool]] = []
        """As they came: the key, the part, and whether its bytes alone tell its value."""
        self._places: dict[str, list[int]] = {}
        self._links: list[tuple[str, Iterable[str]]] = []

    def add(self, key: str, record: Record, context: Mapping[str, Any], *, is_json: bool) -> None:
        """Set a record aside; where its bytes are not the JSON of its value, with the value."""
        is_bytes = is_json and not record.repairs
        if is_bytes and not self._with_values:
            record = Record(record.place, None, record.raw)
        self._places.setdefault(key, []).append(len(self._parts))
        self._parts.append((key, Part(record, context), is_bytes))
        self.size += len(record.raw)

    def link(self, key: str, names: Iterable[str]) -> None:
        """Note names of a key."""
        self._links.append((key, names))

    def moved_to(self, disk: OnDisk) -> OnDisk:
        """Set aside there what waits here."""
        for key, (record, context), is_bytes in self._parts:
            disk.add(key, record, context, is_json=is_bytes)
        for key, names in self._links:
            disk.link(key, names)
        return disk

    def sizes(self) -> Iterator[tuple[str, int]]:
        """The keys in the order in which they came, with the bytes of their records."""
        for key, places in self._places.items():
            yield key, sum(len(self._parts[place][1].record.raw) for place in places)

    def linked(self) -> list[tuple[str, str]]:
        """Pairs of keys that share a name, enough of them to tell which are one group."""
        first: dict[str, str] = {}
        named = ((name, key) for key, names in self._links for name in names)
        pairs = ((first.setdefault(name, key), key) for name, key in named)
        return [pair for pair in pairs if pair[0] != pair[1]]

    def parts(self, keys: Sequence[str]) -> list[Part]:
        """The records of some keys, in the order in which they came."""
        parts = self._of(keys)
        if self._with_values:
            return [part for _, part, _ in parts]
        return [_whole(part) if is_bytes else part for _, part, is_bytes in parts]

    def raws(self, keys: Sequence[str]) -> Iterator[tuple[Place, bytes]]:
        """The places and bytes of the same."""
        return ((part.record.place, part.record.raw) for _, part, _ in self._of(keys))

    def _of(self, keys: Sequence[str]) -> list[tuple[str, Part, bool]]:
        places = sorted(place for key in keys for place in self._places[key])
        return [self._parts[place] for place in places]


def _whole(part: Part) -> Part:
    place, _, raw, _ = part.record
    return Part(Record(place, value_of(raw), raw), part.context)
