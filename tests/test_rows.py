"""The lines at rest: ASCII, one per row, the same from values and from bytes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.making import call, output, row_of, said, trace_of
from trace_assets.convert import Quarantined, Source
from trace_assets.enrich import Defaults
from trace_assets.judge import judge_again, judge_value
from trace_assets.reading import Context, Place
from trace_assets.rows import (
    columns_for,
    context_line,
    converted_line,
    dataset_line,
    enriched_line,
    places_of,
    quarantine_line,
    row_id,
    to_ascii,
    with_columns,
)

NAMES = columns_for(["tau2bench"])
DEFAULTS = Defaults("clerk", None, ("from the source",))
TRACES = {
    "plain": trace_of(said("user", "Hi"), said("assistant", "Hello")),
    "unicode": trace_of(said("user", "é \u2028 \u0085 😀 日本"), ключ="é"),
    "warned": trace_of(said("user", "Hi"), call("c", cost=0.1), call("d", cost=0.2), output("c")),
    "numbers": trace_of(said("user", "Hi", big=10**30, small=1e-320, exact=0.1 + 0.2)),
    "events": trace_of(
        said("user", "Hi"),
        events=[{"type": "error", "id": "e", "message": "brøken", "traceback": None}],
    ),
    "known": trace_of(
        said("user", "Hi", timestamp="2026-01-02T00:00:00Z"),
        agent="a",
        model="m",
        created_at="2026-01-01",
        total_time=3,
        tags=["own"],
        extra={"a": [None, {}]},
    ),
}
TRACES["unicode"]["metadata"]["extra"] = {"ключ": TRACES["unicode"]["metadata"].pop("ключ")}


@pytest.mark.parametrize("name", TRACES)
def test_one_pass_and_the_stages_write_the_same_bytes(name: str) -> None:
    row = row_of(TRACES[name])
    verdict = judge_again(converted_line(row))
    by_stages = enriched_line(verdict, source=None, date=None, defaults=DEFAULTS, names=NAMES).line
    judgement = judge_value(row.trace)
    assert dataset_line(row, judgement, defaults=DEFAULTS, names=NAMES) == by_stages


@pytest.mark.parametrize("name", TRACES)
def test_a_dataset_row_has_the_trace_first_and_then_the_named_columns(name: str) -> None:
    row = row_of(TRACES[name])
    line = dataset_line(row, judge_value(row.trace), defaults=DEFAULTS, names=NAMES)
    value = json.loads(line)
    assert list(value) == ["trace", *NAMES]
    assert value["trace"]["items"] == row.trace["items"]
    assert line.isascii()
    assert line.endswith(b"}\n")
    assert len(line.decode().splitlines()) == 1


def test_columns_are_those_of_the_formats_between_the_base_and_the_facts() -> None:
    assert NAMES.index("source_sha256") < NAMES.index("task_id") < NAMES.index("turns")
    assert len(set(NAMES)) == len(NAMES)
    assert columns_for([]) == [name for name in NAMES if name in columns_for([])]


def test_a_converted_line_remembers_the_places_of_its_record() -> None:
    row = row_of(TRACES["plain"])
    place = Place("a#b/log.json", 3, 120, 40, "simulations/3")
    row.trace["metadata"]["source_uri"] = place.uri
    assert places_of(converted_line(row._replace(place=place))) == [place]
    other = Place("b.json", 7, 9, 2, "7")
    merged = row._replace(place=place, merged=(Source(other, b"{}"),))
    assert places_of(converted_line(merged)) == [place, other]


def test_a_quarantine_row_keeps_bytes_that_are_no_text() -> None:
    place = Place("log.json", 0, 0, 3, "0")
    row = json.loads(quarantine_line(Quarantined("not_utf8", "why", place, "", b"\xff\x00\n")))
    assert (row["raw_base64"], "raw" in row) == ("/wAK", False)
    row = json.loads(quarantine_line(Quarantined("not_json", "why", place, "", "é\u2028".encode())))
    assert row["raw"] == "é\u2028"


def test_a_context_line_names_file_and_pointer() -> None:
    value = json.loads(context_line(Context("log.json", "/info", b"", {"é": 1})))
    assert value == {"file": "log.json", "pointer": "/info", "value": {"é": 1}}


def test_other_columns_are_put_in_without_touching_the_trace() -> None:
    row = row_of(TRACES["numbers"])
    line = dataset_line(row, judge_value(row.trace), defaults=DEFAULTS, names=NAMES)
    wider = with_columns(line, [*NAMES, "new"])
    assert wider == line[:-2] + b',"new":null}\n'
    assert row_id(wider) == "t"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(value=json_values)
def test_escaping_changes_no_value(value: Any) -> None:
    data = json.dumps(value, ensure_ascii=False).encode()
    escaped = to_ascii(data)
    assert escaped.isascii()
    assert json.loads(escaped) == value
    assert to_ascii(escaped) == escaped
