"""Rows of delimited text: what they say, how the file is told, and what is wrong with them."""

import csv
import gzip
import io
import itertools
import json
import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reading.reading import broken, values
from trace_assets.reading import (
    Broken,
    Context,
    Dialect,
    Item,
    Limits,
    Record,
    Repair,
    open_plain,
    read_table,
)

LIMITS = Limits()


def table(data: bytes, limits: Limits = LIMITS, **dialect: Any) -> list[Item]:
    stream = io.BytesIO(data)
    return list(read_table(stream, file="f", dialect=Dialect(**dialect), limits=limits))


def said(items: list[Item]) -> dict[str, Any]:
    first = items[0]
    assert isinstance(first, Context)
    assert first.pointer == "/table"
    return first.value


def repairs(items: list[Item]) -> list[tuple[Repair, ...]]:
    return [item.repairs for item in items if isinstance(item, Record)]


def test_a_row_is_its_cells_by_column_and_says_where_it_stands() -> None:
    data = b'id,text\r\n1,"two ""words"",\r\nand more"\r\n\r\n2,\r\n'
    items = table(data)
    assert values(items) == [
        {"id": "1", "text": 'two "words",\r\nand more'},
        {"id": "2", "text": ""},
    ]
    first, last = (item for item in items if isinstance(item, Record))
    assert first.raw == b'1,"two ""words"",\r\nand more"'
    assert first.place == ("f", 0, 9, len(first.raw), "0")
    assert last.place == ("f", 1, data.index(b"2,"), 2, "1")
    assert said(items)["columns"] == ["id", "text"]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_delimiter_line_break_and_encoding_are_told(
    delimiter: str, newline: str, encoding: str
) -> None:
    rows = [
        ["id", "said", "n"],
        ["1", 'é “a, b; c|d\te"', "3"],
        ["2", "two\nlines" if newline != "\r" else "x", "4"],
    ]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=newline).writerows(rows)
    items = table(out.getvalue().encode(encoding))
    assert [list(value.values()) for value in values(items) if isinstance(value, dict)] == rows[1:]
    assert said(items)["delimiter"] == delimiter
    assert said(items)["encoding"] == {
        "utf-8-sig": "utf-8",
        "utf-16": "utf-16-le",
    }.get(encoding, encoding)
    assert said(items)["evidence"]


@pytest.mark.parametrize(
    "data",
    [
        b"text\nhello, world\nyes; or no\n",
        b"text\nhello\n",
        b'"one, two"\n"3, 4"\n',
        b"text\na,b\nc\nd\ne\nf,g,h\n",
    ],
)
def test_a_file_of_one_column_is_not_cut_at_the_commas_of_its_text(data: bytes) -> None:
    items = table(data)
    assert len(said(items)["columns"]) == 1
    assert said(items)["delimiter"] == ""
    assert len(values(items)) == data.count(b"\n") - 1


def test_a_delimiter_inside_quotes_does_not_mislead() -> None:
    data = b"id;text\n" + b'1;"a, b, c, d"\n' * 5 + b"2;x, y\n"
    assert said(table(data))["delimiter"] == ";"


def test_a_row_that_is_too_short_or_too_long_is_kept_and_noted() -> None:
    items = table(b"a,b\n1,2\n3\n4,5,6,7\n")
    assert values(items) == [
        {"a": "1", "b": "2"},
        {"a": "3"},
        {"a": "4", "b": "5", "column_3": "6", "column_4": "7"},
    ]
    assert repairs(items) == [(), (Repair("", "1 cells, not 2"),), (Repair("", "4 cells, not 2"),)]


def test_columns_without_a_name_or_with_one_that_is_taken_get_one() -> None:
    items = table(b"a,,a,a_2,a,column_2\n1,2,3,4,5,6,7\n")
    assert said(items)["columns"] == ["a", "column_2", "a_2", "a_2_2", "a_3", "column_2_2"]
    assert said(items)["header"] == ["a", "", "a", "a_2", "a", "column_2"]
    (row,) = values(items)
    assert isinstance(row, dict)
    assert list(row.values()) == ["1", "2", "3", "4", "5", "6", "7"]


def test_text_behind_a_closing_quote_is_kept_and_noted() -> None:
    items = table(b'a,b/c\n1,"x" y\n2,z\n')
    assert values(items)[0] == {"a": "1", "b/c": "x y"}
    assert repairs(items)[0] == (Repair("/b~1c", '"x" y'),)


