"""What is no record comes out whole, says why, and harms nothing beside it."""

import pytest

from tests.reading.reading import broken, read, values
from trace_assets.reading import Broken, Limits, Record, Repair, Shape

RUNS = Shape(arrays=("simulations",), first=("info",))


def only(data: bytes, shape: Shape = RUNS) -> Broken:
    (found,) = broken(read(data, shape))
    return found


@pytest.mark.parametrize(
    ("junk", "reason", "said"),
    [
        (b'{"a": NaN}', "not_json", "NaN at byte 6"),
        (b'{"NaN": [-Infinity]}', "not_json", "-Infinity at byte 9"),
        (b'{"a": 1e400}', "not_json", "1e400 at byte 6"),
        (b'{"a": ' + b"1" * 5000 + b"}", "not_json", "4300 digits"),
        (b'{"a": tru}', "not_json", "byte 6 of the record, line 1 column 7"),
        (b"{'a': 1}", "not_json", "byte 1"),
        (b'{"a": "tab\t"}', "not_json", "byte 10"),
        (b'{"a": "\xc3\xa9", b}', "not_json", "byte 12"),
        (b'{"a": "\xff\xfe"}', "not_utf8", "byte 7 of the record is not UTF-8: ff fe 22 7d"),
        (b'{"a": {"k/": 1, "b": 2, "k/": 3}}', "duplicate_key", "'k/' is there more than once"),
        (b'{"a": "\\u003a", "b": 1, "b": 2}', "duplicate_key", "'b'"),
        (b"{" * 3 + b'"a": 1' + b"}" * 3, "not_json", "byte 1"),
    ],
)
@pytest.mark.parametrize(
    ("before", "behind"),
    [
        (b'{"ok":1}\n', b'\n{"ok":2}\n'),
        (b'[{"ok":1},', b',{"ok":2}]'),
        (b'{"simulations": [\n  {"ok":1},\n  ', b',\n  {"ok":2}\n ]\n}'),
        (b'{"simulations": [{"ok":1},', b', {"ok":2}], "info": 1}'),
    ],
)
def test_a_broken_record_keeps_its_bytes_and_its_neighbours(
    before: bytes, junk: bytes, behind: bytes, reason: str, said: str
) -> None:
    items = read(before + junk + behind, RUNS)
    (found,) = broken(items)
    assert (found.raw, found.reason) == (junk, reason)
    assert said in found.message
    assert found.place.offset == len(before)
    assert found.place.number == 1
    assert values(items) == [{"ok": 1}, {"ok": 2}]


def test_a_duplicate_key_is_pointed_at() -> None:
    assert only(b'[{"m": [0, {"k/~": 1, "k/~": 1}]}]').pointer == "/m/1/k~1~0"


@pytest.mark.parametrize(
    "raw", [b'{"a": "\\u003a"}', b'{"a:": ":\\n", "b": "\\u003A"}', b'{"a": {}, "b": {"a": 1}}']
)
def test_an_escaped_colon_or_a_key_in_another_object_is_no_duplicate(raw: bytes) -> None:
    assert not broken(read(raw))


def test_lone_surrogates_are_replaced_and_noted() -> None:
    data = b'[{"a": ["x", "\\ud83d y \\ude00"], "\\udc01": 1, "good": "\\ud83d\\ude00"}, 2]'
    record, other = read(data)
    assert isinstance(record, Record)
    assert record.value == {"a": ["x", "\ufffd y \ufffd"], "\ufffd": 1, "good": "😀"}
    assert set(record.repairs) == {
        Repair("/a/1", "\\ud83d"),
        Repair("/a/1", "\\ude00"),
        Repair("/\ufffd", "\\udc01"),
    }
    assert isinstance(other, Record)
    assert other.value == 2


def test_two_keys_that_a_repair_would_make_one_are_not_repaired() -> None:
    assert only(b'[{"\\ud83d": 1, "\\udc01": 2}]').reason == "duplicate_key"


