"""Names that are unique, and names that are safe as directories."""

import re
import sqlite3
from hashlib import sha256

_PLAIN = re.compile(r"[a-z0-9][a-z0-9_.-]{0,79}")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")
"""What Windows takes for a device, whatever follows the dot."""


def directory_of(interaction_id: str) -> str:
    """The directory of an interaction: its id if that is safe, else what is safe of it and a hash.

    Readers use the id as it is: one with a slash makes directories that they never look into, and
    ids that differ in case alone share one on many disks. Two ids never share a directory here,
    as no plain id holds a `~`.

    >>> directory_of("4f0c-turn-0"), directory_of("../A"), directory_of("../a")
    ('4f0c-turn-0', 'a~80dd850293b12572', 'a~61b4c98bfb92bdc9')
    """
    if _is_plain(interaction_id):
        return interaction_id
    digest = sha256(interaction_id.encode(errors="surrogatepass")).hexdigest()[:16]
    slug = re.sub(r"[^a-z0-9_.-]+", "_", interaction_id[:48].lower()).strip("._-")
    return f"{slug or 'id'}~{digest}"


def _is_plain(name: str) -> bool:
    return (
        _PLAIN.fullmatch(name) is not None
        and not name.endswith(".")
        and _RESERVED.fullmatch(name) is None
    )


class Names:
    """Ids that were given out so far; in a temporary file, so that their number has no limit."""

    def __init__(self) -> None:
        self._taken = sqlite3.connect("")
        self._taken.execute(
            "CREATE TABLE taken (name BLOB PRIMARY KEY, times INTEGER) WITHOUT ROWID"
        )

    def __enter__(self) -> "Names":
        return self

    def __exit__(self, *_: object) -> None:
        self._taken.close()

    def unique(self, kind: str, *candidates: str) -> str:
        """The first candidate that nothing of the kind is called yet, else the last with a number.

        >>> with Names() as names:
        ...     [names.unique("step", "1", "t:1") for _ in range(4)]
        ['1', 't:1', 't:1~2', 't:1~3']
        """
        number = 1
        for candidate in candidates:
            number = self._times(kind, candidate)
            if number == 1:
                return candidate
        while self._times(kind, f"{candidates[-1]}~{number}") > 1:
            number += 1
        return f"{candidates[-1]}~{number}"

    def _times(self, kind: str, name: str) -> int:
        """How often a name was asked for, this time included."""
        key = f"{kind} {name}".encode(errors="surrogatepass")
        query = (
            "INSERT INTO taken VALUES (?, 1) ON CONFLICT DO UPDATE SET times = times + 1 "
            "RETURNING times"
        )
        (times,) = self._taken.execute(query, (key,)).fetchone()
        return int(times)
