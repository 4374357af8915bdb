"""Opening an input: the bytes that are hashed are the bytes that are converted."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from trace_assets.convert import LogFile, inspect
from trace_assets.convert.training_folder import without_training_parts
from trace_assets.errors import TraceAssetsError
from trace_assets.onepass.inputs import Input
from trace_assets.reading.compression import open_plain
from trace_assets.reading.detection import detection_head


class ChangedFileError(TraceAssetsError):
    """A file was written to or replaced while it was read."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path}: changed while it was read; convert it when it is complete")


class Version(NamedTuple):
    """Identifies the content of a file: it differs if the file is replaced or written to."""

    device: int
    inode: int
    size: int
    modified_ns: int


class File(NamedTuple):
    """A file to convert, with its detected format."""

    input: Input
    log: LogFile
    version: Version


def detected(input: Input, format: str | None, mapping: dict[str, Any] | None = None) -> File:
    """Detect a file's format by its first bytes. `opened` computes its hash."""
    with input.path.open("rb") as file:
        version, _ = _version_of(file)
        start = detection_head(open_plain(file))
    size = version.size
    log = inspect(start, file=input.name, size=size, digest="", format=format, mapping=mapping)
    return File(input, log, version)


def all_detected(
    inputs: Sequence[Input],
    format: str | None,
    mapping: dict[str, Any] | None = None,
    columns: dict[str, str] | None = None,
) -> list[File]:
    """Detect the format of each file. Files that the others show to be no logs are marked."""
    files = [detected(input, format, mapping) for input in inputs]
    logs = without_training_parts([file.log._replace(columns=columns) for file in files])
    return [file._replace(log=log) for file, log in zip(files, logs, strict=True)]


@contextmanager
def opened(file: File) -> Iterator[tuple[BinaryIO, LogFile]]:
    """Open a file once for its hash and its records. Yields the stream and the hashed log.

    A file that another one replaces meanwhile is read to its end, because it stays open.

    Raises:
        ChangedFileError: the file is not the one that was detected, or, at the end, was written to.
    """
    with file.input.path.open("rb") as stream:
        version, changed_ns = _version_of(stream)
        if version != file.version:
            raise ChangedFileError(file.input.path)
        digest = file_digest(stream, "sha256").hexdigest()
        stream.seek(0)
        yield stream, file.log._replace(sha256=digest)
        if _version_of(stream) != (version, changed_ns):
            # Another link to the file or other permissions change no byte.
            stream.seek(0)
            if file_digest(stream, "sha256").hexdigest() != digest:
                raise ChangedFileError(file.input.path)


def _version_of(stream: BinaryIO) -> tuple[Version, int]:
    found = os.fstat(stream.fileno())
    version = Version(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
    return version, found.st_ctime_ns
