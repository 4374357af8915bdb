"""Records that are parts of one trace, brought together from a whole drop in bounded memory.

What a drop holds is not known before its last file is read, so every part waits: its bytes in one
temporary file, its key and place in a temporary database. Both stay in memory while they are small.
Memory then holds the parts of one trace at a time.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import IO, Any, NamedTuple

import msgspec

from trace_assets.formats import Part
from trace_assets.reading import Place, Record, Repair
from trace_assets.reading.decode import Decoded, decode
from trace_assets.trace.build import encode

TRACE_BYTES = 256 << 20
"""The most bytes of records that one trace may have: they are in memory together."""

_IN_MEMORY = 32 << 20
_BATCH = 1000

_TABLES = """
CREATE TABLE part (
  key TEXT, file INTEGER, number INTEGER, start INTEGER, length INTEGER, fragment TEXT,
  at INTEGER, size INTEGER, value INTEGER, context INTEGER);
CREATE TABLE context (id INTEGER PRIMARY KEY, said BLOB UNIQUE);
CREATE TABLE link (name BLOB, key TEXT);
"""
_LINKED = """
SELECT DISTINCT shared.key, link.key
FROM (SELECT name, MIN(key) AS key FROM link GROUP BY name HAVING MIN(key) <> MAX(key)) AS shared
JOIN link ON link.name = shared.name WHERE link.key <> shared.key ORDER BY 1, 2
"""
_GROUPS = "SELECT key, MIN(rowid), SUM(size) FROM part GROUP BY key ORDER BY MIN(rowid)"
_OF_GROUP = """
SELECT file, number, start, length, fragment, at, size, value, said
FROM part LEFT JOIN context ON context.id = part.context WHERE key IN ({}) ORDER BY part.rowid
"""


class Group(NamedTuple):
    """The parts with one key."""

    key: str
    size: int
    """Bytes of all its records."""


class Gathered:
    """The parts of a drop that one format has set aside so far, by their keys."""

    def __init__(self) -> None:
        self._bytes: IO[bytes] = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed with us
        self._at = 0
        self._index = sqlite3.connect("")  # a temporary file that SQLite removes by itself
        self._index.executescript(_TABLES)
        self._batch: list[tuple[Any, ...]] = []
        self._files: list[str] = []
        self._links: list[tuple[bytes, str]] = []
        self._members: dict[str, list[str]] = {}
        """By a key that others were linked to, all of them."""
        self._context: tuple[Mapping[str, Any], int | None] = ({}, None)

    def add(self, key: str, record: Record, context: Mapping[str, Any], *, is_json: bool) -> None:
        """Set a record aside; where its bytes are not the JSON of its value, with the value."""
        place = record.place
        if not self._files or self._files[-1] != place.file:
            self._files.append(place.file)
        value = encode([record.value, record.repairs]) if record.repairs or not is_json else b""
        row = (key, len(self._files) - 1, place.number, place.offset, place.length, place.fragment)
        sizes = (self._at, len(record.raw), len(value))
        self._batch.append((*row, *sizes, self._context_id(context)))
        self._bytes.write(record.raw + value)
        self._at += len(record.raw) + len(value)
        if len(self._batch) >= _BATCH:
            self._flush()

    def close(self) -> None:
        """Remove the temporary files."""
        self._bytes.close()
        self._index.close()

    def link(self, key: str, names: Iterable[str]) -> None:
        """Note names of a key: keys that share one are one group."""
        self._links += [(sha256(name.encode()).digest()[:16], key) for name in names]
        if len(self._links) >= _BATCH:
            self._flush()

    def groups(self) -> Iterator[Group]:
        """All keys, in the order in which they came; of keys that are linked, the first."""
        self._flush()
        self._index.execute("CREATE INDEX IF NOT EXISTS by_key ON part (key)")
        self._members = {}
        # Without it, each name that is shared is looked for in all links, one after the other.
        self._index.execute("CREATE INDEX IF NOT EXISTS by_name ON link (name, key)")
        linked = self._index.execute(_LINKED).fetchall()
        if not linked:  # no need to have all keys in memory
            yield from (Group(key, size) for key, _, size in self._index.execute(_GROUPS))
            return
        found: dict[str, int] = {key: size for key, _, size in self._index.execute(_GROUPS)}
        homes = _homes(linked, list(found))
        for key in found:
            self._members.setdefault(homes.get(key, key), []).append(key)
        for home, keys in self._members.items():
            yield Group(home, sum(found[key] for key in keys))

    def parts(self, key: str) -> list[Part]:
        """The records of one group, in the order in which they came."""
        return [self._part(row) for row in self._of_group(key)]

    def raws(self, key: str) -> Iterator[tuple[Place, bytes]]:
        """The places and bytes of the records of one group, one at a time."""
        for row in self._of_group(key):
            place, raw, _ = self._read(row)
            yield place, raw

    def _of_group(self, key: str) -> sqlite3.Cursor:
        keys = self._members.get(key, [key])
        return self._index.execute(_OF_GROUP.format(", ".join("?" * len(keys))), keys)

    def _part(self, row: tuple[Any, ...]) -> Part:
        place, raw, kept = self._read(row)
        value, repairs = _value_of(raw, kept)
        context = msgspec.json.decode(row[-1]) if row[-1] else {}
        return Part(Record(place, value, raw, repairs), context)

    def _read(self, row: tuple[Any, ...]) -> tuple[Place, bytes, bytes]:
        file, number, start, length, fragment, at, size, value_size, _ = row
        self._bytes.seek(at)
        kept = self._bytes.read(size + value_size)
        place = Place(self._files[file], number, start, length, fragment)
        return place, kept[:size], kept[size:]

    def _context_id(self, context: Mapping[str, Any]) -> int | None:
        """The number of what is said for a record, which is stored once for all it is said for."""
        if not context:
            return None
        known, number = self._context
        if known is not context:
            said = encode(context)
            self._index.execute("INSERT OR IGNORE INTO context (said) VALUES (?)", (said,))
            found = self._index.execute("SELECT id FROM context WHERE said = ?", (said,))
            number = found.fetchone()[0]
            self._context = (context, number)
        return number

    def _flush(self) -> None:
        self._index.executemany("INSERT INTO part VALUES (?,?,?,?,?,?,?,?,?,?)", self._batch)
        self._batch.clear()
        self._index.executemany("INSERT INTO link VALUES (?,?)", self._links)
        self._links.clear()


def _value_of(raw: bytes, kept: bytes) -> tuple[Any, tuple[Repair, ...]]:
    if kept:
        value, repairs = msgspec.json.decode(kept)
        return value, tuple(Repair(*repair) for repair in repairs)
    try:
        # No repair was needed, so there is no key to lose: not to be found out a second time.
        return msgspec.json.decode(raw), ()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        decoded = decode(raw)
    assert isinstance(decoded, Decoded)  # noqa: S101 - it was decoded when it was read
    return decoded.value, decoded.repairs


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
