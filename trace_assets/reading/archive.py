"""Zip files, such as `.eval` logs, as the files in them: each a stream in bounded memory.

with open("run.eval", "rb") as stream:
    for member in open_members(stream):
        for item in read_records(open_plain(member.stream), file=f"run.eval/{member.name}"):
            ...

The streams are our own, because the standard library reads no zstd before Python 3.14 and trusts
the sizes that an archive declares. A member's name is a name and never a path: nothing is written.
"""

import errno
import struct
from collections.abc import Iterator
from io import SEEK_CUR, SEEK_SET
from typing import BinaryIO, NamedTuple, cast
from zipfile import BadZipFile, ZipFile, ZipInfo
from zlib import crc32

from trace_assets.errors import TraceAssetsError
from trace_assets.reading.compression import (
    BZIP2,
    DAMAGE,
    DEFLATE,
    ZSTD,
    Decompressed,
    DecompressionError,
    Readable,
)

_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_STORED = 0
_KINDS = {8: DEFLATE, 12: BZIP2, 20: ZSTD, 93: ZSTD}
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_LOCAL_SIZES = struct.Struct("<6xHH8xI")
_LOCAL_MAGIC = b"PK\x03\x04"
_SIZES_FOLLOW = 0x8
_IN_EXTRA = 0xFFFFFFFF
_SAMPLE_BYTES = 1 << 18
_ENCRYPTED = 0x1
_STEP = 1 << 18
_UNREADABLE = (BadZipFile, NotImplementedError, ValueError, struct.error, OverflowError)


class ArchiveError(TraceAssetsError):
    """A zip file whose list of members is cut or damaged, or that is made to do harm."""


class ArchiveLimits(NamedTuple):
    """How much an archive may hold, decompressed."""

    members: int = 1_000_000
    member_bytes: int = 64 << 30
    all_bytes: int = 256 << 30
    ratio: int = 1000
    """How many times its compressed size a member may have; logs compress 5 to 200 times."""
    ratio_from_bytes: int = 64 << 20
    """Smaller members may have any ratio."""


class Member(NamedTuple):
    """One file of an archive."""

    name: str
    """As the archive has it, with forward slashes; the second one of a name ends in ` (2)`."""
    size: int
    """What the archive declares."""
    stream: BinaryIO
    """It can seek. It raises `DecompressionError` when it is read to a spot that cannot be
    decompressed, is more than may be held, or when its sum does not match; an encrypted member
    raises it at once."""

    def again(self) -> BinaryIO:
        """The same from its start, as a stream of its own: what decompresses it goes with it."""
        return cast("BinaryIO", cast("_MemberStream", self.stream).again())


_USUAL_LIMITS = ArchiveLimits()


def is_zip(head: bytes) -> bool:
    """Whether a file that starts so is a zip file."""
    return head.startswith(_MAGIC)


def open_members(stream: BinaryIO, limits: ArchiveLimits = _USUAL_LIMITS) -> Iterator[Member]:
    """Yield the files in a zip file in the order of its list; folders are none.

    The streams share the archive's, which must stay open; they may be read in any order, by
    one thread at a time.

    Raises:
        ArchiveError: the list cannot be read, members overlap, or it declares more than the
            limits allow. It is raised before the first member.
        OSError: the stream cannot be read or cannot seek.
    """
    infos = _list(stream)
    _check(infos, limits)
    taken: set[str] = set()
    for info in infos:
        if info.is_dir() and not info.file_size:
            continue
        name = _unused(info.filename, taken)
        yield Member(name, info.file_size, cast("BinaryIO", _MemberStream(stream, info, limits)))


