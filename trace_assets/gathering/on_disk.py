"""Parts that wait on disk: their bytes in one temporary file, keys and places in a database."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from tempfile import TemporaryFile
from typing import IO, Any

import msgspec

from trace_assets.formats import Part
from trace_assets.reading import Place, Record, Repair
from trace_assets.reading.decode import Decoded, decode
from trace_assets.trace.build import encode

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
_OF_KEYS = """
SELECT file, number, start, length, fragment, at, size, value, said
FROM part LEFT JOIN context ON context.id = part.context WHERE key IN ({}) ORDER BY part.rowid
"""


class OnDisk:
    """Parts by their keys; memory holds those that are asked for."""

    def __init__(self) -> None:
        self._bytes: IO[bytes] = TemporaryFile()  # noqa: SIM115 - closed with us
        self._at = 0
        self._index = sqlite3.connect("")  # a temporary file that SQLite removes by itself
        self._index.executescript(_TABLES)
        self._batch: list[tuple[Any, ...]] = []
        self._files: list[str] = []
        self._links: list[tuple[bytes, str]] = []
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
        """Note names of a key."""
        self._links += [(sha256(name.encode()).digest()[:16], key) for name in names]
        if len(self._links) >= _BATCH:
            self._flush()

    def sizes(self) -> Iterator[tuple[str, int]]:
        """The keys in the order in which they came, with the bytes of their records."""
        self._flush()
        self._index.execute("CREATE INDEX IF NOT EXISTS by_key ON part (key)")
        return ((key, size) for key, _, size in self._index.execute(_GROUPS))

    def linked(self) -> list[tuple[str, str]]:
        """Pairs of keys that share a name, enough of them to tell which are one group."""
        self._flush()
        # Without it, each name that is shared is looked for in all links, one after the other.
        self._index.execute("CREATE INDEX IF NOT EXISTS by_name ON link (name, key)")
        return self._index.execute(_LINKED).fetchall()

    def parts(self, keys: Sequence[str]) -> list[Part]:
        """The records of some keys, in the order in which they came."""
        return [self._part(row) for row in self._of(keys)]

    def raws(self, keys: Sequence[str]) -> Iterator[tuple[Place, bytes]]:
        """The places and bytes of the same, one at a time."""
        for row in self._of(keys):
            place, raw, _ = self._read(row)
            yield place, raw

    def _of(self, keys: Sequence[str]) -> sqlite3.Cursor:
        return self._index.execute(_OF_KEYS.format(", ".join("?" * len(keys))), keys)

    def _part(self, row: tuple[Any, ...]) -> Part:
        place, raw, kept = self._read(row)
        context = msgspec.json.decode(row[-1]) if row[-1] else {}
        if not kept:
            return Part(Record(place, value_of(raw), raw), context)
        value, repairs = msgspec.json.decode(kept)
        repaired = tuple(Repair(*repair) for repair in repairs)
        return Part(Record(place, value, raw, repaired), context)

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


def value_of(raw: bytes) -> Any:
    """The value of a record that was decoded before, with no repair."""
    try:
        # There is no key to lose then: not to be found out a second time.
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        decoded = decode(raw)
    assert isinstance(decoded, Decoded)  # noqa: S101 - it was decoded when it was read
    return decoded.value
