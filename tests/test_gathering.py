"""Parts of traces, set aside in memory or on disk and brought back by their keys."""

import time
from collections.abc import Iterator

import pytest

from trace_assets.formats import Part
from trace_assets.gathering import Gathered
from trace_assets.reading import Place, Record, Repair


@pytest.fixture(params=[0, 20, 1 << 20], ids=["on_disk", "moved_to_disk", "in_memory"])
def gathered(request: pytest.FixtureRequest) -> Iterator[Gathered]:
    gathered = Gathered(request.param)
    yield gathered
    gathered.close()


def record(number: int, raw: bytes = b'{"n":1}', *, file: str = "a.jsonl") -> Record:
    return Record(Place(file, number, number * 10, len(raw), str(number)), {"n": 1}, raw)


def test_records_of_one_key_come_back_together_in_the_order_in_which_they_came(
    gathered: Gathered,
) -> None:
    for number in range(5000):
        gathered.add(f"k{number % 3}", record(number), {}, is_json=True)
    groups = list(gathered.groups())
    assert [group.key for group in groups] == ["k0", "k1", "k2"]
    assert groups[1].size == 7 * len(range(1, 5000, 3))
    parts = gathered.parts("k1")
    assert [part.record.place.number for part in parts] == list(range(1, 5000, 3))
    assert parts[0] == Part(record(1), {})


def test_a_record_comes_back_with_the_context_that_was_said_for_it(
    gathered: Gathered,
) -> None:
    said, other = {"/resource": {"service": "a"}}, {"/resource": {"service": "b"}}
    for number, context in enumerate([said, dict(said), other, {}]):
        gathered.add("k", record(number), context, is_json=True)
    list(gathered.groups())
    assert [part.context for part in gathered.parts("k")] == [said, said, other, {}]


def test_a_record_that_is_not_json_comes_back_with_its_value_and_repairs(
    gathered: Gathered,
) -> None:
    row = Record(
        Place("a.csv", 0, 5, 3, "0"), {"question": "1"}, b"1\xff\n", (Repair("/0", "\\xff"),)
    )
    gathered.add("k", row, {}, is_json=False)
    list(gathered.groups())
    assert gathered.parts("k") == [Part(row, {})]
    assert list(gathered.raws("k")) == [(row.place, row.raw)]


def test_records_of_several_files_keep_their_files(
    gathered: Gathered,
) -> None:
    for file in ("a.jsonl", "b.jsonl", "a.jsonl"):
        gathered.add("k", record(0, file=file), {}, is_json=True)
    list(gathered.groups())
    files = [part.record.place.file for part in gathered.parts("k")]
    assert files == ["a.jsonl", "b.jsonl", "a.jsonl"]


def test_keys_that_share_a_name_are_one_group_in_the_order_in_which_all_came(
    gathered: Gathered,
) -> None:
    gathered.link("d", ["x"])
    for number, key in enumerate(["a", "b", "c", "a", "d"]):
        gathered.add(key, record(number), {}, is_json=True)
    gathered.link("b", ["x", "y"])
    gathered.link("e", ["y", "z"])  # all of its records were copies
    gathered.link("c", ["alone"])
    groups = list(gathered.groups())
    assert [(group.key, group.size) for group in groups] == [("a", 14), ("b", 14), ("c", 7)]
    assert [part.record.place.number for part in gathered.parts("b")] == [1, 4]
    assert [place.number for place, _ in gathered.raws("b")] == [1, 4]


def test_two_sessions_that_share_many_lines_are_joined_in_linear_time(
    gathered: Gathered,
) -> None:
    names = [f"line {number}" for number in range(20_000)]
    for key in ("a", "b"):
        gathered.add(key, record(0), {}, is_json=True)
        gathered.link(key, names)
    start = time.process_time()
    assert [group.key for group in gathered.groups()] == ["a"]
    assert time.process_time() - start < 8  # a quadratic search takes half a minute
