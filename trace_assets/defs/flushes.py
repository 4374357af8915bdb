"""Many runs in a row on an instance in SQLite, without waiting for the disk at each event.

Dagster opens a connection for every event of a run and closes it again, which copies the
write-ahead log into the database and flushes both: 200 times a run, 0.4 of 0.8 seconds where it
was measured. Here a second connection stays open beside those, so that nothing is copied before
the end, and a commit is written without a flush. A crash of the process loses nothing; one of the
whole machine may lose the last events, and never damages the database (SQLite's own words on
`synchronous=NORMAL` with a write-ahead log).
"""

import sqlite3
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock

from sqlalchemy import event
from sqlalchemy.engine import Engine

_MOST_OPEN = 4
"""The index, the runs, the schedules, and the run that is on: each run has a database."""


@contextmanager
def fewer_flushes() -> Iterator[None]:
    """Spare the disk inside the block; an instance that is not in SQLite is left as it is."""
    beside = _Beside()
    event.listen(Engine, "connect", beside.keep)
    try:
        yield
    finally:
        event.remove(Engine, "connect", beside.keep)
        beside.close()


class _Beside:
    """One more connection to each database in use, the least recently used closed first."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, sqlite3.Connection] = OrderedDict()
        self._lock = Lock()

    def keep(self, connection: object, _: object) -> None:
        """Hear of a new connection."""
        if not isinstance(connection, sqlite3.Connection):
            return
        connection.execute("PRAGMA synchronous=NORMAL")
        path = connection.execute("PRAGMA database_list").fetchone()[2]
        with self._lock:
            if path not in self._open:
                self._open[path] = sqlite3.connect(path, check_same_thread=False)
            self._open.move_to_end(path)
            # Only a connection that has read holds the log; one that is locked reads next time.
            with suppress(sqlite3.OperationalError):
                self._open[path].execute("SELECT 1 FROM sqlite_master").fetchone()
            while len(self._open) > _MOST_OPEN:
                self._open.popitem(last=False)[1].close()

    def close(self) -> None:
        """Let go of all of them."""
        for connection in self._open.values():
            connection.close()
        self._open.clear()