@pytest.mark.parametrize(
    "rest", [b"", b'{"a":', b'{"a": [1, 2', b'{"a": "\\ud8', b'{"a": tr', b'"x']
)
def test_what_is_left_of_a_cut_document_is_one_broken_record(rest: bytes) -> None:
    data = b'{"info": 0, "simulations": [{"ok": 1}, {"ok": 2}, ' + rest
    items = read(data.rstrip(), RUNS)
    assert values(items) == [{"ok": 1}, {"ok": 2}]
    found = only(data.rstrip())
    assert (found.reason, found.raw) == ("truncated", rest)
    assert found.place.fragment == "simulations/2"


@pytest.mark.parametrize("tail", [b"", b",", b', "tasks"', b', "tasks": ', b', "tasks": [1, '])
def test_a_document_cut_behind_its_records_says_so(tail: bytes) -> None:
    data = b'{"info": 0, "simulations": [{"ok": 1}]' + tail
    assert only(data).reason == "truncated"
    assert data.rstrip().endswith(only(data).raw)
    assert values(read(data, RUNS)) == [{"ok": 1}]


def test_a_cut_last_line_is_truncated_and_the_lines_before_it_are_read() -> None:
    items = read(b'{"a": 1}\n{"a": 2}\n{"a": {"b"')
    assert values(items) == [{"a": 1}, {"a": 2}]
    assert only(b'{"a": 1}\n{"a": 2}\n{"a": {"b"').reason == "truncated"


def test_a_line_that_was_cut_does_not_swallow_the_next_ones() -> None:
    data = b'{"a": 1}\n{"a": [\n{"a": 3}\n{"a": {"b":\n\n{"a": 5}\nplain text\n{"a": 7}\n'
    assert values(read(data)) == [{"a": 1}, {"a": 3}, {"a": 5}, {"a": 7}]
    assert [found.raw for found in broken(read(data))] == [
        b'{"a": [',
        b'{"a": {"b":',
        b"plain text",
    ]


def test_a_broken_document_of_many_lines_is_one_broken_record() -> None:
    data = b'{\n  "a": NaN,\n  "b": {}\n}\n{\n  "a": 2\n}\n'
    assert only(data).raw == b'{\n  "a": NaN,\n  "b": {}\n}'
    assert values(read(data)) == [{"a": 2}]


def test_garbage_between_documents_is_broken_for_its_stretch() -> None:
    data = b'{"a": 1} xyz {"a": 2}\n2026-01-02 INFO {"a": 3}\n{"a": 4}'
    assert [found.raw for found in broken(read(data))] == [b"xyz", b'2026-01-02 INFO {"a": 3}']
    assert values(read(data)) == [{"a": 1}, {"a": 2}, {"a": 4}]


def test_a_missing_bracket_in_a_compact_array_harms_one_record() -> None:
    data = b'[{"id": 1, "m": {}}, {"id": 2, "m": {}, {"id": 3, "m": {}}, {"id": 4}]'
    assert values(read(data)) == [{"id": 1, "m": {}}, {"id": 3, "m": {}}, {"id": 4}]
    assert only(data).raw == b'{"id": 2, "m": {}'


def test_a_missing_bracket_is_noticed_long_before_the_end_of_the_file() -> None:
    limits = Limits(record_bytes=1000, window_bytes=64)
    data = b'[{"id": 1}, {"id": 2, "m": {}' + b', {"id": 3}' * 1000 + b"]"
    items = read(data, limits=limits)
    assert [found.raw for found in broken(items)] == [b'{"id": 2, "m": {}']
    assert len(values(items)) == 1001


def test_a_missing_quote_in_a_compact_array_harms_one_record() -> None:
    data = b'[{"id": 1}, {"id": "2}, {"id": 3}, {"id": 4}]'
    assert values(read(data)) == [{"id": 1}, {"id": 3}, {"id": 4}]
    assert only(data).raw == b'{"id": "2}'


