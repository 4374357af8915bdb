"""What counts as a record, in files that are as they should be."""

import io
import json
from pathlib import Path

import pytest

from tests.reading.reading import broken, context, read, values
from trace_assets.reading import Context, Limits, Record, Shape, read_records

RUNS = Shape(
    arrays=("simulations", "splits/*"),
    objects=("simulation_run",),
    whole=("messages",),
    first=("info",),
)


def fragments(data: bytes, shape: Shape = RUNS) -> list[str]:
    return [item.place.fragment for item in read(data, shape) if isinstance(item, Record)]


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1}\n{"b":2}\n',
        b'{"a":1}\r\n{"b":2}',
        b'\xef\xbb\xbf{"a":1}\n\n \t\n{"b":2}\n\n',
        b'{"a":1}{"b":2}',
        b'  {"a": 1}  {"b": 2}  ',
        b' {"a": 1} \n\t {"b": 2} \r\n',
        b'{\n  "a": 1\n}\n{\n  "b": 2\n}\n',
        b'[{"a":1},{"b":2}]',
        b'[\n  {"a": 1},\n  {"b": 2}\n]\n',
    ],
)
def test_lines_documents_side_by_side_and_a_bare_array_hold_the_same_records(data: bytes) -> None:
    items = read(data)
    assert values(items) == [{"a": 1}, {"b": 2}]
    records = [item for item in items if isinstance(item, Record)]
    assert [record.place.fragment for record in records] == ["0", "1"]
    assert [data.find(record.raw) for record in records] == [r.place.offset for r in records]
    assert all(record.raw.strip() == record.raw for record in records)


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n ", b"\xef\xbb\xbf", b"[]", b"[ ]\n[]"])
def test_a_file_without_records_yields_nothing(data: bytes) -> None:
    assert read(data) == []


def test_a_record_says_where_it_stands() -> None:
    data = b'{"info": 1, "simulations": [ {"a": "\xc3\xa9"} , {"b":2}]}'
    last = read(data, RUNS)[-1]
    assert isinstance(last, Record)
    assert last.place == ("f", 1, data.index(b'{"b"'), len(b'{"b":2}'), "simulations/1")
    assert last.place.uri == "f#simulations/1"
    assert last.raw == b'{"b":2}'


def test_a_later_document_of_a_stream_has_its_number_first() -> None:
    data = b'{"simulations":[1]}\n{"x":1}\n{"simulations":[2,3],"k":0}\n[4]'
    assert fragments(data) == ["simulations/0", "1", "2/simulations/0", "2/simulations/1", "3/0"]
    assert context(read(data, RUNS)) == [("/2/k", 0)]


def test_everything_else_in_an_exploded_document_is_context_in_order() -> None:
    data = b'{"timestamp":"t","info":{"k":[1]},"simulations":[{}],"tasks":null,"x~/y":1}'
    told = context(read(data, RUNS))
    assert told == [("/timestamp", "t"), ("/info", {"k": [1]}), ("/tasks", None), ("/x~0~1y", 1)]


def test_a_star_stands_for_any_key() -> None:
    data = b'{"splits":{"train":[1,2],"note":"n","a/b":[3]},"z":0}'
    assert fragments(data) == ["splits/train/0", "splits/train/1", "splits/a~1b/0"]
    assert context(read(data, RUNS)) == [("/splits/note", "n"), ("/z", 0)]


def test_an_object_path_is_one_record() -> None:
    items = read(b'{"simulation_run":{"id":1},"config":{}}', RUNS)
    assert values(items) == [{"id": 1}]
    assert context(items) == [("/config", {})]


@pytest.mark.parametrize("value", [b"null", b"{}", b'"x"', b"3"])
def test_a_records_key_without_an_array_is_context(value: bytes) -> None:
    items = read(b'{"simulations":' + value + b',"a":1}', RUNS)
    assert [pointer for pointer, _ in context(items)] == ["/simulations", "/a"]
    assert values(items) == []


