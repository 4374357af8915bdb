"""Reading the whole store again: which files are not what was written."""

from collections.abc import Iterator
from typing import NamedTuple

from trace_assets.artifacts import Artifact, is_version
from trace_assets.errors import StoreError
from trace_assets.store import Store

_MANIFEST = "/manifest.json"


class Scrubbed(NamedTuple):
    """One artifact, read again."""

    name: str
    """Its asset and partition, such as `raw_logs/bot/2026-01-02`."""
    files: int
    size: int
    problems: list[str]
    """A line for each file that is damaged or missing; empty is good."""


def scrub(store: Store) -> Iterator[Scrubbed]:
    """Read every file that a manifest names, and compare its size and sha256.

    Raises:
        StoreError: the store cannot be listed.
    """
    for prefix in _prefixes(store):
        artifact = Artifact(store, prefix)
        try:
            manifest = artifact.manifest()
            problems = artifact.verify()
        except StoreError as error:
            yield Scrubbed(prefix, 0, 0, [str(error)])
            continue
        files = manifest.files if manifest else ()
        yield Scrubbed(prefix, len(files), sum(file.size for file in files), problems)


def _prefixes(store: Store) -> list[str]:
    """Where artifacts are: a version of one may hold a `manifest.json` of its own."""
    keys = (found.key for found in store.list())
    found = {key.removesuffix(_MANIFEST) for key in keys if key.endswith(_MANIFEST)}
    return sorted(prefix for prefix in found if not _is_in_version(prefix, found))


def _is_in_version(prefix: str, others: set[str]) -> bool:
    parent, _, name = prefix.rpartition("/")
    return is_version(name) and parent in others
