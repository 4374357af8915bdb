"""Zip files as the files in them."""

import bz2
import io
import struct
import sys
import zipfile
import zlib
from collections.abc import Sequence
from typing import BinaryIO, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reading.reading import broken, values
from trace_assets.reading import (
    ArchiveError,
    ArchiveLimits,
    DecompressionError,
    Record,
    head,
    is_zip,
    open_members,
    open_plain,
    read_records,
)
from trace_assets.reading.sample import sample

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


METHODS = {0: bytes, 8: deflate, 12: bz2.compress, 93: zstd.compress}
LINES = b"".join(b'{"n":%d,"text":"%s"}\n' % (n, b"x" * (n % 90)) for n in range(5000))


CAREFUL = ArchiveLimits(ratio_from_bytes=1_000_000)


class File(NamedTuple):
    name: str
    data: bytes
    method: int = 8
    flags: int = 0
    declared: int | None = None
    sum: int | None = None
    at: int | None = None
    """Where the list says that it stands, if not where it does."""


def archive(files: Sequence[File]) -> bytes:
    """A zip file, written by hand so that it can be one that no tool would write."""
    body, directory = b"", b""
    for file in files:
        name = file.name.encode()
        packed = METHODS.get(file.method, bytes)(file.data)
        crc = zlib.crc32(file.data) if file.sum is None else file.sum
        size = len(file.data) if file.declared is None else file.declared
        flags = file.flags | 0x800
        fields = struct.pack(
            "<HHHHHIIIHH", 20, flags, file.method, 0, 33, crc, len(packed), size, len(name), 0
        )
        at = len(body) if file.at is None else file.at
        body += b"PK\x03\x04" + fields + name + packed
        directory += b"PK\x01\x02\x14\x00" + fields + struct.pack("<HHHII", 0, 0, 0, 0, at) + name
    count = len(files)
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


def members(data: bytes, limits: ArchiveLimits = ArchiveLimits()) -> dict[str, bytes]:  # noqa: B008  # a constant
    return {m.name: m.stream.read() for m in open_members(io.BytesIO(data), limits)}


def test_members_come_in_their_order_whatever_they_are_compressed_with() -> None:
    files = [File(f"samples/{method}.json", LINES, method) for method in METHODS]
    files.append(File("empty", b"", 8))
    data = archive(files)
    assert is_zip(data[:4])
    assert members(data) == {file.name: file.data for file in files}
    assert [m.name for m in open_members(io.BytesIO(data))] == [file.name for file in files]


def test_what_the_standard_library_writes_is_read(tmp_path: object) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as writer:
        writer.writestr("folder/", b"")
        writer.writestr("folder/ä.jsonl", LINES)
        with writer.open("streamed.jsonl", "w") as stream:
            stream.write(LINES)
    assert members(out.getvalue()) == {"folder/ä.jsonl": LINES, "streamed.jsonl": LINES}
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    assert is_zip(empty.getvalue())
    assert members(empty.getvalue()) == {}


@pytest.mark.parametrize("method", METHODS)
def test_members_are_read_at_the_same_time_and_again_by_place(method: int) -> None:
    data = archive([File("a", LINES, method), File("b", LINES, method)])
    first, second = open_members(io.BytesIO(data))
    assert head(first.stream, 10) == LINES[:10]
    pairs = zip(
        read_records(open_plain(first.stream), file="a"),
        read_records(open_plain(second.stream), file="b"),
        strict=True,
    )
    records = [item for pair in pairs for item in pair if isinstance(item, Record)]
    assert len(records) == 10_000
    for record in records[-1:0:-3000]:
        first.stream.seek(record.place.offset)
        assert first.stream.read(record.place.length) == record.raw


def test_deflated_data_that_starts_with_a_zero_byte_is_read() -> None:
    packer = zlib.compressobj(level=0, wbits=-15)
    packed = packer.compress(LINES) + packer.flush()
    assert packed[0] == 0  # as a compressed file, it would be padding
    whole = archive([File("a", LINES, 0)])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=0) as writer:
        writer.writestr("a", LINES)
    assert packed in out.getvalue()
    assert members(out.getvalue()) == members(whole) == {"a": LINES}


