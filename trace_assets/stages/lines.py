"""Lines at rest: `<name>.jsonl.zst`, or shards of it, `<name>-00000.jsonl.zst`."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BufferedReader, RawIOBase
from typing import IO, cast

from trace_assets.artifacts import Artifact, Draft, Manifest
from trace_assets.errors import StoreError
from trace_assets.reading.compression import zstd

SHARD_BYTES = 64 << 20
"""Plain bytes after which a new shard begins: one shard is one worker's work."""

_BUFFER_BYTES = 1 << 20
_LEVEL = 1
"""A third faster than the usual 3, for a tenth more of bytes that the next stage reads once."""


class LineFile:
    """A compressed file of lines that is being written."""

    def __init__(self, file: IO[bytes] | zstd.ZstdFile) -> None:
        self._file = file
        self._buffer = bytearray()
        self.bytes = 0
        """Plain bytes so far."""

    def write(self, line: bytes) -> None:
        """Append one line, which ends in a newline."""
        self._buffer += line
        if len(self._buffer) >= _BUFFER_BYTES:
            self.flush()

    def flush(self) -> None:
        """Hand on what was buffered."""
        self._file.write(self._buffer)
        self.bytes += len(self._buffer)
        self._buffer.clear()


@contextmanager
def line_file(draft: Draft, name: str) -> Iterator[LineFile]:
    """Write a file of lines into a draft, compressed when its name says so; it may stay empty."""
    with ExitStack() as stack:
        file = stack.enter_context(draft.create(name))
        packed = (
            stack.enter_context(zstd.ZstdFile(file, "wb", level=_LEVEL))
            if name.endswith(".zst")
            else file
        )
        lines = LineFile(packed)
        yield lines
        lines.flush()


class ShardWriter:
    """Writes lines into shards, one after the other; at least one, even when it stays empty."""

    def __init__(self, draft: Draft, name: str, *, shard_bytes: int = SHARD_BYTES) -> None:
        self._draft = draft
        self._name = name
        self._limit = shard_bytes
        self._shards = 0
        self._open = ExitStack()
        self._file: LineFile | None = None

    def __enter__(self) -> "ShardWriter":
        self._next()
        return self

    def __exit__(self, *error: object) -> None:
        self._open.__exit__(*error)  # type: ignore[arg-type] - the three values of __exit__

    def write(self, line: bytes) -> None:
        """Append one line, which ends in a newline."""
        if self._file is None or self._file.bytes >= self._limit:
            self._open.close()
            self._next()
        assert self._file is not None  # noqa: S101 - _next opened it
        self._file.write(line)

    def _next(self) -> None:
        name = f"{self._name}-{self._shards:05d}.jsonl.zst"
        self._file = self._open.enter_context(line_file(self._draft, name))
        self._shards += 1


def shards_of(manifest: Manifest, name: str) -> list[str]:
    """The files of a version that hold the lines called `name`, in their order."""
    return sorted(
        file.name
        for file in manifest.files
        if file.name == f"{name}.jsonl.zst" or file.name.startswith(f"{name}-")
    )


def lines_in(artifact: Artifact, file: str, manifest: Manifest) -> Iterator[bytes]:
    """The lines of one file, each with its newline."""
    with _plain(artifact, file, manifest) as plain:
        yield from plain


def blocks_of(artifact: Artifact, name: str, manifest: Manifest) -> Iterator[bytes]:
    """The bytes of all shards called `name`, in order, for who does not look at lines."""
    for file in shards_of(manifest, name):
        with _plain(artifact, file, manifest) as plain:
            yield from iter(lambda plain=plain: plain.read(_BUFFER_BYTES), b"")


@contextmanager
def _plain(artifact: Artifact, file: str, manifest: Manifest) -> Iterator[BufferedReader]:
    try:
        with (
            artifact.open_verified(file, manifest) as stored,
            zstd.ZstdFile(stored, "rb") as packed,
        ):
            # Around the file's own reader, which decompresses too little at a time.
            yield BufferedReader(cast("RawIOBase", packed), _BUFFER_BYTES)
    except (zstd.ZstdError, EOFError) as error:
        uri = artifact.store.uri(manifest.file(file).key)
        raise StoreError(
            f"{uri}: damaged: {error}; delete it and run the asset that wrote it"
        ) from error


def lines_of(artifact: Artifact, name: str, manifest: Manifest) -> Iterator[bytes]:
    """The lines of all shards called `name`, in order; of one version, whatever is written now."""
    for file in shards_of(manifest, name):
        yield from lines_in(artifact, file, manifest)
