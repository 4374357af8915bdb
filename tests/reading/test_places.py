"""Every record, broken ones included, can be read again from its place."""

import bz2
import gzip
import io
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reading.test_archive import File, archive, zstd
from tests.reading.test_nested import DOCUMENTS
from trace_assets.reading import (
    Broken,
    Context,
    Item,
    Shape,
    bytes_at,
    open_members,
    open_plain,
    read_records,
    read_table,
)

SPANS = Shape(arrays=("data/*/spans|logs",), objects=("data/run",), first=("data/*/processes",))


class Kind(NamedTuple):
    data: st.SearchStrategy[bytes]
    read: Callable[[BinaryIO], Iterator[Item]]


def lines(stream: BinaryIO) -> Iterator[Item]:
    return read_records(stream, file="f")


def spans(stream: BinaryIO) -> Iterator[Item]:
    return read_records(stream, file="f", shape=SPANS)


def rows(stream: BinaryIO) -> Iterator[Item]:
    return read_table(stream, file="f")


TEXTS = st.lists(DOCUMENTS | st.sampled_from(["1", "{", '{"data":[{"spans":[1, {"a"', "\u00e9"]))
ROWS = st.lists(st.sampled_from(["a,b", "1,2", '1,"x\ny"', '"é"x,1', "", "1", '"open', "ž,\x00"]))
KINDS = {
    "lines": Kind(TEXTS.map(lambda parts: "\n".join(parts).encode()), lines),
    "an array": Kind(TEXTS.map(lambda parts: f"[{','.join(parts)}]".encode()), lines),
    "exploded lines": Kind(TEXTS.map(lambda parts: "\n".join(parts).encode()), spans),
    "an exploded document": Kind(DOCUMENTS.map(str.encode), spans),
    "rows": Kind(ROWS.map(lambda parts: "\r\n".join(parts).encode()), rows),
    "wide rows": Kind(ROWS.map(lambda parts: "\n".join(parts).encode("utf-16")), rows),
}


def zipped(data: bytes) -> bytes:
    return archive([File("other", b"1\n2\n"), File("f", data)])


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gz": gzip.compress,
    "zst": zstd.compress,
    "bz2": bz2.compress,
    "zip": zipped,
}


def opened(packed: bytes, how: str) -> BinaryIO:
    stream = io.BytesIO(packed)
    if how == "zip":
        return next(member.stream for member in open_members(stream) if member.name == "f")
    return open_plain(stream)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("how", PACKED)
@given(draw=st.data())
def test_what_was_read_is_read_again_from_its_place(
    kind: Kind, how: str, draw: st.DataObject
) -> None:
    packed = PACKED[how](draw.draw(kind.data))
    items = list(kind.read(opened(packed, how)))
    again = opened(packed, how)
    told = [item for item in items if not isinstance(item, Context)]
    for item in draw.draw(st.permutations(told)):
        assert bytes_at(again, item.place) == item.raw
        assert not isinstance(item, Broken) or item.reason != "too_large"
