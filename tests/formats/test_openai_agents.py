"""What a reader of OpenAI Agents SDK traces relies on."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conversions import Conversion, convert_inputs, converted_bytes, is_balanced
from tests.formats.mutations import assert_only_known_errors, mutated
from trace_assets.formats import formats
from trace_assets.formats.openai_agents.printed import printed
from trace_assets.onepass import Input

FORMAT = formats()["openai_agents"]
FIXTURES = Path(__file__).parent / "fixtures" / "openai_agents"


def lines(name: str) -> list[dict[str, Any]]:
    text = (FIXTURES / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def told(trace: dict[str, Any]) -> list[str]:
    return [item.get("role") or item["type"] for item in trace["items"]]


def in_files(folder: Path, *contents: list[dict[str, Any]]) -> Conversion:
    inputs: list[Input] = []
    for number, records in enumerate(contents):
        path = folder / f"{number}.jsonl"
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        inputs.append(Input(path, path.name))
    return convert_inputs(inputs)


def test_the_order_of_records_and_their_files_does_not_change_a_conversation(
    tmp_path: Path,
) -> None:
    records = lines("handoff.jsonl")
    expected = {
        trace["metadata"]["trace_id"]: told(trace) for trace in in_files(tmp_path, records).traces
    }
    backwards = records[::-1]
    for parts in ([backwards], [records[::2], records[1::2]], [backwards[:5], backwards[5:]]):
        found = in_files(tmp_path, *parts)
        assert {trace["metadata"]["trace_id"]: told(trace) for trace in found.traces} == expected
        assert is_balanced(found.ledger)


def test_a_handoff_names_the_agent_it_hands_over_to() -> None:
    trace = converted_bytes((FIXTURES / "handoff.jsonl").read_bytes()).traces[0]
    (handoff,) = [event for event in trace["events"] if event.get("agent")]
    assert handoff["function"] == "transfer_to_returns_agent_eu"
    assert handoff["agent_span_id"] == "span_ag2"


def test_a_function_span_without_an_id_carries_out_the_call_with_its_arguments() -> None:
    trace = converted_bytes((FIXTURES / "handoff.jsonl").read_bytes()).traces[0]
    asked = {item["name"]: item["call_id"] for item in trace["items"] if "arguments" in item}
    ran = {
        event["function"]: event["call_id"]
        for event in trace["events"]
        if event["type"] == "function_call_event"
    }
    assert ran == asked


def test_a_span_that_was_exported_again_when_it_had_grown_is_not_lost() -> None:
    first, *rest = lines("handoff.jsonl")
    early = {**first, "ended_at": None}
    content = "\n".join(json.dumps(record) for record in (early, first, first, *rest)).encode()
    conversion = converted_bytes(content, file="log.jsonl")
    assert conversion.ledger["duplicate"] == 1
    defects = conversion.traces[0]["metadata"]["extra"]["span_defects"]
    assert [each["defect"] for each in defects] == ["duplicate_id", "unclosed"]


def test_a_snapshot_of_a_run_s_state_is_no_trace() -> None:
    snapshot = {"$schemaVersion": "1.10", "context": {"usage": {}}, "trace": None, "items": []}
    assert FORMAT.detect([snapshot]) is None


def test_a_tool_that_failed_says_why() -> None:
    trace = converted_bytes((FIXTURES / "side_by_side.jsonl").read_bytes()).traces[0]
    output = next(item for item in trace["items"] if item["type"] == "function_call_output")
    assert output["status"] == "incomplete"
    assert output["output"] == "Error running tool: ledger is closed"
    assert trace["metadata"]["error"] == "Error in agent run: ledger is closed"


@pytest.mark.parametrize(
    "text",
    [
        "Response(",
        "Response(id=" + "[" * 5000 + "]" * 5000 + ")",
        "Response(id=open('x').read())",
        "__import__('os')",
        "Response(**{'a': 1})",
        "Response('a')",
        "Response(id=\x00)",
        "[1](2)",
    ],
)
def test_what_python_did_not_print_as_an_object_stays_text(text: str) -> None:
    assert printed(text) is None


def test_a_printed_object_is_read_with_all_its_values() -> None:
    text = "R(a=[P(b='x', c=-1.5), {'d': None}], e=True, f=(1, 2), g=())"
    assert printed(text) == {
        "a": [{"b": "x", "c": -1.5}, {"d": None}],
        "e": True,
        "f": [1, 2],
        "g": [],
    }


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_mutated_record_becomes_a_trace_or_says_why_not(data: st.DataObject) -> None:
    records = [*lines("handoff.jsonl"), *lines("odd.jsonl")]
    chosen = data.draw(st.lists(st.sampled_from(records), min_size=1, max_size=2))
    assert_only_known_errors(FORMAT, [data.draw(mutated(record)) for record in chosen])
