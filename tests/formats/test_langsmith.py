"""What a reader of LangSmith runs relies on."""

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conversions import converted_bytes, is_balanced
from tests.formats.mutations import assert_only_known_errors, mutated
from trace_assets.formats import formats

FORMAT = formats()["langsmith"]
FIXTURES = Path(__file__).parent / "fixtures" / "langsmith"


def lines(name: str) -> list[Any]:
    text = (FIXTURES / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def told(trace: dict[str, Any]) -> list[str]:
    return [item.get("role") or item["type"] for item in trace["items"]]


def jsonl(records: list[Any]) -> bytes:
    return "\n".join(json.dumps(record) for record in records).encode()


def test_runs_in_any_order_are_the_same_conversation() -> None:
    records = lines("runs.jsonl")
    expected = ["system", "user", "assistant", "function_call", "function_call_output", "assistant"]
    for each in (records, records[::-1], records[3:] + records[:3]):
        (trace,) = converted_bytes(jsonl(each), file="runs.jsonl").traces
        assert told(trace) == expected
        assert trace["metadata"]["model"] == "claude-sonnet-x"


def test_a_tool_s_run_carries_out_the_call_whose_id_its_message_has() -> None:
    (trace,) = converted_bytes((FIXTURES / "runs.jsonl").read_bytes()).traces
    (call,) = [item for item in trace["items"] if item["type"] == "function_call"]
    (ran,) = [event for event in trace["events"] if event["type"] == "function_call_event"]
    assert ran["call_id"] == call["call_id"]
    assert ran["result"] == "08:15, 10:15"


def test_the_beginning_and_the_end_of_a_run_are_one_run_wherever_they_stand() -> None:
    post, patch = lines("requests.jsonl")
    both = {"post": post["post"][:1], "patch": patch["patch"]}
    for content in (jsonl([patch, post]), jsonl([both]), jsonl([[both]]), jsonl([post, patch])):
        conversion = converted_bytes(content, file="requests.jsonl")
        assert is_balanced(conversion.ledger)
        found = next(t for t in conversion.traces if told(t) == ["user", "assistant"])
        (event,) = found["events"]
        assert event["usage"] == {"num_prompt_tokens": 11, "num_completion_tokens": 5}
        assert event["total_time"] == 1.8


def test_what_the_two_entries_of_a_run_say_differently_is_kept_of_both() -> None:
    post, patch = lines("requests.jsonl")
    trace = converted_bytes(jsonl([post, patch]), file="requests.jsonl").traces[0]
    metadata = trace["events"][0]["metadata"]
    assert metadata["extra"]["metadata"]["revision"] == "2"
    assert "revision" not in metadata["earlier_extra"]["metadata"]


def test_runs_deep_inside_one_another_are_read() -> None:
    run: dict[str, Any] = {"id": "r", "run_type": "chain", "name": "n", "inputs": {}}
    for number in range(150):  # readers of JSON end at some depth
        run = {**run, "id": f"r{number}", "child_runs": [run]}
    (trace,) = converted_bytes(jsonl([run]), format="langsmith").traces
    assert len(trace["events"]) == 2 * 151


def test_a_chain_of_ten_thousand_runs_is_read() -> None:
    chain: list[Any] = [
        {
            "id": str(number),
            "parent_run_id": str(number - 1),
            "trace_id": "t",
            "run_type": "chain",
            "name": "n",
            "inputs": {},
        }
        for number in range(10_000)
    ]
    (trace,) = converted_bytes(jsonl(chain), format="langsmith").traces
    assert len(trace["events"]) == 2 * 10_000


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_mutated_run_becomes_a_trace_or_says_why_not(data: st.DataObject) -> None:
    names = ("runs.jsonl", "requests.jsonl", "bulk_export.jsonl", "odd.jsonl")
    records = [record for name in names for record in lines(name)]
    records += json.loads((FIXTURES / "nested.json").read_bytes())["runs"]
    chosen = data.draw(st.lists(st.sampled_from(records), min_size=1, max_size=2))
    assert_only_known_errors(FORMAT, [data.draw(mutated(record)) for record in chosen])


def test_the_rows_of_a_table_are_runs() -> None:
    runs = [
        {
            "id": "r1",
            "trace_id": "r1",
            "run_type": "llm",
            "name": "chat",
            "start_time": "2026-01-02T09:00:00",
            "inputs": "{'messages': [{'role': 'user', 'content': 'Which bus?'}]}",
            "outputs": json.dumps(
                {"choices": [{"message": {"role": "assistant", "content": "5"}}]}
            ),
            "prompt_tokens": "7",
            "completion_tokens": "1",
            "total_cost": "0.25",
            "tags": '["prod"]',
            "error": "",
            "dotted_order": "20260102T090000000000Zr1",
        }
    ]
    text = StringIO()
    writer = csv.DictWriter(text, runs[0])
    writer.writeheader()
    writer.writerows(runs)
    conversion = converted_bytes(text.getvalue().encode(), file="runs.csv")
    (row,) = conversion.rows
    assert conversion.ledger["files"][0]["format"] == "langsmith"
    assert (row["input_tokens"], row["output_tokens"], row["cost_usd"]) == (7, 1, 0.25)
    assert row["tags"] == ["prod"]
    said = [item["content"][0]["text"] for item in row["trace"]["items"]]
    assert said == ["Which bus?", "5"]