def test_a_bracket_too_many_is_said_and_the_records_are_read() -> None:
    data = b'{"simulations": [{"ok": 1}}, {"ok": 2}], "info": 1}'
    assert only(data).raw == b"}"
    assert values(read(data, RUNS)) == [{"ok": 1}, {"ok": 2}]


def test_missing_and_doubled_commas_are_said() -> None:
    missing = only(b'[{"a": 1} {"a": 2}, {"a": 3}]')
    assert missing.raw == b'{"a": 2}'
    assert "expected ',' or ']' at byte 10 of the file" in missing.message
    assert only(b"[1,,2]").message == "a value is missing"
    assert only(b"[1,2,]").place.fragment == "2"


def test_broken_context_is_told_like_a_broken_record() -> None:
    items = read(b'{"info": {"a": NaN}, "x" 1, y, "simulations": [{"ok": 1}]}', RUNS)
    assert values(items) == [{"ok": 1}]
    assert [(found.place.fragment, found.raw) for found in broken(items)] == [
        ("info", b'{"a": NaN}'),
        ("", b'"x" 1'),
        ("", b"y"),
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf_16_is_one_broken_record_that_says_what_to_do(encoding: str) -> None:
    data = '{"a": 1}\n{"a": 2}\n'.encode(encoding)
    found = only(data)
    assert (found.reason, found.raw) == ("not_utf8", data)
    assert "UTF-16" in found.message
    assert "convert it to UTF-8" in found.message


def test_a_record_over_the_limit_is_passed_and_reading_goes_on() -> None:
    limits = Limits(record_bytes=1000, kept_bytes=10, window_bytes=64)
    large = b'{"a": "' + b"[" * 5000 + b'"}'
    for data in (b'{"a": 1}\n' + large + b'\n{"a": 3}', b'[{"a": 1}, ' + large + b', {"a": 3}]'):
        items = read(data, limits=limits)
        assert values(items) == [{"a": 1}, {"a": 3}]
        (found,) = broken(items)
        assert found.reason == "too_large"
        assert found.raw == large[:10]
        assert (found.place.offset, found.place.length) == (data.index(large), len(large))
        assert f"{len(large)} bytes; more than 1000" in found.message


@pytest.mark.parametrize(
    ("cut", "whole", "rest"),
    [
        (b'{"simulations": [{"b": 1},', [{"b": 1}], b""),
        (b'{"simulations": [{"b": 1}, {"b"', [{"b": 1}], b'{"b"'),
        (b'{"simulations": [', [], b""),
        (b'{"info": {', [], b'{"info": {'),
    ],
)
@pytest.mark.parametrize("lines_before", [0, 2])
def test_a_cut_line_of_exploded_lines_does_not_take_the_next_ones_for_its_records(
    cut: bytes, whole: list[object], rest: bytes, lines_before: int
) -> None:
    line = b'{"simulations": [{"a": 1}, {"a": 2}]}\n'
    items = read(line * lines_before + cut + b"\n" + line * 2, RUNS)
    assert [v for v in values(items) if v not in ({"a": 1}, {"a": 2})] == whole
    assert len(values(items)) == 2 * (lines_before + 2) + len(whole)
    assert [(found.raw, found.reason) for found in broken(items)] == [(rest, "truncated")]


def test_a_broken_record_in_a_line_of_records_harms_none_of_them() -> None:
    line = b'{"simulations": [{"a": 1}, {"a": NaN}, {"a": 3}], "info": 0}\n'
    items = read(line * 3, RUNS)
    assert values(items) == [{"a": 1}, {"a": 3}] * 3
    assert [found.raw for found in broken(items)] == [b'{"a": NaN}'] * 3
    assert [found.place.fragment for found in broken(items)][2] == "2/simulations/1"


def test_a_line_that_starts_like_a_number_is_no_number() -> None:
    items = read(b'2026-01-02 03:04 INFO start {"a": 1}\n12 apples\n"quoted" text\n{"a": 1}\n')
    assert values(items) == [{"a": 1}]
    assert len(broken(items)) == 3
