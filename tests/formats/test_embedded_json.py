"""Values that a decoder of JSON in a string would lose are found again in the outputs."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.conversions import converted_bytes
from tests.formats.test_goldens import FIXTURES
from tests.planted import planted_logs

LOGS = [
    path
    for path in sorted(FIXTURES.glob("*/*"))
    if path.suffix in {".json", ".jsonl"} and not path.name.endswith(".golden.json")
]
REPEATED = {
    "langsmith/runs.jsonl": ("4/inputs/messages/0/2/kwargs",),
    "openai_messages/streamed_response.jsonl": ("3/item/content/0",),
    "otlp/bedrock_result_twice.json": ("0/resourceLogs/0/scopeLogs/0/logRecords/3/body",),
}
"""Places in a message that the log repeats: the copy is dropped on purpose."""


@pytest.mark.parametrize("log", LOGS, ids=lambda log: f"{log.parent.name}/{log.name}")
def test_a_value_planted_in_json_inside_a_string_is_kept(log: Path) -> None:
    name = f"{log.parent.name}/{log.name}"
    lost: list[str] = []
    for pointer, content, value in planted_logs(log):
        outputs = converted_bytes(content, file=log.name, format=log.parent.name).files
        if value not in b"".join(outputs.values()):
            lost.append(pointer)
    assert [each for each in lost if not each.startswith(REPEATED.get(name, "none"))] == []


@pytest.mark.parametrize(
    ("text", "planted"),
    [
        ('{"city": "Bern", "city": "Basel"}', "Bern"),
        ('{"n": 1e400}', "1e400"),
        ('{"n": 0.12345678901234567890}', "0.12345678901234567890"),
        ("{'n': 1e400, 'it': 'is'}", "1e400"),
        ("{'n': 'first', 'n': 'second'}", "first"),
    ],
)
def test_a_cell_of_a_table_keeps_what_its_value_would_lose(text: str, planted: str) -> None:
    call = f'[{{"id": "c1", "name": "look", "arguments": {text}}}]'
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["conversation_id", "role", "content", "tool_calls", "metadata"])
    writer.writerow(["1", "user", "hello", "", ""])
    writer.writerow(["1", "assistant", "I look.", call, text])
    found = converted_bytes(table.getvalue().encode(), file="log.csv")
    assert found.ledger["converted"] + found.ledger["merged"] == 2
    assert json.dumps(found.rows).count(planted) >= 2


def test_arguments_with_a_repeated_key_stay_the_text_that_the_model_wrote() -> None:
    arguments = '{"path": "/a", "path": "/b"}'
    call = {"id": "c1", "type": "function", "function": {"name": "rm", "arguments": arguments}}
    messages = [
        {"role": "user", "content": "Remove it."},
        {"role": "assistant", "content": None, "tool_calls": [call]},
    ]
    (trace,) = converted_bytes(json.dumps({"messages": messages}).encode()).traces
    assert [item["arguments"] for item in trace["items"] if "arguments" in item] == [arguments]
