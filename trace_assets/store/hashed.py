"""Streams that are hashed on their way."""

import hashlib
from typing import BinaryIO

from trace_assets.errors import StoreError


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
            msg = (
                f"{self._uri}: changed since it was written, its sha256 is not the manifest's "
                f"{self._expected}; delete it and run the asset that wrote it"
            )
            raise StoreError(msg)
        return block