def test_nul_bytes_quotes_inside_text_and_blanks_are_text() -> None:
    data = b'a,b\n \x00,5" screen\n , \n  \n'
    assert values(table(data)) == [{"a": " \x00", "b": '5" screen'}, {"a": " ", "b": " "}]


def test_a_carriage_return_that_ends_no_line_is_text() -> None:
    data = b'a,b\r\n1,x\ry\r\n2,"z"\r\n3,"q",\r\r\n"4",w\r\r\n'
    assert [list(row.values()) for row in values(table(data)) if isinstance(row, dict)] == [
        ["1", "x\ry"],
        ["2", "z"],
        ["3", "q", "\r"],
        ["4", "w\r"],
    ]


def test_a_cell_may_be_longer_than_the_standard_library_reads() -> None:
    cell = "x, " * 500_000
    items = table(f'a,b\n1,"{cell}"\n2,y\n'.encode(), Limits(window_bytes=1000))
    assert values(items) == [{"a": "1", "b": cell}, {"a": "2", "b": "y"}]


def test_the_names_of_the_columns_may_be_given() -> None:
    items = table(b"1,2\n3,4\n", columns=("a", "b"), delimiter=",")
    assert values(items) == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]


def test_a_given_encoding_or_delimiter_is_taken() -> None:
    items = table("a|b\nž,|x\n".encode("iso-8859-2"), encoding="latin2", delimiter=",")
    assert said(items)["columns"] == ["a|b"]
    assert values(items) == [{"a|b": "ž", "column_2": "|x"}]


def test_bytes_that_are_no_utf8_far_behind_a_start_of_ascii_are_read_as_cp1252_and_noted() -> None:
    data = b"a,b\n" + b"1,plain\n" * 40_000 + b"2,caf\xe9\n" + "3,café\n".encode()
    items = table(data)
    assert values(items)[-2:] == [{"a": "2", "b": "café"}, {"a": "3", "b": "café"}]
    (repair,) = repairs(items)[-2]
    assert "read as cp1252" in repair.found
    assert repairs(items)[-1] == ()


def test_bytes_that_are_no_utf8_in_a_file_of_utf8_are_broken() -> None:
    padding = b"1,plain\n" * 40_000
    items = table("a,b\n0,é\n".encode() + padding + b"2,caf\xe9\n3,x\n")
    (found,) = broken(items)
    assert (found.reason, found.raw) == ("not_utf8", b"2,caf\xe9")
    assert values(items)[-1] == {"a": "3", "b": "x"}


def test_a_lone_surrogate_in_utf16_is_replaced_and_noted() -> None:
    data = "a,b\n1,x\ud83dy\n".encode("utf-16", "surrogatepass")
    items = table(data)
    assert values(items) == [{"a": "1", "b": "x\ufffdy"}]
    assert repairs(items) == [(Repair("", "\\ud83d"),)]


def test_half_a_character_at_the_end_is_broken() -> None:
    items = table("a,b\n1,2\n".encode("utf-16") + b"x")
    assert values(items) == [{"a": "1", "b": "2"}]
    assert [(found.reason, found.raw) for found in broken(items)] == [("truncated", b"x")]


@pytest.mark.parametrize("cut", [b'"', b'"text', b'"text\nmore', b'"text""'])
def test_a_quote_that_the_end_of_the_file_leaves_open_is_truncated(cut: bytes) -> None:
    items = table(b"a,b\n1,2\n3," + cut)
    assert values(items) == [{"a": "1", "b": "2"}]
    assert [(b.reason, b.raw, b.place.offset) for b in broken(items)] == [
        ("truncated", b"3," + cut, 8)
    ]


@pytest.mark.parametrize("behind", [b"", b'5,"z"\n', b'5,"z\nz"\n6,"y"\n'])
def test_a_stray_quote_does_not_swallow_the_rows_behind_it(behind: bytes) -> None:
    data = b'a,b\n1,"stray\n2,x\n3,x\n' + behind
    items = table(data)
    assert [(found.reason, found.raw) for found in broken(items)] == [("not_csv", b'1,"stray')]
    assert len(values(items)) == 2 + behind.count(b",")