def first_members(head: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the names and the contents of the members that a zip file begins with.

    For telling what is inside: of a member that is cut or damaged, what can be decompressed; and
    none behind one whose end is not told by its header and not by its own bytes.
    """
    at = 0
    while head.startswith(_LOCAL_MAGIC, at) and len(head) - at >= _LOCAL_HEADER.size:
        flags, method, packed = _LOCAL_SIZES.unpack_from(head, at)
        _, name_bytes, extra_bytes = _LOCAL_HEADER.unpack_from(head, at)
        start = at + _LOCAL_HEADER.size + name_bytes + extra_bytes
        name = head[at + _LOCAL_HEADER.size : start - extra_bytes].decode(errors="replace")
        is_told = not flags & _SIZES_FOLLOW and packed != _IN_EXTRA
        content, used = _inside(head[start : start + packed if is_told else None], method)
        yield name, content
        if not is_told and used is None:
            return
        at = start + packed if is_told else head.find(_LOCAL_MAGIC, start + (used or 0))
        if at < start:
            return


def _inside(packed: bytes, method: int) -> tuple[bytes, int | None]:
    """What is in a compressed member, and how many of its bytes that is; None if it is cut."""
    if method == _STORED:
        return packed, None
    kind = _KINDS.get(method)
    if kind is None:
        return b"", None
    decompressor = kind.start()
    try:
        plain = decompressor.decompress(packed, _SAMPLE_BYTES)
    except DAMAGE:
        return b"", None
    return plain, len(packed) - len(decompressor.unused_data) if decompressor.eof else None


def _unused(name: str, taken: set[str]) -> str:
    found, count = name, 1
    while found in taken:
        count += 1
        found = f"{name} ({count})"
    taken.add(found)
    return found


def _list(stream: BinaryIO) -> list[ZipInfo]:
    try:
        return ZipFile(stream).infolist()
    except _UNREADABLE as error:
        raise ArchiveError(
            f"the zip file's list of members cannot be read ({error}); it stands at the end of "
            "the file, which may have been cut"
        ) from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # an offset from the file that lies before its start
            raise
        raise ArchiveError(f"the zip file's list of members cannot be read ({error})") from error


def _check(infos: list[ZipInfo], limits: ArchiveLimits) -> None:
    if len(infos) > limits.members:
        raise ArchiveError(f"{len(infos)} members; at most {limits.members} are read")
    total = sum(info.file_size for info in infos)
    if total > limits.all_bytes:
        raise ArchiveError(
            f"the members have {total} bytes decompressed; at most {limits.all_bytes} are read"
        )
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise ArchiveError(f"the member {info.filename!r} overlaps the one before it")
        end = info.header_offset + _LOCAL_HEADER.size + info.compress_size


class _Slice(Readable):
    """A stretch of a stream that others read too."""

    def __init__(self, stream: BinaryIO, start: int, size: int) -> None:
        self._stream, self._start, self._size = stream, start, size
        self._at = 0

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = SEEK_SET, /) -> int:
        self._at = max(self._at + offset if whence == SEEK_CUR else offset, 0)
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        left = max(self._size - self._at, 0)
        self._stream.seek(self._start + self._at)
        part = self._stream.read(left if size < 0 else min(size, left))
        self._at += len(part)
        return part


class _MemberStream(Readable):
    """What is inside a member, held to what the archive says of it."""

    def __init__(self, stream: BinaryIO, info: ZipInfo, limits: ArchiveLimits) -> None:
        self._stream = stream
        self._info = info
        self._limits = limits
        self._inside: BinaryIO | None = None
        self._at = 0
        self._summed = 0  # how far the sum of what was read in order goes
        self._sum = 0

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = SEEK_SET, /) -> int:
        target = max(self._at + offset if whence == SEEK_CUR else offset, 0)
        if target < self._at:
            self._at = self._open().seek(target)
        while self._at < target and self.read(min(_STEP, target - self._at)):
            pass
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        if size < 0:
            return b"".join(iter(lambda: self.read(_STEP), b""))
        part = self._open().read(size)
        if size and not part:
            self._check_end()
        start, self._at = self._at, self._at + len(part)
        self._check_size()
        if start <= self._summed < self._at:
            self._sum = crc32(part[self._summed - start :], self._sum)
            self._summed = self._at
        return part

    def again(self) -> "_MemberStream":
        return _MemberStream(self._stream, self._info, self._limits)

    def _open(self) -> BinaryIO:
        if self._inside is None:
            self._inside = self._opened()
        return self._inside

    def _opened(self) -> BinaryIO:
        info = self._info
        if info.flag_bits & _ENCRYPTED:
            raise self._failure("it is encrypted; decrypt it and drop it again")
        kind = _KINDS.get(info.compress_type)
        if kind is None and info.compress_type != _STORED:
            known = "stored, deflate, bzip2 and zstd"
            raise self._failure(f"compression method {info.compress_type} is none of {known}")
        self._stream.seek(info.header_offset)
        header = self._stream.read(_LOCAL_HEADER.size)
        if len(header) < _LOCAL_HEADER.size or not header.startswith(_LOCAL_MAGIC):
            raise self._failure(f"there is no member at byte {info.header_offset} of the file")
        _, name_bytes, extra_bytes = _LOCAL_HEADER.unpack(header)
        start = info.header_offset + _LOCAL_HEADER.size + name_bytes + extra_bytes
        packed = cast("BinaryIO", _Slice(self._stream, start, info.compress_size))
        return packed if kind is None else cast("BinaryIO", Decompressed(packed, kind))

    def _check_size(self) -> None:
        limits, at = self._limits, self._at
        if at > self._info.file_size:
            raise self._failure(f"it goes on behind the {self._info.file_size} bytes it declares")
        if at > limits.member_bytes:
            raise self._failure(f"it has more than {limits.member_bytes} bytes")
        if at > max(limits.ratio_from_bytes, self._info.compress_size * limits.ratio):
            raise self._failure(f"it is more than {limits.ratio} times its compressed size")

    def _check_end(self) -> None:
        if self._at < self._info.file_size:
            raise self._failure(f"it ends after {self._at} of {self._info.file_size} bytes")
        if self._at == self._summed and self._sum != self._info.CRC:
            raise self._failure("its bytes do not match its sum, so some of them are wrong")

    def _failure(self, what: str) -> DecompressionError:
        return DecompressionError(f"the member {self._info.filename!r} of a zip file: {what}")
