"""Streams that are hashed on their way."""

import hashlib
import io
from typing import TYPE_CHECKING, BinaryIO, Final

from trace_assets.errors import StoreError
from trace_assets.store.objects import BLOCK

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_CHANGED: Final = (
    "{uri}: changed since it was written, its sha256 is not the manifest's {sha256}; delete it and "
    "run the asset that wrote it"
)


class Hashed:
    """Passes blocks on to a stream, hashing and counting them."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self.sha256 = hashlib.sha256()
        self.size = 0

    def accept(self, block: memoryview) -> int:
        """Pass a block on."""
        self._target.write(block)
        self.sha256.update(block)
        self.size += block.nbytes
        return block.nbytes

    def commit(self) -> None:
        """Leave it to the target, which ends its own block next."""

    def abandon(self) -> None:
        """Leave it to the target, which hears of the same exception next."""


class Verified:
    """Passes on the blocks of a stream, whose hash must be right at its end."""

    def __init__(self, stream: BinaryIO, *, sha256: str, uri: str) -> None:
        self._stream = stream
        self._expected = sha256
        self._uri = uri
        self._sha256 = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        """The next block.

        Raises:
            StoreError: at the end, if other bytes were read than those that were written.
        """
        block = self._stream.read(size)
        self._sha256.update(block)
        if not block and self._sha256.hexdigest() != self._expected:
            raise StoreError(_CHANGED.format(uri=self._uri, sha256=self._expected))
        return block


class VerifiedFile(io.RawIOBase):
    """A seekable stream whose bytes are hashed once, while they are read for the first time.

    Readers may go back, as for an archive. `finish` hashes what was not read, and checks.
    """

    def __init__(self, stream: BinaryIO, *, sha256: str, uri: str) -> None:
        self._stream = stream
        self._expected = sha256
        self._uri = uri
        self._sha256 = hashlib.sha256()
        self._hashed = 0
        self._at = 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that readers may go back."""
        return True

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """Move in the stream."""
        self._at = self._stream.seek(offset, whence)
        return self._at

    def tell(self) -> int:
        """Where it is read next."""
        return self._at

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Read the next bytes, and hash those that were not read before."""
        view = memoryview(buffer).cast("B")
        block = self._stream.read(len(view))
        view[: len(block)] = block
        if self._at <= self._hashed < self._at + len(block):
            self._sha256.update(memoryview(block)[self._hashed - self._at :])
            self._hashed = self._at + len(block)
        self._at += len(block)
        return len(block)

    def finish(self) -> None:
        """Hash what is left.

        Raises:
            StoreError: the bytes are not those that were written.
        """
        self._stream.seek(self._hashed)
        while block := self._stream.read(BLOCK):
            self._sha256.update(block)
        if self._sha256.hexdigest() != self._expected:
            raise StoreError(_CHANGED.format(uri=self._uri, sha256=self._expected))
