"""Compressed streams are told by their bytes, and never end in silence."""

import bz2
import gzip
import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.reading.reading import broken, values
from trace_assets.reading import (
    Context,
    DecompressionError,
    Shape,
    head,
    open_plain,
    read_records,
)

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LINES = b"".join(b'{"n": %d, "text": "some words"}\n' % n for n in range(50_000))
COMPRESSED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstd": zstd.compress,
    "bzip2": bz2.compress,
}
every_kind = pytest.mark.parametrize("kind", COMPRESSED)


@every_kind
def test_a_compressed_file_is_read_whatever_its_name(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    path.write_bytes(COMPRESSED[kind](LINES))
    with path.open("rb") as stream:
        plain = open_plain(stream)
        assert head(plain, 10) == LINES[:10]
        assert plain.read(-1) == LINES


@every_kind
def test_members_that_follow_one_another_are_one_stream(kind: str) -> None:
    compress = COMPRESSED[kind]
    data = compress(b'{"a": 1}\n{"a"') + compress(b"") + compress(b": 2}\n")
    items = list(read_records(open_plain(io.BytesIO(data)), file="f"))
    assert values(items) == [{"a": 1}, {"a": 2}]


@every_kind
def test_a_cut_file_yields_what_could_be_decompressed_and_then_says_so(kind: str) -> None:
    data = COMPRESSED[kind](LINES)
    cut = data[: len(data) * 2 // 3] if kind != "bzip2" else data[:-4]
    *items, said = list(read_records(open_plain(io.BytesIO(cut)), file="f"))
    assert len(values(items)) > 1_000
    assert [said.reason for said in broken([said])] == ["truncated"]
    assert f"{kind}, decompressed byte" in broken([said])[0].message
    assert "ends in the middle" in broken([said])[0].message


@every_kind
def test_who_reads_a_cut_stream_without_read_records_gets_an_error(kind: str) -> None:
    plain = open_plain(io.BytesIO(COMPRESSED[kind](LINES)[:-3]))
    with pytest.raises(DecompressionError, match=f"{kind}.*ends in the middle"):
        plain.read(-1)


@every_kind
def test_damage_and_strange_bytes_behind_a_file_are_said(kind: str) -> None:
    plain = open_plain(io.BytesIO(COMPRESSED[kind](LINES) + b"not compressed"))
    items = list(read_records(plain, file="f"))
    assert len(values(items)) == 50_000
    assert "damaged" in broken(items)[-1].message


def test_zeros_behind_a_gzip_member_are_padding() -> None:
    member = gzip.compress(LINES) + b"\0" * 300_000
    assert open_plain(io.BytesIO(member + member)).read(-1) == LINES * 2


@every_kind
def test_what_a_format_needs_first_is_found_in_a_compressed_file_too(kind: str) -> None:
    shape = Shape(arrays=("simulations",), first=("info",))
    document = b'{"simulations": [' + b",".join([b'{"a": "%s"}' % (b"x" * 900)] * 4000) + b"]"
    data = COMPRESSED[kind](document + b', "info": "late"}')
    items = list(read_records(open_plain(io.BytesIO(data)), file="f", shape=shape))
    assert isinstance(items[0], Context)
    assert items[0].value == "late"
    assert len(values(items)) == 4000
    assert not broken(items)


@every_kind
def test_the_head_of_a_pipe_can_be_seen_and_read_again(kind: str) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    plain = open_plain(Pipe(LINES))
    assert head(plain, 100) == LINES[:100]
    assert len(values(list(read_records(plain, file="f")))) == 50_000
    compressed = open_plain(Pipe(COMPRESSED[kind](LINES)))
    assert len(values(list(read_records(compressed, file="f")))) == 50_000


def test_an_error_of_the_disk_is_no_end_of_file() -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() > 100:
                raise OSError("the disk went away")
            return super().read(min(size or 0, 200))

    with pytest.raises(OSError, match="the disk went away"):
        list(read_records(open_plain(Failing(gzip.compress(LINES))), file="f"))
