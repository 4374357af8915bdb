"""What a reader of MLflow traces relies on."""

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conversions import converted, converted_bytes
from tests.formats.mutations import assert_only_known_errors, mutated
from trace_assets.formats import formats

FORMAT = formats()["mlflow"]
FIXTURES = Path(__file__).parent / "fixtures" / "mlflow"


def records() -> list[Any]:
    text = (FIXTURES / "traces.jsonl").read_text(encoding="utf-8")
    found = [json.loads(line) for line in text.splitlines()]
    found += json.loads((FIXTURES / "schema_2.json").read_bytes())
    found += json.loads((FIXTURES / "search_rows.json").read_bytes())
    found += json.loads((FIXTURES / "rest.json").read_bytes())["traces"]
    return [*found, json.loads((FIXTURES / "artifact.json").read_bytes())]


def test_a_trace_is_the_same_from_a_line_and_from_a_row_of_a_search() -> None:
    line = converted([FIXTURES / "traces.jsonl"]).traces[0]
    row = converted([FIXTURES / "search_rows.json"]).traces[0]
    assert row["items"] == line["items"]
    assert row["events"] == line["events"]


def test_a_tool_that_raised_is_an_error_with_its_traceback() -> None:
    trace = converted([FIXTURES / "traces.jsonl"]).traces[0]
    (call,) = [event for event in trace["events"] if event["type"] == "function_call_event"]
    (error,) = [event for event in trace["events"] if event["type"] == "error"]
    assert (call["error"], call["status"]) == ("no room for 12", "incomplete")
    assert error["traceback"].startswith("Traceback")


def test_tools_that_stand_in_four_places_are_told_once() -> None:
    trace = converted([FIXTURES / "traces.jsonl"]).traces[0]
    assert json.dumps(trace).count("Find a room") == 1


def test_attributes_that_are_numbers_as_text_stay_as_they_are_written() -> None:
    span = {
        "name": "f",
        "context": {"span_id": "0x1", "trace_id": "0x2"},
        "start_time": 1767344400000000000,
        "attributes": {"mlflow.spanType": '"CHAIN"', "version": "1.10", "mlflow.spanInputs": "[7]"},
    }
    (trace,) = converted_bytes(json.dumps({"spans": [span]}).encode()).traces
    assert trace["events"][0]["metadata"]["version"] == "1.10"


def test_tokens_and_cost_that_only_the_metadata_of_a_trace_reports_reach_the_row() -> None:
    span = {
        "name": "Workflow",
        "span_id": "1",
        "start_time_unix_nano": 1767344400000000000,
        "attributes": {"mlflow.spanType": '"AGENT"', "mlflow.spanInputs": '"Ping?"'},
    }
    call = {
        "name": "Generation",
        "span_id": "2",
        "parent_span_id": "1",
        "start_time_unix_nano": 1767344400000000001,
        "attributes": {
            "mlflow.spanType": '"CHAT_MODEL"',
            "mlflow.spanInputs": '[{"role": "user", "content": "Ping?"}]',
            "mlflow.spanOutputs": '[{"role": "assistant", "content": "Pong."}]',
            "model": '"small"',
        },
    }
    metadata = {
        "mlflow.trace.tokenUsage": '{"input_tokens": 33, "output_tokens": 4}',
        "mlflow.trace.cost": '{"input_cost": 0.25, "output_cost": 0.5, "total_cost": 0.75}',
    }
    tags = {"mlflow.traceName": "Workflow", "team": "rooms"}
    info = {"trace_id": "t", "trace_location": {}, "trace_metadata": metadata, "tags": tags}
    log = {"info": info, "data": {"spans": [span, call]}}
    (row,) = converted_bytes(json.dumps(log).encode()).rows
    assert row["model"] == "small"
    assert (row["input_tokens"], row["output_tokens"], row["cost_usd"]) == (33, 4, 0.75)
    assert row["tags"] == ["team:rooms"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_mutated_trace_becomes_one_or_says_why_not(data: st.DataObject) -> None:
    record = data.draw(st.sampled_from(records()))
    assert_only_known_errors(FORMAT, [data.draw(mutated(record))])


def test_a_table_of_a_search_is_read_as_its_rows_are() -> None:
    (row,) = json.loads((FIXTURES / "search_rows.json").read_bytes())
    table = StringIO()
    cells = {key: value if isinstance(value, str) else str(value) for key, value in row.items()}
    writer = csv.DictWriter(table, list(cells))
    writer.writeheader()
    writer.writerow(cells)
    (trace,) = converted_bytes(table.getvalue().encode(), file="t.csv", format="mlflow").traces
    assert trace["items"] == converted([FIXTURES / "search_rows.json"]).traces[0]["items"]


def test_a_call_in_a_shape_of_its_own_is_read_by_the_messages_mlflow_made_of_it() -> None:
    said = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "Hello."}]
    attributes = {
        "mlflow.spanType": "CHAT_MODEL",
        "mlflow.spanInputs": {"own": {"shape": 1}},
        "mlflow.spanOutputs": {"also": 2},
        "mlflow.chat.messages": said,
    }
    span = {
        "name": "call",
        "context": {"span_id": "0x1"},
        "attributes": {key: json.dumps(value) for key, value in attributes.items()},
    }
    (trace,) = converted_bytes(json.dumps({"spans": [span]}).encode()).traces
    assert [item["role"] for item in trace["items"]] == ["user", "assistant"]
    rest = trace["events"][0]["metadata"]
    assert rest["request"] == {"inputs": {"own": {"shape": 1}}}
    assert rest["response"] == {"outputs": {"also": 2}}
