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


def with_its_first_id(item: dict[str, Any]) -> dict[str, Any]:
    """The item as it was before its empty or repeated id was replaced."""
    own = item.get("original_id", item.get("id"))
    kept = {key: value for key, value in item.items() if key != "original_id"}
    return {**kept, "id": own} if "id" in item else kept


@settings(max_examples=50, deadline=None)
@given(traces)
def test_a_valid_trace_keeps_its_items_and_events(trace: dict[str, Any]) -> None:
    value = json.loads(load(trace).model_dump_json())
    conversion = converted_bytes(lines({"trace": value, "note": 1}), format="trace")
    if conversion.rows:
        [made] = conversion.traces
        assert [*map(with_its_first_id, made["items"])] == value["items"]
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


def test_items_that_share_an_id_get_others_and_the_row_says_so() -> None:
    question = {"id": "", "status": "completed", "content": [{"text": "Is it open?"}]}
    call = {"id": "7f", "call_id": "7f", "name": "door", "arguments": "{}", "status": "completed"}
    output = {"id": "7f", "call_id": "7f", "output": "open", "status": "completed"}
    answer = {"id": "m", "status": "completed", "content": [{"text": "Yes.", "annotations": []}]}
    row = {"trace": {"items": [question, call, output, answer]}, "trace_id": "t"}
    [made] = converted_bytes(lines(row)).rows
    items = made["trace"]["items"]
    assert [item["id"] for item in items] == ["t:0", "t:1", "t:2", "m"]
    assert [item.get("original_id") for item in items] == ["", "7f", "7f", None]
    assert [item.get("call_id") for item in items] == [None, "7f", "7f", None]
    assert made["tags"] == ["replaced_item_id"]


def test_bare_text_beside_an_answer_is_not_taken_for_the_answer() -> None:
    parts = [{"text": "They ask for the hours."}, {"text": "At nine.", "annotations": []}]
    question = {"id": "1", "status": "completed", "content": [{"text": "When?"}]}
    answer = {"id": "2", "status": "completed", "content": parts}
    conversion = converted_bytes(lines({"trace": {"items": [question, answer]}}))
    [refused] = conversion.quarantine
    assert (refused["reason"], refused["pointer"]) == ("unsaid", "/trace/items/1/content/0")


def test_counts_that_the_usage_of_a_model_call_adds_are_kept() -> None:
    usage = {"num_prompt_tokens": 4, "num_completion_tokens": 3, "cached_tokens": 2}
    call = {"type": "model_call_event", "id": "c", "model": "m", "usage": usage}
    event = {**call, "input_context": [], "output_items": []}
    [row] = converted_bytes(lines({"FORMAT": "latticeflow", "items": [], "events": [event]})).rows
    assert row["trace"]["events"][0]["usage"] == usage
    assert (row["input_tokens"], row["output_tokens"]) == (4, 3)


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


@pytest.mark.parametrize("kind", [{}, {"type": "output_text"}])
def test_bare_text_beside_any_annotated_answer_is_ambiguous(kind: dict[str, str]) -> None:
    parts = [{"text": "They ask for the hours."}, {**kind, "text": "At nine.", "annotations": []}]
    question = {"id": "1", "status": "completed", "content": [{"text": "When?"}]}
    answer = {"id": "2", "status": "completed", "content": parts}
    conversion = converted_bytes(lines({"trace": {"items": [question, answer]}}))
    assert conversion.reasons == ["unsaid"]


def test_the_tags_of_a_row_beside_its_trace_are_kept() -> None:
    item = {"type": "message", "id": "1", "status": "completed", "role": "user"}
    trace = {"items": [{**item, "content": [{"type": "input_text", "text": "Open?"}]}]}
    [row] = converted_bytes(lines({"trace": trace, "tags": ["vip"]})).rows
    assert row["tags"] == ["vip"]