def test_names_are_names() -> None:
    names = ["/etc/passwd", "../../x", "a\\b", "C:x", "same", "same", "same (2)"]
    data = archive([File(name, name.encode()) for name in names])
    read = members(data)
    assert list(read) == [*names[:5], "same (2)", "same (2) (2)"]
    assert list(read.values()) == [name.encode() for name in names]


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (File("bad", LINES, flags=1), "'bad' of a zip file: it is encrypted"),
        (File("bad", LINES, 9), "method 9 is none of stored"),
        (File("bad", LINES, sum=1), "do not match its sum"),
        (File("bad", LINES, declared=100), "goes on behind the 100 bytes it declares"),
        (File("bad", LINES, declared=10**6), f"ends after {len(LINES)} of 1000000"),
        (File("bad", b" " * 2_000_000), "more than 1000 times"),
    ],
)
def test_a_member_that_cannot_be_read_says_why_and_harms_no_other(file: File, said: str) -> None:
    data = archive([File("a", LINES), file, File("z", LINES)])
    a, bad, z = open_members(io.BytesIO(data), CAREFUL)
    with pytest.raises(DecompressionError, match=said):
        bad.stream.read()
    assert a.stream.read() == z.stream.read() == LINES
    (found,) = broken(list(read_records(open_plain(fresh(data, 1)), file="bad")))[-1:]
    assert found.reason == "truncated"
    assert said in found.message


def fresh(data: bytes, index: int) -> BinaryIO:
    return list(open_members(io.BytesIO(data), CAREFUL))[index].stream


def test_damaged_data_gives_what_comes_before_it() -> None:
    data = bytearray(archive([File("a", LINES, 0)]))
    data[5000] ^= 1
    items = list(read_records(fresh(bytes(data), 0), file="a"))
    assert len(values(items)) >= 4999
    assert "do not match its sum" in broken(items)[-1].message


@pytest.mark.parametrize(
    ("data", "limits", "said"),
    [
        (archive([File("a", LINES)])[:-30], ArchiveLimits(), "list of members cannot be read"),
        (b"PK\x03\x04" + bytes(100), ArchiveLimits(), "list of members cannot be read"),
        (archive([File("a", b"1"), File("b", b"2", at=0)]), ArchiveLimits(), "overlaps"),
        (archive([File("a", b"1")] * 3), ArchiveLimits(members=2), "3 members; at most 2"),
        (archive([File("a", b"1" * 9)] * 3), ArchiveLimits(all_bytes=20), "27 bytes decompressed"),
    ],
)
def test_an_archive_that_cannot_be_trusted_is_refused(
    data: bytes, limits: ArchiveLimits, said: str
) -> None:
    with pytest.raises(ArchiveError, match=said):
        members(data, limits)


def test_a_member_larger_than_the_limit_is_cut_there_with_a_reason() -> None:
    limits = ArchiveLimits(member_bytes=10_000)
    (member,) = open_members(io.BytesIO(archive([File("a", LINES)])), limits)
    with pytest.raises(DecompressionError, match="more than 10000 bytes"):
        member.stream.read()


def test_a_member_can_be_read_again_from_its_start() -> None:
    (member,) = open_members(io.BytesIO(archive([File("a", LINES)])))
    assert member.stream.read(10) == LINES[:10]
    assert member.again().read(20) == LINES[:20]
    assert member.stream.read(10) == LINES[10:20]


@pytest.mark.parametrize("method", METHODS)
def test_the_start_of_an_archive_tells_what_is_in_its_members(method: int) -> None:
    files = [File("a.json", b'{"a": 1}', method), File("b.jsonl", LINES, method)]
    (first, second, *_) = sample(archive(files)[:3000])
    assert first == {"a.json": {"a": 1}}
    assert "b.jsonl" in second  # the others need more than these bytes to begin with
    assert method not in (0, 8) or second["b.jsonl"] == {"n": 0, "text": ""}


def test_members_whose_sizes_follow_them_are_told_too() -> None:
    """As they are written to a stream that cannot seek, such as an upload."""

    class Upload(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

    stream = Upload()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.json", b'{"a": 1}')
        packed.writestr("b.json", b'{"b": 2}')
    assert sample(stream.getvalue()) == [{"a.json": {"a": 1}}, {"b.json": {"b": 2}}]


def test_archives_inside_one_another_are_not_opened_to_tell_what_is_in_them() -> None:
    content = b'{"a": 1}'
    for _ in range(1000):
        content = archive([File("x", content, method=0)])
    assert sample(content) == [{"x": None}]


@given(st.binary(max_size=300), st.integers(0, 400))
def test_a_damaged_start_of_an_archive_tells_less_and_never_fails(junk: bytes, at: int) -> None:
    content = archive([File("a.json", b'{"a": 1}', 8), File("b.json", b'{"b": 2}', 93)])
    damaged = content[:at] + junk + content[at + len(junk) :]
    assert len(sample(damaged)) <= 20
