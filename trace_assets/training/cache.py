"""Answers of teachers on disk, so that none is paid for twice.

An answer is durable before anybody sees it: a run that is killed has every answer it acted on, and
the next run finds it. Stored are the hash of a request and the answer; neither the key of the
endpoint nor its address, so that the file can be shared and serves another endpoint with the same
models. Failures are not stored.
"""

import sqlite3
from pathlib import Path
from threading import Lock
from typing import Self

import msgspec

from trace_assets.errors import StoreError


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a model answered, and what it counted for that."""

    text: str
    is_cut: bool = False
    """Whether it ran into the limit of its length."""
    input_tokens: int | None = None
    output_tokens: int | None = None


_SCHEMA = "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer BLOB NOT NULL)"
_WAIT_S = 60  # for another process that writes; one answer takes milliseconds


class AnswerCache:
    """Answers by the hash of their request. Threads and processes may share it; close it.

    Raises:
        StoreError: the file cannot be opened, read or written, or is no cache.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self.found = 0
        """Answers that were there."""
        self.added = 0
        """Answers that were not: what was paid for through this object."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(
                path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False
            )
        except (OSError, sqlite3.Error) as error:
            raise self._error(error) from error
        try:
            # A commit returns after the bytes are on the disk, not in the system's memory alone.
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=FULL")
            self._database.execute(_SCHEMA)
        except sqlite3.Error as error:
            self._database.close()
            raise self._error(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def find(self, key: str) -> Answer | None:
        """The answer to a request, or None where it was never answered."""
        try:
            with self._lock:
                row = self._database.execute(
                    "SELECT answer FROM answers WHERE key = ?", (key,)
                ).fetchone()
                self.found += row is not None
        except sqlite3.Error as error:
            raise self._error(error) from error
        try:
            return msgspec.json.decode(row[0], type=Answer) if row else None
        except msgspec.DecodeError as error:
            raise self._error(f"answer {key}: {error}") from error

    def add(self, key: str, answer: Answer) -> None:
        """Keep an answer; it is on the disk when this returns."""
        try:
            with self._lock:
                self._database.execute(
                    "INSERT OR IGNORE INTO answers VALUES (?, ?)",
                    (key, msgspec.json.encode(answer)),
                )
                self.added += 1
        except sqlite3.Error as error:
            raise self._error(error) from error

    def _error(self, found: object) -> StoreError:
        return StoreError(f"{self._path}: cache of the teachers' answers: {found}")
