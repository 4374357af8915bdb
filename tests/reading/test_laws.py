"""What holds for any bytes at all."""

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reading.reading import read
from trace_assets.reading import Broken, Context, Item, Limits, Record, Shape
from trace_assets.reading.ends import Verdict, measure
from trace_assets.reading.scan import End, Scan
from trace_assets.reading.window import Window

SIMULATIONS = Shape(
    arrays=("simulations", "splits/*"), objects=("run",), whole=("messages",), first=("info",)
)
TRACES = Shape(
    arrays=("data/*/spans|logs",), objects=("data/*/*/run",), first=("data/*/processes",)
)
SMALL_WINDOW = Limits(window_bytes=16)

TOKENS = st.sampled_from(
    [
        *(
            b"{",
            b"}",
            b"[",
            b"]",
            b",",
            b":",
            b'"',
            b"\\",
            b"\n",
            b"\r\n",
            b" ",
            b"\n  ",
            b"\n    ",
        ),
        *(b'{"a":', b'"a":', b'"b"', b'{"a":1}', b"[1,2]", b'"x"', b"12", b"-", b"1e400", b"NaN"),
        *(b"tru", b"true", b"null", b'"\\ud83d"', b'"\\u003a"', b"\xff", b"\x00", b"\xef\xbb\xbf"),
        *(b'{"simulations":[', b'"info":', b'"splits":{', b'{"run":{', b'"messages"', b"xyz"),
        *(b'{"data":[', b'{"spans":[', b'"spans":[', b'"processes":', b'"logs":', b"]}", b"},"),
        *(b'},{"a":', b"\n{", b"\n[", b"\n}", b'\n  {\n    "a": 1\n  }'),
    ]
)
SOUP = st.lists(TOKENS, max_size=40).map(b"".join)
SHAPES = st.sampled_from([Shape(), SIMULATIONS, TRACES])

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**25), 10**25)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.sampled_from(["a", "b", "content", ":", '"']), JSON, min_size=1)
INDENTS = st.sampled_from([None, 1, 2, 4])


def written(value: Any, indent: int | None, *, ascii_only: bool = True) -> bytes:
    return json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()


def told(items: list[Item]) -> list[Record | Broken]:
    return [item for item in items if not isinstance(item, Context)]


@given(SOUP | st.binary(max_size=60), SHAPES)
def test_every_record_is_what_stands_at_its_place(data: bytes, shape: Shape) -> None:
    end = 0
    for number, item in enumerate(told(read(data, shape))):
        place = item.place
        assert place.number == number
        assert data[place.offset : place.offset + place.length] == item.raw
        assert shape.first or place.offset >= end
        end = place.offset + place.length


@given(SOUP | st.binary(max_size=60))
def test_between_records_there_is_nothing_but_commas_brackets_and_space(data: bytes) -> None:
    left = bytearray(data.removeprefix(b"\xef\xbb\xbf"))
    shift = len(data) - len(left)
    for item in reversed(told(read(data))):
        start = item.place.offset - shift
        del left[start : start + item.place.length]
    assert not left.strip(b" \t\r\n,[]")


@given(SOUP.map(lambda soup: soup.replace(b"\n", b" ")), SHAPES)
def test_the_size_of_the_window_changes_nothing(data: bytes, shape: Shape) -> None:
    # Of one line: that a file is one of lines is only noticed for lines the window can hold.
    assert read(data, shape) == read(data, shape, SMALL_WINDOW)


@given(st.lists(JSON.filter(lambda v: not isinstance(v, list)), max_size=6), INDENTS)
def test_documents_come_back_as_they_were_written(values: list[Any], indent: int | None) -> None:
    data = b"\n".join(written(value, indent) for value in values)
    assert [record.value for record in told(read(data)) if isinstance(record, Record)] == values


@given(st.lists(JSON, max_size=6), INDENTS, st.booleans())
def test_elements_come_back_as_they_were_written(
    values: list[Any], indent: int | None, ascii_only: bool
) -> None:
    records = read(written(values, indent, ascii_only=ascii_only), limits=SMALL_WINDOW)
    assert [record.value for record in records if isinstance(record, Record)] == values
    assert len(records) == len(values)


