"""published_dataset: a dataset at the target, whole or not at all, and verified."""

from contextlib import closing
from hashlib import sha256
from typing import NamedTuple

from trace_assets.artifacts import Artifact, Manifest
from trace_assets.errors import StoreError
from trace_assets.stages.stage import expect_newest
from trace_assets.store import Store

_BLOCK_BYTES = 1 << 20


class Publication(NamedTuple):
    """What a publication did."""

    uri: str
    """The dataset's folder at the target."""
    files: list[str]
    """The URIs of the files there."""
    sent: int
    """How many of them had to be sent."""
    digest: str
    """The data version: of the content of all files."""


def publish(dataset: Artifact, target: Store, *, prefix: str) -> Publication:
    """Send a dataset's files to the target, `manifest.json` last; only those that changed.

    The rows are one file, replaced atomically, and the spec names it by a name that does not
    change: whoever reads the spec finds the old rows or the new ones. A file that is at the target
    counts as sent when its bytes there have the hash of the dataset's manifest.

    Raises:
        StoreError: a file could not be sent, or is not at the target as it was sent; or the dataset
            was replaced meanwhile, and a retry sends the newer one.
    """
    manifest = dataset.expect()
    publication = _publish(dataset, manifest, target, prefix)
    expect_newest([(dataset, manifest)])
    return publication


def _publish(dataset: Artifact, manifest: Manifest, target: Store, prefix: str) -> Publication:
    files = sorted(manifest.files, key=lambda file: (file.name == "manifest.json", file.name))
    sent = 0
    for file in files:
        key = f"{prefix}{file.name}"
        if _is_there(target, key, file.size, file.sha256):
            continue
        expect_newest([(dataset, manifest)])
        dataset.store.copy_to(file.key, target, key)
        sent += 1
        if not _is_there(target, key, file.size, file.sha256):
            raise StoreError(
                f"{target.uri(key)}: the bytes at the target are not the ones that were sent; "
                "run again, or look at who else writes there",
                retryable=True,
            )
    uris = [target.uri(f"{prefix}{file.name}") for file in files]
    return Publication(target.uri(prefix), uris, sent, manifest.digest)


def _is_there(target: Store, key: str, size: int, digest: str) -> bool:
    stored = target.stat(key)
    if stored is None or stored.size != size:
        return False
    found = sha256()
    with closing(target.open(key)) as stream:
        while block := stream.read(_BLOCK_BYTES):
            found.update(block)
    return found.hexdigest() == digest
