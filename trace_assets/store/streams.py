"""Streams that commit as a whole, and copying between stores."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Protocol

from trace_assets.store.objects import BLOCK

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Pending(Protocol):
    """Bytes on their way to a key, not visible there yet."""

    def accept(self, block: memoryview) -> int:
        """Take some of the block, and return how many bytes were taken."""
        ...

    def commit(self) -> None:
        """Make what was taken visible under its key, at once."""
        ...

    def abandon(self) -> None:
        """Throw away what was taken. Must not raise: a first error is on its way already."""
        ...


class _Tap(io.RawIOBase):
    """Hands blocks on to a Pending, until it is shut off."""

    def __init__(self, pending: Pending) -> None:
        super().__init__()
        self._pending = pending
        self.is_shut = False

    def writable(self) -> bool:
        return True

    def write(self, block: "ReadableBuffer", /) -> int:
        with memoryview(block) as view:
            # A buffer always flushes when it closes; after a failure that must not write again.
            return view.nbytes if self.is_shut else self._pending.accept(view)


@contextmanager
def all_or_nothing(pending: Pending) -> Iterator[BinaryIO]:
    """Stream into a Pending; commit on a clean exit, abandon on any exception."""
    tap = _Tap(pending)
    stream = io.BufferedWriter(tap, BLOCK)
    try:
        yield stream
        stream.close()
        pending.commit()
    except BaseException:
        tap.is_shut = True
        stream.close()
        pending.abandon()
        raise


def copy_stream(source: BinaryIO, target: BinaryIO) -> int:
    """Copy to the end of the source in blocks, and return how many bytes that were."""
    copied = 0
    while block := source.read(BLOCK):
        target.write(block)
        copied += len(block)
    return copied
