"""A stretch of a stream as text, before its encoding matters."""

import codecs
from typing import BinaryIO

from trace_assets.reading.compression import DecompressionError
from trace_assets.reading.dialect import tell_encoding
from trace_assets.reading.place import Limits

_HEAD_BYTES = 1 << 18


class Units:
    """The bytes from a cursor on, each as a character; in UTF-16, the characters themselves.

    So delimiters, quotes and line breaks are one unit in each encoding, and what is taken goes
    back to its exact bytes. Indices into `data` hold until the next `grow`.
    """

    def __init__(self, stream: BinaryIO, limits: Limits, encoding: str | None) -> None:
        self._stream = stream
        self._size = limits.window_bytes
        self.ended = False
        self.failure: DecompressionError | None = None
        """Why the stream ended before its end, if it did."""
        head = b""
        while len(head) < _HEAD_BYTES and (part := self._read(_HEAD_BYTES - len(head))):
            head += part
        self.encoding = tell_encoding(head, encoding)
        """Told by the first bytes, unless one is given."""
        is_wide = self.encoding.is_wide
        self._codec, self._errors = (
            (self.encoding.name, "surrogatepass") if is_wide else ("latin-1", "strict")
        )
        self._decoder = codecs.getincrementaldecoder(self._codec)(self._errors)
        self.at = 0
        self.offset = self.encoding.mark_bytes
        """The cursor's offset in the stream, in bytes."""
        self.data = self._decoder.decode(head[self.offset :])

    @property
    def ahead(self) -> int:
        """How many units can be seen from the cursor on."""
        return len(self.data) - self.at

    @property
    def undecoded(self) -> bytes:
        """What is left of a character that the end of the stream cuts."""
        return self._decoder.getstate()[0]

    def grow(self) -> bool:
        """Look further ahead; False when the stream has no more."""
        part = b"" if self.ended else self._read(max(self._size, self.ahead))
        if part:
            self.data = self.data[self.at :] + self._decoder.decode(part)
            self.at = 0
        return bool(part)

    def take(self, end: int) -> tuple[bytes, str]:
        """The bytes and the units up to an index; the cursor moves behind them."""
        units = self.data[self.at : end]
        raw = units.encode(self._codec, self._errors)
        self.at = end
        self.offset += len(raw)
        return raw, units

    def _read(self, size: int) -> bytes:
        try:
            part = self._stream.read(size)
        except DecompressionError as failure:
            self.failure, part = failure, b""
        self.ended = not part
        return part
