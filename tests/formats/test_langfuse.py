"""Langfuse logs: what goldens cannot say."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.leaves import lost
from tests.conversions import Conversion, converted_bytes, is_balanced
from tests.formats.mutations import mutated
from trace_assets.trace import load

ROW: dict[str, Any] = {
    "id": "o-1",
    "traceId": "t-1",
    "parentObservationId": None,
    "type": "GENERATION",
    "name": "chat",
    "startTime": "2026-01-02T10:00:00Z",
    "endTime": "2026-01-02T10:00:01Z",
    "model": "m",
    "input": [{"role": "user", "content": "Hi"}],
    "output": "Hello",
    "usageDetails": {"input": 3, "output": 1},
    "metadata": {"a": {"b": [1, None, True]}},
}


def lines(*rows: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def converted(*rows: dict[str, Any]) -> Conversion:
    return converted_bytes(lines(*rows), file="log.jsonl", format="langfuse")


def row(**own: Any) -> dict[str, Any]:
    return {**ROW, **own}


def said(conversion: Conversion) -> list[list[str]]:
    return [
        [
            item["content"][0]["text"] if item["type"] == "message" else item["type"]
            for item in trace["items"]
        ]
        for trace in conversion.traces
    ]


def test_observations_of_a_trace_come_together_in_any_order_and_from_any_row() -> None:
    second = row(
        id="o-2",
        startTime="2026-01-02T10:00:05Z",
        input=[*ROW["input"], {"role": "assistant", "content": "Hello"}, *ROW["input"]],
        output="Again",
    )
    other = row(id="o-3", traceId="t-2")
    conversion = converted(second, other, ROW)
    assert said(conversion) == [["Hi", "Hello", "Hi", "Again"], ["Hi", "Hello"]]
    assert (conversion.ledger["converted"], conversion.ledger["merged"]) == (2, 1)


def test_an_observation_that_is_exported_again_counts_once_and_the_newest_says_what_it_is() -> None:
    grown = row(output="Hello!", level="DEFAULT")
    conversion = converted(ROW, ROW, grown)
    assert said(conversion) == [["Hi", "Hello!"]]
    assert (conversion.ledger["duplicate"], conversion.ledger["merged"]) == (1, 1)
    [event] = conversion.traces[0]["events"]
    assert event["metadata"]["earlier"] == [{"output": "Hello"}]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("What?", "What?"),
        ('{"prompt": "What?"}', "What?"),
        ({"messages": [{"role": "user", "content": "What?"}]}, "What?"),
        ("[{'role': 'user', 'content': 'What?'}]", "What?"),
        ([{"role": "user", "parts": [{"type": "text", "content": "What?"}]}], "What?"),
        ({"model": "gemini", "contents": "What?"}, "What?"),
        ({"args": ["What?"], "kwargs": {}}, "What?"),
        ({"topic": "x", "length": 3}, '{"topic":"x","length":3}'),
        ('["a", "b"]', '["a", "b"]'),
        ("[open('x')]", "[open('x')]"),
    ],
)
def test_what_a_model_was_given_is_found_in_whatever_way_it_was_logged(
    given: Any, text: str
) -> None:
    assert said(converted(row(input=given))) == [[text, "Hello"]]


def test_json_that_a_model_wrote_stays_what_it_wrote() -> None:
    answer = '{"answer": "2", "why": "1+1"}'
    assert said(converted(row(output=answer))) == [["Hi", answer]]


def test_tools_that_were_not_logged_as_such_are_known_by_what_they_returned() -> None:
    asked = row(
        output={
            "role": "assistant",
            "content": "",
            "additional_kwargs": {
                "tool_calls": [
                    {"id": "c-1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
                ]
            },
        }
    )
    ran = row(
        id="o-2",
        type="SPAN",
        name="f",
        model=None,
        startTime="2026-01-02T10:00:02Z",
        input="{}",
        output={"type": "tool", "content": "done", "tool_call_id": "c-1", "status": "success"},
    )
    [trace] = converted(asked, ran).traces
    call, output = trace["items"][-2:]
    assert (call["call_id"], output["output"]) == (output["call_id"], "done")


def test_an_observation_without_a_trace_is_one_by_itself() -> None:
    conversion = converted(row(traceId=None), row(traceId="", id=7))
    assert said(conversion) == [["Hi", "Hello"]] * 2
    assert len({trace["metadata"]["trace_id"] for trace in conversion.traces}) == 2


def test_a_failed_generation_and_bad_times_are_told() -> None:
    failed = row(level="ERROR", statusMessage="rate limit", output=None, endTime="soon")
    [event] = converted(failed).traces[0]["events"]
    assert event["error"] == "rate limit"
    assert event["metadata"]["endTime"] == "soon"


def test_a_document_of_observations_with_the_trace_around_them_in_any_order() -> None:
    inner = {key: value for key, value in ROW.items() if key != "traceId"}
    before = {"id": "t-9", "projectId": "p", "observations": [inner]}
    after = {"observations": [inner], "projectId": "p", "id": "t-9"}
    for document in (before, after):
        conversion = converted_bytes(json.dumps(document).encode())
        assert conversion.ledger["files"][0]["format"] == "langfuse"
        assert [trace["metadata"]["trace_id"] for trace in conversion.traces] == ["t-9"]


@settings(deadline=None)  # machines that are busy are slow
@given(st.data())
def test_whatever_is_changed_in_a_row_is_kept_or_quarantined(data: st.DataObject) -> None:
    rows = [
        data.draw(mutated(ROW)),
        data.draw(mutated({"trace": {"id": "t-2", "input": "Hi"}, "observations": [ROW]})),
    ]
    conversion = converted(*rows)
    assert is_balanced(conversion.ledger)
    for trace in conversion.traces:
        load(trace)
    kept = [
        conversion.traces,
        conversion.context,
        [json.loads(each["raw"]) for each in conversion.quarantine],
    ]
    # where one thing is told twice, an empty value says nothing
    assert not [each for each in lost(rows, kept) if not each.endswith(": ''")]


FIXTURES = Path(__file__).parent / "fixtures" / "langfuse"


def facts_of(conversion: Conversion) -> list[dict[str, Any]]:
    skipped = ("source_uri", "source_sha256", "trace")
    return [{k: v for k, v in row.items() if k not in skipped} for row in conversion.rows]


def test_observations_are_the_same_from_lines_and_from_a_table() -> None:
    text = (FIXTURES / "enriched.csv").read_text(encoding="utf-8")
    cells = [*csv.DictReader(text.splitlines())]
    numbers = [{**row, "total_cost": float(row["total_cost"] or 0) or None} for row in cells]
    opened = [{**row, "tags": json.loads(row["tags"])} for row in numbers]
    from_lines, from_table = converted(*opened), converted_bytes(text.encode(), file="a.csv")
    assert facts_of(from_lines) == facts_of(from_table)
    assert from_lines.traces[0]["items"] == from_table.traces[0]["items"]
    [row] = from_table.rows
    assert (row["input_tokens"], row["output_tokens"]) == (120, 13)
    assert row["cost_usd"] == row["total_cost"] == pytest.approx(0.0008)
    assert (row["trace_name"], row["session_id"], row["user_id"]) == (
        "garden-help",
        "visit-3",
        "u-5",
    )
    assert row["tags"] == ["web", "fr"]
    assert row["created_at"] == "2026-03-05T08:00:00.000000Z"


def test_the_table_of_traces_is_the_same_as_json_and_as_csv() -> None:
    both = [
        converted_bytes((FIXTURES / f"ui_traces.{kind}").read_bytes(), file=f"a.{kind}")
        for kind in ("json", "csv")
    ]
    assert facts_of(both[0]) == facts_of(both[1])
    assert said(both[0]) == said(both[1])
    assert [row["trace_id"] for row in both[0].rows] == ["tr-1", "tr-2"]
    assert [row["input_tokens"] for row in both[0].rows] == [120, 30]
    assert [row["cost_usd"] for row in both[0].rows] == [0.0006, 0.0001]
