"""What a drop has held so far."""

from hashlib import sha256
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from trace_assets.custom_columns import CustomColumns
from trace_assets.formats import Format
from trace_assets.gathering import Gathered

if TYPE_CHECKING:
    import sqlite3


def digest_of(raw: bytes) -> bytes:
    """Compute the digest by which a record is remembered."""
    return sha256(raw).digest()[:16]


class Seen:
    """What a drop has held so far: its records, in memory while they are few, then in a file."""

    def __init__(self, in_memory: int = 200_000) -> None:
        self.context: dict[str, dict[str, Any]] = {}
        """By folder: what files that hold no record say for the files beside and below them."""
        self.gathered: dict[str, Gathered] = {}
        """By format: the records that are parts of a trace."""
        self.formats: dict[str, Format] = {}
        """Those formats, under the mapping of their files."""
        self.columns = CustomColumns(None)
        """The columns that the user declares for them."""
        self.files: set[str] = set()
        """The sha256 of each file that holds such records."""
        self._recent: set[bytes] = set()
        self._limit = in_memory
        self._disk: sqlite3.Connection | None = None

    def __enter__(self) -> "Seen":
        return self

    def __exit__(self, *_: object) -> None:
        for gathered in self.gathered.values():
            gathered.close()
        if self._disk:
            self._disk.close()

    def context_for(self, file: str) -> dict[str, Any]:
        """What the nearest such file beside or above a file says; empty where there is none."""
        for folder in PurePosixPath(file).parents:
            if context := self.context.get(str(folder)):
                return dict(context)
        return {}

    def add(self, raw: bytes) -> bool:
        """Remember a record by its bytes; whether it was there before."""
        return self.add_digest(digest_of(raw))

    def add_digest(self, digest: bytes) -> bool:
        """Remember a record by its digest; whether it was there before."""
        if self.has(digest):
            return True
        self.keep(digest)
        return False

    def has(self, digest: bytes) -> bool:
        """Return whether a record with this digest was there before."""
        return digest in self._recent or self._spilled(digest)

    def keep_record(self, raw: bytes, digest: bytes) -> None:  # noqa: ARG002
        """Remember a record that was not there before, by its bytes and their digest."""
        self.keep(digest)

    def keep(self, digest: bytes) -> None:
        """Remember a record that was not there before."""
        self._recent.add(digest)
        if len(self._recent) >= self._limit:
            self._spill()

    def _spilled(self, digest: bytes) -> bool:
        query = "SELECT 1 FROM seen WHERE digest = ?"
        return bool(self._disk and self._disk.execute(query, (digest,)).fetchone())

    def _spill(self) -> None:
        if self._disk is None:
            import sqlite3  # few drops are that large

            self._disk = sqlite3.connect("")  # a temporary file that SQLite removes by itself
            self._disk.execute("CREATE TABLE seen (digest BLOB PRIMARY KEY) WITHOUT ROWID")
        rows = [(digest,) for digest in sorted(self._recent)]
        self._disk.executemany("INSERT INTO seen VALUES (?)", rows)
        self._recent.clear()
