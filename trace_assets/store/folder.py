"""A local folder as a store."""

import io
import os
import re
import secrets
import stat as modes
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from trace_assets.errors import NotFoundError, StoreError
from trace_assets.store.folder_errors import os_errors
from trace_assets.store.objects import (
    BLOCK,
    DISTANT_FUTURE,
    StoredObject,
    checked_key,
    folder_prefix,
    key_problem,
)
from trace_assets.store.streams import all_or_nothing, copy_stream

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from trace_assets.store.s3 import S3Store

_UNFINISHED: Final = re.compile(r"\.[0-9a-f]{16}\.part")


@dataclass(frozen=True)
class FolderStore:
    """Files under one root folder; links that lead out of it are reported, never followed."""

    root: Path

    def __post_init__(self) -> None:
        # Worker processes may have another working directory.
        object.__setattr__(self, "root", self.root.absolute())

    def uri(self, key: str = "") -> str:
        """Return the path of a key."""
        return str(self.root / key)

    def list(self, prefix: str = "", *, after: str = "") -> Iterator[StoredObject]:
        """Yield every object whose key starts with a prefix and sorts after a key, in key order.

        Raises:
            StoreError: the folder is missing or cannot be read. A store that nothing was written
                to yet has no folder either, but "nothing there" must not hide a wrong path.
        """
        if not self.root.is_dir():
            msg = f"{self.root}: there is no such folder; create it or correct the setting"
            raise StoreError(msg)
        for key, path in self._walk(prefix, after):
            if found := self._look_at(key, path):
                yield found

    def folders(self, prefix: str = "") -> Iterator[str]:
        """Yield the names of the folders directly under a prefix, in key order."""
        if not self.root.is_dir():
            msg = f"{self.root}: there is no such folder; create it or correct the setting"
            raise StoreError(msg)
        parent = folder_prefix(prefix)
        for name, path in self._children(parent) if self._holds(self.root / parent) else ():
            if name.endswith("/"):
                yield path.name

    def stat(self, key: str) -> StoredObject | None:
        """Describe one object, or return None if it is not there."""
        checked_key(key)
        return self._look_at(key, self.root / key)

    def exists(self, key: str) -> bool:
        """Say whether there is an object under a key."""
        return self.stat(key) is not None

    def open(self, key: str) -> BinaryIO:
        """Open an object for reading.

        Raises:
            NotFoundError: there is no object under the key.
        """
        path = self._inside(key)
        with os_errors(path, "read"):
            # Without O_NONBLOCK, opening a pipe somebody dropped would wait for ever.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            mode = os.fstat(descriptor).st_mode
            if modes.S_ISREG(mode):
                return io.BufferedReader(_File(descriptor, path), BLOCK)
            os.close(descriptor)
        if modes.S_ISDIR(mode):
            msg = f"{path}: a folder, not a file"
            raise NotFoundError(msg)
        msg = f"{path}: neither a file nor a folder; only files can be read"
        raise StoreError(msg)

    def read(self, key: str) -> bytes:
        """Return the bytes of a small object."""
        with self.open(key) as stream:
            return stream.read()

    def write(self, key: str) -> AbstractContextManager[BinaryIO]:
        """Stream an object out; it is there, whole and on the disk, once the block ends well."""
        return all_or_nothing(_NewFile(self._inside(key)))

    def put(self, key: str, data: bytes) -> None:
        """Store a small object."""
        with self.write(key) as stream:
            stream.write(data)

    def copy_to(self, key: str, other: "FolderStore | S3Store", other_key: str) -> None:
        """Copy an object to a key of this or another store."""
        with self.open(key) as source, other.write(other_key) as target:
            copy_stream(source, target)

    def delete(self, key: str) -> None:
        """Remove an object, and the folders that are empty without it, as a bucket would."""
        path = self.root / checked_key(key)
        with os_errors(path, "delete"), suppress(FileNotFoundError, NotADirectoryError):
            path.unlink()
        for folder in path.relative_to(self.root).parents:
            try:
                (self.root / folder).rmdir()
            except OSError:
                return  # still in use

    def sweep(self, prefix: str, *, before: datetime) -> None:
        """Remove the unfinished files of writers that were killed before a moment."""
        for path in self._unfinished(prefix):
            with os_errors(path, "delete"), suppress(FileNotFoundError):
                if _moment(path.stat()) < before:
                    path.unlink()

    def _unfinished(self, prefix: str) -> Iterator[Path]:
        for folder, _, names in os.walk(self.root / folder_prefix(prefix)):
            yield from (Path(folder, name) for name in names if _UNFINISHED.fullmatch(name))

    def _inside(self, key: str) -> Path:
        path = self.root / checked_key(key)
        if not self._holds(path):
            msg = f"{path}: leads outside {self.root} by a symbolic link, and is not followed"
            raise StoreError(msg)
        return path

    def _holds(self, path: Path) -> bool:
        return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self.root))

    def _children(self, prefix: str) -> Iterator[tuple[str, Path]]:
        """Yield name and path in key order; the names of folders end in a slash."""
        folder = self.root / prefix
        with os_errors(folder, "list"), suppress(FileNotFoundError, NotADirectoryError):
            with os.scandir(folder) as entries:
                # 'a-b' sorts before 'a/1', which sorts before 'a0': a slash orders as in a key.
                named = [(f"{e.name}/" if _is_folder(e) else e.name, Path(e)) for e in entries]
            yield from sorted(named)

    def _walk(self, prefix: str, after: str) -> Iterator[tuple[str, Path]]:
        top = folder_prefix(prefix[: prefix.rfind("/") + 1])
        # A stack of our own: folders nested 10,000 deep must not end in a RecursionError.
        stack = [(top, self._children(top))] if self._holds(self.root / top) else []
        while stack:
            parent, children = stack[-1]
            name, path = next(children, ("", self.root))
            key = parent + name
            if not name:
                stack.pop()
            elif not key.startswith(prefix) or _UNFINISHED.fullmatch(name):
                continue
            elif not name.endswith("/"):
                if key > after:
                    yield key, path
            elif key > after or after.startswith(key):
                stack.append((key, self._children(key)))

    def _look_at(self, key: str, path: Path) -> StoredObject | None:
        with os_errors(path, "look at"), suppress(FileNotFoundError, NotADirectoryError):
            found = path.lstat()
            problem = key_problem(key)
            if modes.S_ISLNK(found.st_mode):
                problem = problem or self._link_problem(path)
                found = found if problem else path.stat()
            elif modes.S_ISDIR(found.st_mode):
                return None
            elif not modes.S_ISREG(found.st_mode):
                problem = "not a regular file"
            version = str(found.st_mtime_ns)
            return StoredObject(key, found.st_size, _moment(found), version, problem)
        return None

    def _link_problem(self, path: Path) -> str | None:
        if not self._holds(path):
            return "a symbolic link that leads outside"
        if path.is_dir():
            return "a symbolic link to a folder"
        return None if path.is_file() else "a symbolic link that leads nowhere"


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False)


