"""What an asset stores for one partition: several files that change as one.

    <prefix>/manifest.json        what there is: read first, written last, replaced at once
    <prefix>/<version>/<name>     the files; a version is the caller's fingerprint of all inputs

Readers go through the manifest, so a run that is killed at any moment leaves the old files or
the new ones, never a mix. Two runs of the same inputs write the same bytes to the same keys,
which harms nobody. The version that was replaced stays until the next one, for readers that are
in the middle of it. Nothing here knows the time: the same content gives the same manifest.
"""

import hashlib
import io
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, BinaryIO, Final, cast

import msgspec

from trace_assets.errors import NotFoundError, StoreError
from trace_assets.store import Store
from trace_assets.store.hashed import Hashed, Verified, VerifiedFile
from trace_assets.store.objects import BLOCK, checked_key
from trace_assets.store.streams import all_or_nothing

_VERSION: Final = re.compile(r"[0-9a-f]{8,64}")
_SURELY_DEAD: Final = timedelta(days=1)
"""Longer than any run may last (`max_runtime_seconds` in dagster.yaml is four hours)."""

_log = logging.getLogger(__name__)


class StoredFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """One file of an artifact."""

    name: str
    key: str
    size: int
    sha256: str
    rows: int | None = None
    """Lines or records in it, where the writer said so."""


class Manifest(msgspec.Struct, frozen=True):
    """The files that belong together, sorted by name."""

    version: str
    files: tuple[StoredFile, ...]
    about: dict[str, Any]
    """What the asset wants to remember beside its files: plain JSON values."""

    previous: str | None
    """The version this one replaced, whose files are still there."""

    format_version: int = 1
    """The version of this layout. The first manifests did not name it."""

    @property
    def digest(self) -> str:
        """The sha256 of names and contents, whatever inputs or code they came from."""
        listed = [[file.name, file.sha256] for file in self.files]
        return hashlib.sha256(msgspec.json.encode(listed)).hexdigest()

    def file(self, name: str) -> StoredFile:
        """Return one file by name.

        Raises:
            NotFoundError: the artifact has no such file.
        """
        for file in self.files:
            if file.name == name:
                return file
        names = ", ".join(file.name for file in self.files) or "no files"
        msg = f"no file {name!r} in version {self.version}; it has {names}"
        raise NotFoundError(msg)

    def to_json(self) -> bytes:
        """Write canonical JSON: sorted keys, no time stamps."""
        return msgspec.json.format(msgspec.json.encode(self, order="sorted"), indent=2) + b"\n"


@dataclass(frozen=True)
class Draft:
    """The files of a version to be.

    It may cross to worker processes: each fills its own copy, whose `files` come back by `add`.
    """

    store: Store
    folder: str
    about: dict[str, Any]
    """May be filled until the block ends."""

    files: dict[str, StoredFile] = field(default_factory=dict[str, StoredFile])

    @contextmanager
    def create(self, name: str) -> Iterator[BinaryIO]:
        """Stream one file out; it counts once its block ends well."""
        key = self._new_key(name)
        with self.store.write(key) as target:
            hashed = Hashed(target)
            with all_or_nothing(hashed) as stream:
                yield stream
        self.add(StoredFile(name, key, hashed.size, hashed.sha256.hexdigest()))

    def copy(
        self, name: str, source: "Artifact", other_name: str, manifest: Manifest | None = None
    ) -> None:
        """Take over a file of another artifact, bytes and hash as they are."""
        file = (manifest or source.expect()).file(other_name)
        key = self._new_key(name)
        source.store.copy_to(file.key, self.store, key)
        self.add(StoredFile(name, key, file.size, file.sha256, file.rows))

    def add(self, *files: StoredFile) -> None:
        """Count files in that a copy of this draft wrote, as in a worker process."""
        for file in files:
            self._new_key(file.name)
            self.files[file.name] = file

    def note_rows(self, name: str, rows: int) -> None:
        """Say how many rows a file has that was created before."""
        self.files[name] = msgspec.structs.replace(self.files[name], rows=rows)

    def _new_key(self, name: str) -> str:
        if name in self.files:
            msg = f"{self.store.uri(self.folder)}: {name!r} was written already in this version"
            raise StoreError(msg)
        return f"{self.folder}/{checked_key(name)}"