@pytest.mark.parametrize(
    "data",
    [
        b'{"id":1,"text":"no key of the shape"}',
        b'{"messages":[1],"simulations":[2]}',
        b'{\n "messages": [1],\n "simulations": [2]\n}',
    ],
)
def test_a_document_that_is_itself_a_record_is_not_exploded(data: bytes) -> None:
    (record,) = read(data, RUNS)
    assert isinstance(record, Record)
    assert record.raw == data


def test_elements_and_documents_of_any_type_are_records() -> None:
    data = b'[1,"x",null,true,-0.5,[2],{}]'
    assert values(read(data)) == [1, "x", None, True, -0.5, [2], {}]
    assert values(read(b'12\n"x"\n null \n-3.5e2')) == [12, "x", None, -350.0]


@pytest.mark.parametrize("indent", [b"", b"\n  "])
def test_what_a_format_needs_first_comes_first_and_once(indent: bytes) -> None:
    parts = [b'{"x":0,', b'"simulations":[{"a":1},{"a":2}],', b'"info":{"agent":"m"},', b'"y":1}']
    items = read(indent.join(parts), RUNS)
    assert context(items) == [("/info", {"agent": "m"}), ("/x", 0), ("/y", 1)]
    assert isinstance(items[0], Context)
    assert values(items) == [{"a": 1}, {"a": 2}]


def test_what_a_format_needs_first_is_found_far_behind_the_window(tmp_path: Path) -> None:
    path = tmp_path / "big.json"
    record = b'{"text":"' + b"x" * 9_000 + b'"}'
    path.write_bytes(b'{"simulations":[' + b",".join([record] * 400) + b'],"info":"late"}')
    with path.open("rb") as stream:
        items = list(read_records(stream, file="big.json", shape=RUNS))
    assert context(items[:1]) == [("/info", "late")]
    assert len(items) == 401
    last = items[-1]
    assert isinstance(last, Record)
    assert path.read_bytes()[last.place.offset :].startswith(last.raw)


class Pipe(io.BytesIO):
    def seekable(self) -> bool:
        return False


@pytest.mark.parametrize("held", [10, 1 << 20])
def test_a_stream_that_cannot_seek_is_looked_ahead_in_as_far_as_may_be_held(held: int) -> None:
    stream = Pipe(b'{"simulations":[1, 2, 3, 4],"info":2}\n{"simulations":[5]}')
    limits = Limits(window_bytes=4, ahead_bytes=held)
    items = list(read_records(stream, file="f", shape=RUNS, limits=limits))
    assert values(items) == [1, 2, 3, 4, 5]
    assert context(items) == [("/info", 2)]
    assert isinstance(items[0], Context) == (held > 20)


def test_documents_that_lack_what_a_format_needs_first_are_read_all_the_same() -> None:
    data = b'{"simulations":[1]}\n' * 3 + b'{"simulations":[2],"info":5}'
    items = read(data, RUNS)
    assert values(items) == [1, 1, 1, 2]
    assert context(items) == [("/3/info", 5)]


def test_numbers_of_any_length_stay_exact() -> None:
    data = b'{"a":123456789012345678901234567890,"b":-9223372036854775809}'
    assert values(read(data)) == [{"a": 123456789012345678901234567890, "b": -(2**63) - 1}]


def test_a_record_longer_than_the_window_is_read_whole() -> None:
    record = b'{"text":"' + b"\\n" * 2_000_000 + b'"}'
    for data in (b"[1," + record + b",2]", b"1\n" + record + b"\n2\n"):
        assert [getattr(item, "raw", b"") for item in read(data)] == [b"1", record, b"2"]
        assert not broken(read(data))


def test_context_longer_than_the_window_before_the_records_is_kept() -> None:
    tasks = {f"task {n}": "x" * 50 for n in range(100)}
    data = json.dumps({**tasks, "simulations": [{"a": 1}], "info": 2}).encode()
    items = read(data, RUNS, Limits(window_bytes=64))
    assert context(items) == [("/info", 2), *((f"/{key}", text) for key, text in tasks.items())]
    assert values(items) == [{"a": 1}]
