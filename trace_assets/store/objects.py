"""What a store holds: objects under keys, and which keys are allowed."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from trace_assets.errors import StoreError

BLOCK: Final = 1 << 20
"""Bytes moved at once: large enough that a call's own cost does not show."""

MOST_KEY_BYTES: Final = 1024
"""The limit of S3."""

DISTANT_FUTURE: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object of a listing."""

    key: str
    size: int
    modified_at: datetime
    """When it was last written, by the clock of the store."""

    version: str
    """Changes whenever the bytes may have: the time of the last write, with the ETag on S3."""

    problem: str | None = None
    """Why it cannot be opened (a link that leads outside, an impossible name); None if it can."""


def key_problem(key: str) -> str | None:
    r"""Return why a key is not allowed, or None if it is.

    A key must mean the same in a bucket as in a folder, and must not lead out of either.

    >>> key_problem("telecom-agent/2026-01-02/über.json")
    >>> key_problem("a//b"), key_problem("../secrets"), key_problem("a\\b")
    ('an empty path segment', "a '..' path segment", 'a backslash')
    """
    if "\0" in key:
        return "a NUL character"
    if "\\" in key:
        return "a backslash"
    for segment in key.split("/"):
        if not segment:
            return "an empty path segment"
        if segment in {".", ".."}:
            return f"a {segment!r} path segment"
    try:
        length = len(key.encode())
    except UnicodeEncodeError:
        return "a name that is not UTF-8"
    return f"a name of more than {MOST_KEY_BYTES:,} bytes" if length > MOST_KEY_BYTES else None


def checked_key(key: str) -> str:
    """Return the key, or raise a StoreError that says what it must look like."""
    if problem := key_problem(key):
        msg = f"key {key!r} has {problem}; expected a relative path such as 'folder/file.json'"
        raise StoreError(msg)
    return key


def folder_prefix(prefix: str) -> str:
    """Return the prefix that all keys in a folder share: '' for the root, else with a slash.

    >>> folder_prefix("a/b"), folder_prefix("a/b/"), folder_prefix("")
    ('a/b/', 'a/b/', '')
    """
    name = prefix.removesuffix("/")
    return f"{checked_key(name)}/" if name else ""