FORMAT_VERSION: Final = 1
"""The version of the layout that this code writes, and the newest that it reads."""


class _Layout(msgspec.Struct):
    format_version: int = 1


def _expect_readable(content: bytes, where: str) -> None:
    found = msgspec.json.decode(content, type=_Layout).format_version
    if found > FORMAT_VERSION:
        raise StoreError(
            f"{where}: has the format version {found}, and this trace_assets reads only up to "
            f"{FORMAT_VERSION}; update trace_assets, or use another store"
        )


def _confirmed() -> None:
    pass


def is_version(name: str) -> bool:
    """Say whether a folder may hold the files of a version."""
    return _VERSION.fullmatch(name) is not None


@dataclass(frozen=True)
class Artifact:
    """The files that an asset keeps for one partition, under a prefix of its own."""

    store: Store
    prefix: str

    def manifest(self) -> Manifest | None:
        """Return what there is now, or None if nothing was ever completed."""
        try:
            content = self.store.read(self._manifest_key)
        except NotFoundError:
            return None
        where = self.store.uri(self._manifest_key)
        try:
            _expect_readable(content, where)
            return msgspec.json.decode(content, type=Manifest)
        except msgspec.DecodeError as error:
            msg = f"{where}: not a manifest ({error}); delete it and run the partition again"
            raise StoreError(msg) from error

    def expect(self) -> Manifest:
        """Return what there is now.

        Raises:
            NotFoundError: nothing was ever completed.
        """
        if manifest := self.manifest():
            return manifest
        msg = f"{self.store.uri(self._manifest_key)}: not there yet; run what writes it first"
        raise NotFoundError(msg)

    def open(self, name: str, manifest: Manifest | None = None) -> BinaryIO:
        """Open a file for reading: of the manifest if one is given, else of the newest.

        Whoever reads more than one file should get the manifest once, so that all are of one
        version even while another is written.
        """
        return self.store.open((manifest or self.expect()).file(name).key)

    @contextmanager
    def open_verified(self, name: str, manifest: Manifest) -> Iterator[BinaryIO]:
        """Open a file for who reads it to its end, where its hash must be what was written.

        Raises:
            StoreError: at the end, the file is not what was written: somebody changed it.
        """
        file = manifest.file(name)
        with self.store.open(file.key) as stream:
            uri = self.store.uri(file.key)
            yield cast("BinaryIO", Verified(stream, sha256=file.sha256, uri=uri))

    @contextmanager
    def open_seekable(self, name: str, manifest: Manifest) -> Iterator[BinaryIO]:
        """Open a file for who may go back in it; its hash is checked when the block ends well.

        Raises:
            StoreError: at the end, the file is not what was written: somebody changed it.
        """
        file = manifest.file(name)
        with self.store.open(file.key) as stream:
            uri = self.store.uri(file.key)
            verified = VerifiedFile(stream, sha256=file.sha256, uri=uri)
            with io.BufferedReader(verified, BLOCK) as buffered:
                yield buffered
                verified.finish()

    def check(self, name: str, manifest: Manifest) -> None:
        """Read a file to its end and compare its hash.

        Raises:
            StoreError: the file is not what was written.
        """
        if problem := self._problem(manifest.file(name)):
            raise StoreError(f"{problem}; delete it and run the asset that wrote it")

    @contextmanager
    def replace(
        self,
        version: str,
        *,
        about: Mapping[str, Any] | None = None,
        confirm: Callable[[], None] = _confirmed,
    ) -> Iterator[Draft]:
        """Write a version; it takes the place of the old one when the block ends well.

        Args:
            version: hexadecimal fingerprint of all that decides the bytes: inputs, code, settings.
            about: what to remember beside the files; `Draft.about` may be filled further.
            confirm: called last before the version counts; an exception leaves the old one.
        """
        if not _VERSION.fullmatch(version):
            msg = f"version {version!r} of {self.prefix}; expected 8 to 64 digits 0-9a-f"
            raise ValueError(msg)
        self.manifest()  # a broken one is told before the work, not after it
        draft = Draft(self.store, f"{self.prefix}/{version}", dict(about or {}))
        yield draft
        confirm()
        self._commit(version, draft)

    def verify(self) -> list[str]:
        """Read every file again and return what differs from the manifest; empty is good."""
        manifest = self.manifest()
        return [] if manifest is None else [p for f in manifest.files if (p := self._problem(f))]

    @property
    def _manifest_key(self) -> str:
        return f"{self.prefix}/manifest.json"

    def _commit(self, version: str, draft: Draft) -> None:
        self._require_all(draft)
        old, old_stat = self.manifest(), self.store.stat(self._manifest_key)
        # A version written again keeps its history, and so the same manifest.
        previous = None if old is None else old.previous if old.version == version else old.version
        files = tuple(draft.files[name] for name in sorted(draft.files))
        new = Manifest(version, files, draft.about, previous)
        self.store.put(self._manifest_key, new.to_json())
        limits = {old.previous: old_stat.modified_at} if old and old_stat else {}
        try:
            self._tidy({version, previous}, limits)
        except StoreError as error:
            # The new version stands; the next commit tidies again.
            _log.warning("%s: old versions were not removed: %s", self.prefix, error)

    def _require_all(self, draft: Draft) -> None:
        stored = {found.key: found.size for found in self.store.list(f"{draft.folder}/")}
        for file in draft.files.values():
            if stored.get(file.key) != file.size:
                found = f"{stored[file.key]} bytes" if file.key in stored else "nothing"
                msg = (
                    f"{self.store.uri(file.key)}: {file.size} bytes were written and {found} is "
                    f"there; another run of the partition may have interfered: run it again"
                )
                raise StoreError(msg, retryable=True)

    def _tidy(self, kept: set[str | None], limits: Mapping[str | None, datetime]) -> None:
        """Remove versions that nobody can be reading or writing.

        The replaced version has a limit: files newer than the manifest that replaced it belong
        to a run that is making it again. Any other version is one that a run did not complete;
        its files go when they are too old for that run to be alive.
        """
        written = self.store.stat(self._manifest_key)
        if written is None:
            return
        long_ago = written.modified_at - _SURELY_DEAD
        names = set(self.store.folders(self.prefix)) - kept
        for name in filter(_VERSION.fullmatch, sorted(names)):
            limit = limits.get(name, long_ago)
            stale = list(self.store.list(f"{self.prefix}/{name}/"))
            if all(found.modified_at <= limit for found in stale):
                for found in stale:
                    self.store.delete(found.key)
        self.store.sweep(self.prefix, before=long_ago)

    def _problem(self, file: StoredFile) -> str | None:
        sha256, size = hashlib.sha256(), 0
        try:
            with self.store.open(file.key) as stream:
                while block := stream.read(BLOCK):
                    sha256.update(block)
                    size += len(block)
        except NotFoundError as error:
            return str(error)
        if (size, sha256.hexdigest()) == (file.size, file.sha256):
            return None
        return (
            f"{self.store.uri(file.key)}: {size} bytes with sha256 {sha256.hexdigest()}; "
            f"the manifest says {file.size} bytes with {file.sha256}"
        )


def version_of(*parts: str) -> str:
    """Return the fingerprint of some texts, in their order: digests of inputs, code, settings.

    >>> version_of("a", "bc") == version_of("ab", "c")
    False
    """
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:16]
