"""Rows and traces of our own: what their fixtures cannot say."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conversions import converted, converted_bytes, is_balanced
from tests.trace.strategies import traces
from trace_assets.trace import load

FIXTURES = Path(__file__).parent / "fixtures"


def lines(*records: Any) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def test_a_dataset_of_ours_converts_to_the_same_conversations(tmp_path: Path) -> None:
    first = converted([FIXTURES / "openai_messages" / "fine_tuning.jsonl"])
    again = tmp_path / "dataset.jsonl"
    again.write_bytes(lines(*first.rows))
    second = converted([again])
    assert [file["format"] for file in second.ledger["files"]] == ["trace"]
    assert [row["trace_id"] for row in second.rows] == [row["trace_id"] for row in first.rows]
    for one, other in zip(first.traces, second.traces, strict=True):
        assert one["items"] == other["items"]
        extra = other["metadata"]["extra"]
        assert extra["original_source_type"] == "openai_messages"
        assert extra["row"]["format"] == "openai_messages"


@settings(max_examples=50, deadline=None)
@given(traces)
def test_a_valid_trace_keeps_its_items_and_events(trace: dict[str, Any]) -> None:
    value = json.loads(load(trace).model_dump_json())
    conversion = converted_bytes(lines({"trace": value, "note": 1}), format="trace")
    if conversion.rows:
        [made] = conversion.traces
        assert made["items"] == value["items"]
        assert made.get("events") == value.get("events")
        assert made["metadata"]["extra"]["row"] == {"note": 1}
    else:
        assert conversion.ledger["quarantined"] == 1


def test_a_row_without_types_and_roles_loads_as_the_conversation_it_was() -> None:
    said = {"id": "1", "status": "completed", "content": [{"text": "hi"}]}
    told = {"id": "2", "status": "completed", "content": [{"text": "ho", "annotations": []}]}
    [trace] = converted_bytes(lines({"trace": {"items": [said, told]}})).traces
    assert [item["role"] for item in trace["items"]] == ["user", "assistant"]
    assert len(load(trace).turns) == 1


def test_a_trace_that_only_its_events_date_began_with_the_first_of_them() -> None:
    error = {"type": "error", "id": "e", "message": "boom", "timestamp": "2026-01-02T10:00:00Z"}
    [row] = converted_bytes(lines({"FORMAT": "latticeflow", "items": [], "events": [error]})).rows
    assert row["created_at"] == row["trace"]["metadata"]["created_at"] == error["timestamp"]


@pytest.mark.parametrize(
    "trace",
    [
        {"items": [{"id": "1", "status": "completed", "content": []}]},
        {"items": [{"content": "anything"}]},
        {"items": [5]},
        {"items": [], "metadata": 5},
        {"items": [], "metadata": {"extra": []}},
        {"items": [], "events": 5},
        {"items": [{"type": "message", "id": "1", "role": "tool", "status": "x", "content": []}]},
        5,
        None,
    ],
)
def test_what_is_no_trace_goes_to_quarantine_whole(trace: Any) -> None:
    row = {"trace": trace, "note": "n"}
    conversion = converted_bytes(lines(row), format="trace")
    assert is_balanced(conversion.ledger)
    assert [json.loads(each["raw"]) for each in conversion.quarantine] == [row]


JUNK = st.sampled_from(["null", "0", "true", '""', "[]", "{}", "[null]", '[{"id": []}]'])


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    name = draw(st.sampled_from(["rows.jsonl", "tutorial.jsonl"]))
    text = (FIXTURES / "trace" / name).read_text(encoding="utf-8").splitlines()
    record = json.loads(draw(st.sampled_from(text)))
    part = record
    while isinstance(part, dict | list) and part:
        keys = list(part) if isinstance(part, dict) else list(range(len(part)))
        key = draw(st.sampled_from(keys))
        if isinstance(part[key], dict | list) and part[key] and draw(st.booleans()):
            part = part[key]
            continue
        if draw(st.booleans()):
            del part[key]
        else:
            part[key] = json.loads(draw(JUNK))
        break
    return record


@settings(max_examples=200, deadline=None)
@given(mutated())
def test_a_broken_row_is_converted_or_quarantined_and_never_an_error(record: Any) -> None:
    conversion = converted_bytes(lines(record), format="trace")
    assert is_balanced(conversion.ledger)
    for trace in conversion.traces:
        load(trace)
