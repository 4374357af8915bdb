"""Compressed streams, told by their first bytes and read as what is inside.

The decompressors are driven here, not by the file classes of their libraries, for two
reasons: a stream that is cut gives all that could be decompressed before it says so, and an
error of the disk stays apart from an error in the data.
"""

import bz2
import sys
from collections.abc import Callable
from io import SEEK_CUR, SEEK_SET, RawIOBase
from typing import TYPE_CHECKING, BinaryIO, NoReturn, Protocol, cast

from isal import igzip_lib

from trace_assets.errors import TraceAssetsError
from trace_assets.reading.place import Place

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_STEP = 1 << 18


class DecompressionError(TraceAssetsError):
    """A compressed stream is cut or damaged; what could be decompressed was read before."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /, max_length: int = -1) -> bytes: ...


def _gzip() -> _Decompressor:
    return igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)


class Kind:
    """One way to compress.

    What a kind with a magic number compresses can stand alone in a file, and be padded there.
    """

    def __init__(self, name: str, magic: bytes, start: Callable[[], _Decompressor]) -> None:
        self.name, self.magic, self.start = name, magic, start


def _deflate() -> _Decompressor:
    return igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_DEFLATE)


DEFLATE = Kind("deflate", b"", _deflate)
ZSTD = Kind("zstd", b"\x28\xb5\x2f\xfd", zstd.ZstdDecompressor)
BZIP2 = Kind("bzip2", b"BZh", bz2.BZ2Decompressor)
_KINDS = (Kind("gzip", b"\x1f\x8b", _gzip), ZSTD, BZIP2)
_MAGIC_BYTES = 4
# bz2 reports damaged data as OSError and ValueError; nothing here touches a disk meanwhile.
DAMAGE: tuple[type[Exception], ...] = (
    cast("type[Exception]", igzip_lib.IsalError),
    zstd.ZstdError,
    OSError,
    ValueError,
    EOFError,
)


def open_plain(stream: BinaryIO) -> BinaryIO:
    """Return a stream of what is inside: gzip, zstd and bzip2 decompressed, else as it is.

    The first bytes decide, not the name. Members and frames that follow one another are one
    stream. A cut or damaged stream raises `DecompressionError`, after all that could be
    decompressed was read.
    """
    if not stream.seekable():
        stream = cast("BinaryIO", _PushedBack(stream))
    magic = head(stream, _MAGIC_BYTES)
    for kind in _KINDS:
        if magic.startswith(kind.magic):
            return cast("BinaryIO", Decompressed(stream, kind))
    return stream


def head(stream: BinaryIO, size: int = 1 << 20) -> bytes:
    """The next bytes of a stream, which still has them afterwards.

    The stream must be seekable, or come from `open_plain`. Of a damaged compressed stream
    it is what can be decompressed.
    """
    if isinstance(stream, _PushedBack):
        return stream.peek(size)
    here = stream.tell()
    parts: list[bytes] = []
    missing = size
    try:
        while missing > 0 and (part := stream.read(missing)):
            parts.append(part)
            missing -= len(part)
    except DecompressionError:
        pass  # who reads on meets it again, in its place
    stream.seek(here)
    return b"".join(parts)


def bytes_at(stream: BinaryIO, place: Place) -> bytes:
    """The bytes that stand at a place of a stream that can seek; fewer if it ends before.

    The stream is one of `open_plain` that has been given the same file, from its start, or a
    member's. Going back in a compressed stream starts over: take places in their order.
    """
    stream.seek(place.offset)
    parts: list[bytes] = []
    missing = place.length
    while missing > 0 and (part := stream.read(missing)):
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


class Readable(RawIOBase):
    """A stream that is read by `read(size)`, which may return less than asked for."""

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Read into a buffer; how many bytes."""
        view = memoryview(buffer).cast("B")
        part = self.read(len(view)) or b""
        view[: len(part)] = part
        return len(part)


class _PushedBack(Readable):
    """A stream that cannot seek, with bytes that were read too early put back."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._early = b""

    def peek(self, size: int) -> bytes:
        while len(self._early) < size and (part := self._stream.read(size - len(self._early))):
            self._early += part
        return self._early[:size]

    def read(self, size: int = -1, /) -> bytes:
        if not self._early:
            return self._stream.read(size)
        if size < 0:
            size = len(self._early)
        part, self._early = self._early[:size], self._early[size:]
        return part


class Decompressed(Readable):
    """What is inside a compressed stream; seeking backwards starts over."""

    def __init__(self, stream: BinaryIO, kind: Kind) -> None:
        self._stream = stream
        self._kind = kind
        self._start = stream.tell() if stream.seekable() else 0
        self._rewind()

    def _rewind(self) -> None:
        self._member = self._kind.start()
        self._input = b""
        self._at = 0
        self._between = True
        self._failure: DecompressionError | None = None

    def seekable(self) -> bool:
        """Whether the compressed stream can."""
        return self._stream.seekable()

    def tell(self) -> int:
        """How many decompressed bytes come before the next one."""
        return self._at

    def seek(self, offset: int, whence: int = SEEK_SET, /) -> int:
        """Go to a decompressed byte, from the start or from here; not from the end."""
        target = self._at + offset if whence == SEEK_CUR else offset
        if target < self._at:
            self._stream.seek(self._start)
            self._rewind()
        while self._at < target and self.read(min(_STEP, target - self._at)):
            pass
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        """The next decompressed bytes, at least one before the end.

        Raises:
            DecompressionError: all that could be decompressed was read.
        """
        if size < 0:
            return b"".join(iter(lambda: self.read(_STEP), b""))
        if self._failure:
            raise self._failure
        part = b""
        while size and not part and self._feed():
            part = self._step(size)
        self._at += len(part)
        return part

    def _feed(self) -> bool:
        """Have something to decompress; False at a proper end."""
        if self._member.eof:
            self._input, self._member = self._member.unused_data, self._kind.start()
            self._between = True
        if self._input or not self._member.needs_input:
            return True
        self._input = self._stream.read(_STEP)
        if not self._input and not self._between:
            self._fail("the compressed data ends in the middle; what came before it was read")
        return bool(self._input)

    def _step(self, size: int) -> bytes:
        data, self._input = self._input, b""
        # A file may be padded with zeros to the size of a tape's block.
        if self._between and self._kind.magic:
            data = data.lstrip(b"\0")
        if not data and self._between:
            return b""
        self._between = False
        try:
            return self._member.decompress(data, size)
        except DAMAGE as error:
            self._fail(f"the compressed data is damaged ({error}); what came before it was read")

    def _fail(self, what: str) -> NoReturn:
        self._failure = DecompressionError(
            f"{self._kind.name}, decompressed byte {self._at}: {what}"
        )
        raise self._failure