def test_a_compressed_file_that_is_cut_says_so() -> None:
    whole = gzip.compress(b"a,b\n" + b"".join(b"%d,%d\n" % (n, n * 7919) for n in range(5000)))
    stream = open_plain(io.BytesIO(whole[: len(whole) // 2]))
    *rows, last = read_table(stream, file="f")
    assert len(rows) > 1000
    assert isinstance(last, Broken)
    assert last.reason == "truncated"
    assert all(isinstance(row, Record) and not row.repairs for row in rows[1:])


def test_a_row_that_is_too_large_is_passed_to_its_end() -> None:
    large = b'2,"' + b"x\n" * 600 + b'"'
    data = b"a,b\n1,y\n" + large + b"\n3,z\n"
    for window in (64, 1 << 20):
        limits = Limits(record_bytes=1000, kept_bytes=10, window_bytes=window)
        items = table(data, limits)
        (found,) = broken(items)
        assert (found.reason, found.raw) == ("too_large", large[:10])
        assert (found.place.offset, found.place.length) == (data.index(large), len(large))
        assert values(items) == [{"a": "1", "b": "y"}, {"a": "3", "b": "z"}]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\r\n \r\n"])
def test_a_file_without_rows_yields_nothing(data: bytes) -> None:
    assert table(data) == []


BITS = [
    b",",
    b",",
    b"\n",
    b"\n",
    b"\r\n",
    b'"',
    b'""',
    b'","',
    b"a",
    b"1,2\n",
    b'"x\ny"',
    b";",
    b"\t",
]
ODD_BITS = [
    b"\xc3\xa9",
    b"\xe9",
    b"\x00",
    b" ",
    b"\r",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"a\x00",
    b"\n\x00",
]
SOUP = st.lists(st.sampled_from([*BITS, *ODD_BITS]), max_size=40).map(b"".join)


@given(SOUP | st.binary(max_size=60))
@settings(max_examples=500)
def test_every_row_is_what_stands_at_its_place_and_between_them_are_line_breaks(
    data: bytes,
) -> None:
    items = table(data)
    left = bytearray(data)
    for number, item in reversed(list(enumerate(i for i in items if not isinstance(i, Context)))):
        place = item.place
        assert place.number == number
        assert data[place.offset : place.offset + place.length] == item.raw
        del left[place.offset : place.offset + place.length]
    header = items[0].raw if items and isinstance(items[0], Context) else b""
    assert not left.replace(header, b"", 1).strip(
        b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0"
    )


@given(SOUP)
def test_the_size_of_the_window_changes_nothing(data: bytes) -> None:
    assert table(data) == table(data, Limits(window_bytes=1))


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=8),
            min_size=3,
            max_size=3,
        ),
        max_size=6,
    ),
    st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_the_standard_library_writes_comes_back(
    rows: list[list[str]], encoding: str, newline: str
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=newline, quoting=csv.QUOTE_ALL).writerows(
        [["a", "b", "c"], *rows]
    )
    items = table(out.getvalue().encode(encoding))
    assert [list(value.values()) for value in values(items) if isinstance(value, dict)] == rows
    assert not any(repairs(items))


HOSTILE = {
    "quotes": b"a,b\n" + b'"' * 300_001,
    "stray quotes": b"a,b\n" + b'1,"x\n2,y\n' * 30_000,
    "delimiters": b"," * 300_000 + b"\n" + b"," * 300_000,
    "one name": b"a," * 100_000,
    "carriage returns": b"a,b\n" + b"\r" * 300_000,
    "quoted line breaks": b'a,b\n1,"' + b"\n" * 300_000,
    "damaged quotes": b"a,b\n" + b'"x"y,"\n' * 30_000,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_rows_take_linear_time(data: bytes) -> None:
    start = time.process_time()
    table(data, Limits(window_bytes=1 << 12))
    assert time.process_time() - start < 8


def test_memory_does_not_grow_with_the_file() -> None:
    row = json.dumps({"text": "x, " * 1000}).replace('"', '""').encode()

    def chunks() -> Iterator[bytes]:
        yield b"id,json\n"
        for number in range(20_000):
            yield b'%d,"%s"\n' % (number, row)

    class Endless(io.RawIOBase):
        """A file of 60 MB that is never in memory."""

        parts = chunks()

        def read(self, size: int = -1, /) -> bytes:
            return b"".join(itertools.islice(self.parts, max(1, size // len(row))))

    tracemalloc.start()
    count = sum(1 for _ in read_table(Endless(), file="f"))  # pyright: ignore[reportArgumentType]  # a raw stream has all that is called
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_001
    assert peak < 20 << 20