def _moment(found: os.stat_result) -> datetime:
    try:
        return datetime.fromtimestamp(found.st_mtime, UTC)
    except (OverflowError, ValueError, OSError):  # some file systems keep years past 9999
        return DISTANT_FUTURE


class _File(io.FileIO):
    """A file whose failing disk is told as a StoreError, also half way through."""

    def __init__(self, descriptor: int, path: Path) -> None:
        super().__init__(descriptor)
        self._path = path

    def readinto(self, buffer: "WriteableBuffer", /) -> int | None:
        with os_errors(self._path, "read"):
            return super().readinto(buffer)

    def readall(self) -> bytes:
        with os_errors(self._path, "read"):
            return super().readall()


class _NewFile:
    """A file that takes its name only when it is whole: written beside it, synced, renamed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with os_errors(path, "write"):
            self._draft, self._descriptor = _unfinished_beside(path)

    def accept(self, block: memoryview) -> int:
        with os_errors(self._path, "write"):
            return os.write(self._descriptor, block)

    def commit(self) -> None:
        with os_errors(self._path, "write"):
            os.fsync(self._descriptor)
            self._draft.replace(self._path)
            _sync_folder(self._path.parent)
        os.close(self._descriptor)

    def abandon(self) -> None:
        os.close(self._descriptor)
        with suppress(OSError):
            self._draft.unlink()


def _unfinished_beside(path: Path) -> tuple[Path, int]:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    for attempt in range(5):
        draft = path.with_name(f".{secrets.token_hex(8)}.part")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return draft, os.open(draft, flags, 0o666)
        except FileNotFoundError:
            # Another process removed the folder, empty until now, between the two calls.
            if attempt == 4:
                raise
    raise AssertionError


def _sync_folder(folder: Path) -> None:
    # A rename is on the disk only when its folder is.
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
