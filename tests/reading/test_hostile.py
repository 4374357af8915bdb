"""Input that is made to break readers: bounded in time and memory, and never an exception."""

import io
import time
import tracemalloc

import pytest

from tests.reading.reading import broken, read, values
from trace_assets.reading import Shape, read_records

HOSTILE = {
    "brackets that never close": b"[" * 100_000,
    "objects that never close": b'{"a":' * 50_000,
    "a key of 10 MB": b'{"' + b"k" * 10_000_000 + b'":1}',
    "a key of 10 MB that never closes": b'{"' + b"k" * 10_000_000,
    "a million blank lines": b"\n" * 1_000_000,
    "a million commas": b"[" + b"," * 100_000 + b"]",
    "a million small records": b"[" + b"1," * 100_000 + b"1]",
    "small documents on one line": b'{"a":1}' * 100_000,
    "lines of junk": b"junk\n" * 50_000,
    "lines that never close": b'{"a":[\n' * 20_000,
    "lines that never close, indented": b' {"a":[\n' * 20_000,
    "quotes": b'"' * 100_001,
    "backslashes": b'"' + b"\\" * 1_000_001,
    "NUL bytes": b"\0" * 1_000_000,
    "broken elements": b"[" + b'{"a":NaN},' * 20_000 + b"1]",
    "unclosed elements": b'[{"a":1}' + b',{"a":{"b":1}' * 20_000 + b"]",
    "broken members": b'{"simulations":[],' + b"x," * 50_000 + b"}",
    "elements that say late whose they are": b'{"data":['
    + b'{"spans":[1],"processes":2},' * 30_000
    + b"{}]}",
    "elements that never say whose they are": b'{"data":[' + b'{"spans":[1]},' * 30_000 + b"{}]}",
    "elements that never close": b'{"data":[' + b'{"spans":[1],' * 30_000,
    "spans that never close": b'{"data":[' + b'{"spans":[{"a":' * 30_000,
    "lines of broken spans": b'{"data":[{"spans":[1,NaN,{"a"}]}]}\n' * 10_000,
    "lines of cut spans": b'{"data":[{"spans":[1,{"a":[\n' * 10_000,
    "keys before the spans": b'{"data":[{' + b'"k":1,' * 100_000 + b'"spans":[1]}]}',
    "commas and space": b'{"a":[1,' + b" " * 1_000_000 + b"]]",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize(
    "shape",
    [
        Shape(),
        Shape(arrays=("simulations",), first=("info",)),
        Shape(arrays=("data/*/spans",), first=("data/*/processes", "info")),
    ],
)
def test_hostile_input_takes_linear_time(data: bytes, shape: Shape) -> None:
    start = time.process_time()
    for _ in read_records(io.BytesIO(data), file="f", shape=shape):
        pass
    assert time.process_time() - start < 8  # a quadratic reader takes minutes


@pytest.mark.parametrize("depth", [2_000, 200_000])
def test_deep_nesting_is_broken_and_what_follows_is_read(depth: int) -> None:
    deep = b'{"a":' * depth + b"1" + b"}" * depth
    for data in (b"[" + deep + b',{"ok":1}]', deep + b'\n{"ok":1}\n'):
        items = read(data)
        (found,) = broken(items)
        assert (found.reason, found.raw) == ("too_deep", deep)
        assert values(items) == [{"ok": 1}]


def test_ordinary_nesting_is_read() -> None:
    deep = b"[" * 500 + b"]" * 500
    assert not broken(read(b'{"a":' + deep + b"}"))


def test_memory_does_not_grow_with_the_file() -> None:
    record = b'{"text":"' + b"x" * 9_000 + b'"}'

    class Endless(io.RawIOBase):
        """A document of 200 MB that is never in memory."""

        left = 20_000

        def read(self, size: int = -1, /) -> bytes:
            if not self.left:
                return b""
            count = min(self.left, max(1, size // len(record)))
            start = b"[" if self.left == 20_000 else b","
            self.left -= count
            return start + b",".join([record] * count) + (b"" if self.left else b"]")

    tracemalloc.start()
    count = sum(1 for _ in read_records(Endless(), file="f"))  # pyright: ignore[reportArgumentType]  # a raw stream has all that is called
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 20 << 20