@given(st.lists(OBJECTS, min_size=1, max_size=5), JSON, INDENTS)
def test_an_exploded_document_is_its_records_and_its_context(
    values: list[Any], info: Any, indent: int | None
) -> None:
    document = {"simulations": values, "tasks": info, "info": info}
    items = read(written(document, indent), SIMULATIONS)
    assert [item.value for item in items if isinstance(item, Record)] == values
    assert {i.pointer: i.value for i in items if isinstance(i, Context)} == {
        "/tasks": info,
        "/info": info,
    }
    assert isinstance(items[0], Context)
    assert items[0].pointer == "/info"


JUNK = st.sampled_from(
    [
        *(b'{"a": NaN}', b'{"a": tru}', b"{'a': 1}", b'{"a": 1 "b": 2}', b'{"a": "\xff"}', b"xyz"),
        *(
            b'{"a": 1, "a": 2}',
            b'{"a": "\\x"}',
            b'{"a": [1, 2,]}',
            b'{"a": 1e999}',
            b'{"a": "\x01"}',
        ),
    ]
)
UNCLOSED = st.sampled_from([b'{"a": [{"b": 1}, ', b'{"a": "text', b'{"a": {"b": [', b"{"])


@given(st.lists(OBJECTS, min_size=1, max_size=5), st.data(), st.sampled_from([None, 2, "lines"]))
def test_junk_in_place_of_a_record_changes_only_that_record(
    values: list[Any], data: st.DataObject, form: int | str | None
) -> None:
    at = data.draw(st.integers(0, len(values) - 1))
    junk = data.draw(JUNK if form is None else JUNK | UNCLOSED)
    if form == "lines":
        parts = [written(value, None) for value in values]
        between, before, behind = b"\n", b"", b"\n"
    else:
        parts = [
            written(v, 2).replace(b"\n", b"\n  ") if form else written(v, None) for v in values
        ]
        between, before, behind = (b",\n  ", b"[\n  ", b"\n]") if form else (b", ", b"[", b"]")
    parts[at] = junk
    text = before + between.join(parts) + behind
    items = told(read(text))
    assert form == "lines" or items == told(read(text, limits=SMALL_WINDOW))
    assert len(items) == len(values)
    assert isinstance(items[at], Broken)
    assert items[at].raw == junk.strip()
    others = [item.value for item in items if isinstance(item, Record)]
    assert others == [value for index, value in enumerate(values) if index != at]


@given(OBJECTS, INDENTS, st.sampled_from([b",", b"]", b"  ]", b"\n,{}"]))
def test_parser_and_scan_agree_on_where_a_value_ends(
    value: Any, indent: int | None, behind: bytes
) -> None:
    raw = written(value, indent)
    window = Window(io.BytesIO(raw + behind), 1 << 20)
    window.grow()
    assert measure(window, 1 << 20) == (Verdict.WHOLE, len(raw))
    end, index = Scan(is_item=True).feed(window.data, 0, len(window.data))
    assert end is End.FOUND
    assert window.data[:index].rstrip() == raw
    assert Scan(is_item=False).feed(window.data, 0, len(window.data)) == (End.FOUND, len(raw))


@given(st.lists(OBJECTS, min_size=1, max_size=4), st.data(), INDENTS)
def test_a_cut_document_gives_its_whole_records_and_says_that_it_was_cut(
    values: list[Any], data: st.DataObject, indent: int | None
) -> None:
    whole = written({"simulations": values}, indent)
    cut = whole[: data.draw(st.integers(len(b'{"simulations": ['), len(whole) - 1))].rstrip()
    *records, last = read(cut, Shape(arrays=("simulations",)))
    assert isinstance(last, Broken)
    assert last.reason == "truncated"
    assert cut.endswith(last.raw)
    assert [r.value for r in records if isinstance(r, Record)] == values[: len(records)]
    assert all(isinstance(record, Record) for record in records)


@pytest.mark.parametrize("shape", [Shape(), SIMULATIONS, TRACES])
@settings(max_examples=50)
@given(SOUP)
def test_small_limits_lose_nothing(shape: Shape, data: bytes) -> None:
    items = told(read(data, shape, Limits(record_bytes=10, kept_bytes=4, window_bytes=8)))
    for item in items:
        kept = data[item.place.offset : item.place.offset + item.place.length]
        assert kept.startswith(item.raw)
        is_large = isinstance(item, Broken) and item.reason in ("too_large", "not_utf8")
        assert is_large or kept == item.raw
