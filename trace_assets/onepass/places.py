"""Replacing files on a disk, so that an interruption shows and a power loss does no harm."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

SUFFIX = ".part"


def drafts_of(place: Path, stem: str) -> list[Path]:
    """List the hidden folders in which files of this stem are, or were, written."""
    if not place.is_dir():
        return []
    prefix = f".{stem}."
    return sorted(
        path
        for path in place.iterdir()
        if path.name.startswith(prefix) and path.name.endswith(SUFFIX) and path.is_dir()
    )


@contextmanager
def draft_folder(place: Path, stem: str) -> Iterator[Path]:
    """Make a hidden folder that is locked while the block runs, so that nobody removes it."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=f".{stem}.", suffix=SUFFIX, dir=place))
        with locked(folder):
            if folder.exists():  # another run may have removed it before it was locked
                yield folder
                return


def remove_abandoned(place: Path, stem: str) -> None:
    """Remove the hidden folders of runs that were killed. Those of live runs are locked."""
    for folder in drafts_of(place, stem):
        with suppress(OSError), locked(folder, wait=False):
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def locked(folder: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold the lock of a folder. File systems without locks are used without one.

    Raises:
        BlockingIOError: another process has the lock, and `wait` is off.
        OSError: the folder cannot be opened.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise
        except OSError:
            if not wait:
                raise
        yield
    finally:
        os.close(descriptor)


def take_places(parts: Sequence[Path], paths: Sequence[Path]) -> None:
    """Move finished files of one folder to their places, so that an interruption shows.

    The last file is removed first and comes last. While it is missing, the others may be of two
    conversions. Each step is on the disk before the next one begins.
    """
    place = paths[0].parent
    for part in parts:
        sync(part)
    *others, (last_part, last) = zip(parts, paths, strict=True)
    if others:
        last.unlink(missing_ok=True)
        sync(place)
    for part, path in others:
        part.replace(path)
    sync(place)
    last_part.replace(last)
    sync(place)


def sync(path: Path) -> None:
    """Write a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
