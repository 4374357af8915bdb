"""Logs of tools that no format reads: they are quarantined under the tool's name, never misread."""

import json
from typing import Any

import pytest

from tests.conversions import converted_bytes, is_balanced
from trace_assets.convert import claims, likely_tool

ASKED = {"role": "user", "content": "Any seats left?"}
ANSWERED = {"role": "assistant", "content": "Two."}
CHOICES = {"choices": [{"index": 0, "message": ANSWERED}]}

LOGS: list[tuple[str, Any]] = [
    (
        "W&B Weave",
        {
            "id": "1",
            "trace_id": "t",
            "parent_id": None,
            "op_name": "weave:///a/b/op/chat:x",
            "started_at": "2026-01-02T03:04:05Z",
            "inputs": {"model": "m", "messages": [ASKED]},
            "output": CHOICES,
        },
    ),
    (
        "Braintrust",
        {
            "id": "1",
            "_xact_id": "9",
            "span_id": "s",
            "root_span_id": "r",
            "span_attributes": {"type": "llm"},
            "input": [ASKED],
            "output": CHOICES["choices"],
        },
    ),
    (
        "Mastra",
        {
            "id": "1",
            "traceId": "t",
            "type": "model_generation",
            "isRootSpan": False,
            "startTime": "2026-01-02T03:04:05Z",
            "input": {"messages": [ASKED]},
            "output": {"text": "Two."},
        },
    ),
    (
        "Datadog LLM Observability",
        {
            "id": "1",
            "attributes": {
                "span_id": "1",
                "trace_id": "t",
                "ml_app": "seats",
                "input": {"messages": [ASKED]},
            },
        },
    ),
    ("PostHog", {"event": "$ai_generation", "properties": {"$ai_input": [ASKED]}}),
    (
        "Opik",
        {
            "id": "1",
            "project_id": "p",
            "trace_id": "t",
            "parent_span_id": None,
            "type": "llm",
            "start_time": "2026-01-02T03:04:05Z",
            "last_updated_at": "2026-01-02T03:04:05Z",
            "input": {"messages": [ASKED]},
            "output": CHOICES,
        },
    ),
    (
        "Goose",
        {"id": "1", "working_dir": "/w", "extension_data": {}, "conversation": [ASKED, ANSWERED]},
    ),
    ("ChatGPT (export)", {"title": "Seats", "mapping": {}, "current_node": "n"}),
    ("Claude.ai (export)", {"uuid": "1", "chat_messages": [{"sender": "human", "text": "Hi"}]}),
    (
        "LibreChat (export)",
        {"conversationId": "c", "messages": [{"messageId": "1", "isCreatedByUser": True}]},
    ),
    ("Cursor", {"role": "user", "message": {"content": [{"type": "text", "text": "Hi"}]}}),
    (
        "Qwen Code",
        {"uuid": "1", "parentUuid": None, "message": {"role": "user", "parts": [{"text": "Hi"}]}},
    ),
    ("Bedrock (model invocation log)", {"schemaType": "ModelInvocationLog", "modelId": "m"}),
    ("LangGraph (state of a thread)", {"values": {"messages": []}, "checkpoint": {}, "next": []}),
    (
        "Anthropic (results of a batch)",
        {"custom_id": "1", "result": {"type": "succeeded", "message": {}}},
    ),
]


LINES_ONLY = ("Cursor", "Qwen Code", "Anthropic (results of a batch)")


@pytest.mark.parametrize(
    ("tool", "record", "container"),
    [
        (tool, record, container)
        for tool, record in LOGS
        for container in ("lines", "list", "page")
        if container == "lines" or tool not in LINES_ONLY
    ],
)
def test_a_log_of_a_known_tool_is_quarantined_under_its_name(
    tool: str, record: Any, container: str
) -> None:
    contents = {"lines": f"{json.dumps(record)}\n" * 2, "list": json.dumps([record, record])}
    contents["page"] = json.dumps({"data": [record, record], "next": None})
    conversion = converted_bytes(contents[container].encode())
    assert not conversion.rows
    assert set(conversion.reasons) == {"unknown_format"}
    assert all(f"looks like a log of {tool}," in row["message"] for row in conversion.quarantine)
    assert is_balanced(conversion.ledger)


SPAN = {
    "trace_id": "t",
    "span_id": "1",
    "start_time": "2026-01-02T03:04:05Z",
    "input": [ASKED],
    "output": [ANSWERED],
}


def test_spans_of_an_unknown_tracer_are_no_chats() -> None:
    lines = f"{json.dumps(SPAN)}\n".encode()
    names = {format.name for format, _ in claims(lines)}
    assert names.isdisjoint(("csv", "openai_messages", "chat_messages"))
    assert likely_tool(lines) == "spans of a tracer"


def test_a_table_of_spans_is_no_chat() -> None:
    table = b"trace_id,span_id,start_time,input,output\nt,1,2026-01-02,Seats?,Two.\n"
    conversion = converted_bytes(table, file="spans.csv")
    assert not conversion.rows
    assert conversion.reasons == ["unknown_shape"]
    assert "span" in conversion.quarantine[0]["message"]


@pytest.mark.parametrize(
    ("head", "name"),
    [(b"PAR1\x15\x04", "a Parquet file"), (b"SQLite format 3\x00\x10", "a SQLite database")],
)
def test_a_binary_file_is_known_by_its_first_bytes(head: bytes, name: str) -> None:
    assert likely_tool(head) == name
