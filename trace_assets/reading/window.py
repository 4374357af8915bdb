"""A bounded look at a stream: a stretch of bytes with a cursor in it."""

import re
from copy import copy
from io import BytesIO
from typing import BinaryIO

from trace_assets.reading.compression import DecompressionError

BOM = b"\xef\xbb\xbf"
SPACE = b" \t\n\r"
_SPACE = re.compile(rb"[ \t\n\r]*+")
# How far back can be seen: enough for a line's indentation.
_BEHIND = 256


class Window:
    """The bytes of a stream around a cursor.

    Indices into `data` hold only until the next `grow`, which drops what lies behind the
    cursor; distances from the cursor, and offsets in the stream, always hold.
    """

    __slots__ = (
        "_held_until",
        "_is_held",
        "_kept_from",
        "_origin",
        "_size",
        "_stream",
        "at",
        "base",
        "data",
        "ended",
        "failure",
    )

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream = stream
        self._origin = stream.tell() if stream.seekable() else None
        self._size = size
        self._kept_from: int | None = None
        self._held_until: int | None = None
        self._is_held = False
        self.data = b""
        self.at = 0
        self.base = 0
        self.ended = False
        self.failure: DecompressionError | None = None
        """Why the stream ended before its end, if it did."""

    @classmethod
    def over(cls, data: bytes, base: int) -> "Window":
        """A window on bytes that stand at an offset of a stream, and on nothing else of it."""
        window = cls(BytesIO(), 0)
        window.data, window.base, window.ended = data, base, True
        return window

    @property
    def offset(self) -> int:
        """The cursor's offset in the stream."""
        return self.base + self.at

    @property
    def ahead(self) -> int:
        """How many bytes can be seen from the cursor on."""
        return len(self.data) - self.at

    def grow(self) -> bool:
        """Look further ahead; False when the stream has no more.

        What is seen doubles when it is all still needed, so that a long record costs no
        more than twice its length in repeated work.
        """
        if self.ended or not self._reads_on():
            return False
        start = max(self.at - _BEHIND, 0)
        if self._kept_from is not None:
            start = min(start, self._kept_from - self.base)
        try:
            chunk = self._stream.read(max(self._size, len(self.data) - start))
        except DecompressionError as failure:
            self.failure, chunk = failure, b""
        self.ended = not chunk
        self.data = self.data[start:] + chunk
        self.base += start
        self.at -= start
        return not self.ended

    def keep_from_here(self) -> int:
        """Drop nothing from the cursor on until `release`; return the cursor's offset."""
        self._kept_from = self.offset
        return self._kept_from

    def release(self) -> None:
        """Undo `keep_from_here`."""
        self._kept_from = None

    def take(self, length: int) -> bytes:
        """The next bytes; the cursor moves behind them."""
        taken = self.data[self.at : self.at + length]
        self.at += length
        return taken

    def take_trimmed(self, length: int) -> bytes:
        """The next bytes, without white space at their end."""
        return self.take(len(self.data[self.at : self.at + length].rstrip(SPACE)))

    def skip_space(self) -> int:
        """Move to the next byte that is no white space and return it; -1 at the end."""
        while True:
            match = _SPACE.match(self.data, self.at)
            assert match is not None  # noqa: S101  # the pattern also matches nothing at all
            self.at = match.end()
            if self.at < len(self.data):
                return self.data[self.at]
            if not self.grow():
                return -1

    def space_before(self) -> bytes:
        """The white space that ends at the cursor, as far back as can be seen."""
        behind = self.data[max(self.at - _BEHIND, 0) : self.at]
        return behind[len(behind.rstrip(SPACE)) :]

    def starts_line(self) -> bool:
        """Whether nothing but white space stands before the cursor on its line."""
        space = self.space_before()
        return b"\n" in space or self.offset <= len(space) + len(BOM)

    def fork(self, held: int) -> "Window":
        """A second window with the same view, to look ahead with; see `rejoin`.

        It holds about as many bytes from the cursor on. Behind them it reads on if the
        stream can be set back afterwards; else it ends there.
        """
        other = copy(self)
        other._held_until = other.keep_from_here() + held
        return other

    def rejoin(self, fork: "Window") -> None:
        """Take over what a fork of this window has read, or set the stream back."""
        if fork._kept_from is None:
            assert self._origin is not None  # noqa: S101  # else the fork kept all it read
            self._stream.seek(self._origin + self.base + len(self.data))
            return
        self.at += self.base - fork.base
        self.data, self.base, self.failure = fork.data, fork.base, fork.failure
        self.ended = fork.ended and not fork._is_held

    def _reads_on(self) -> bool:
        """Whether a window may read on: a fork only if that can be undone."""
        if self._held_until is None or self.base + len(self.data) < self._held_until:
            return True
        if self._origin is None:
            self._is_held = self.ended = True
            return False
        self._held_until = None
        self.release()
        return True
