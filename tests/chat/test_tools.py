"""Definitions of tools, in the forms of all APIs."""

import json
from typing import Any

import pytest

from tests.conversions import converted_bytes
from trace_assets.chat.tools import functions_of, names_of
from trace_assets.training.conversation import Conversation, conversation_of

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
ABOUT = {"name": "forecast", "description": "The weather."}
FUNCTION = {"type": "function", "function": {**ABOUT, "parameters": SCHEMA}}
FORMS: dict[str, Any] = {
    "chat completions": [FUNCTION],
    "responses": [{"type": "function", **ABOUT, "parameters": SCHEMA}],
    "legacy functions": [{**ABOUT, "parameters": SCHEMA}],
    "anthropic": [{**ABOUT, "input_schema": SCHEMA, "cache_control": {"type": "ephemeral"}}],
    "anthropic custom": [{"type": "custom", **ABOUT, "input_schema": SCHEMA}],
    "gemini": [{"functionDeclarations": [{**ABOUT, "parameters": SCHEMA}]}],
    "bedrock": {"tools": [{"toolSpec": {**ABOUT, "inputSchema": {"json": SCHEMA}}}]},
    "mcp": [{**ABOUT, "inputSchema": SCHEMA}],
    "ai sdk": {"forecast": {"description": "The weather.", "inputSchema": {"jsonSchema": SCHEMA}}},
    "text of a list": json.dumps([FUNCTION]),
    "texts": [json.dumps(FUNCTION)],
}


@pytest.mark.parametrize("form", FORMS)
def test_definitions_in_the_form_of_an_api_are_functions(form: str) -> None:
    assert functions_of(FORMS[form]) == [FUNCTION]


@pytest.mark.parametrize(
    "value", [None, "forecast", ["forecast"], [{"type": "web_search"}], [{"name": "x"}], {}, "{"]
)
def test_what_defines_no_function_gives_none(value: Any) -> None:
    assert functions_of(value) == []


def test_a_function_that_is_defined_twice_is_there_once() -> None:
    assert names_of(functions_of([FUNCTION, FUNCTION], FORMS["anthropic"])) == ["forecast"]
    assert len(functions_of([FUNCTION, FUNCTION], FORMS["anthropic"])) == 1


MESSAGES = [{"role": "user", "content": "Rain?"}]
ANSWER = {"choices": [{"message": {"role": "assistant", "content": "No."}}]}
RECORDS: dict[str, Any] = {
    "beside the messages": {
        "messages": [*MESSAGES, {"role": "assistant", "content": "No."}],
        "tools": FORMS["anthropic"],
    },
    "functions": {"messages": MESSAGES, "functions": FORMS["legacy functions"], "response": ANSWER},
    "in the request": {
        "request": {"messages": MESSAGES, "tools": FORMS["responses"]},
        "response": ANSWER,
    },
    "in the request, as a text": {
        "request": {"messages": MESSAGES, "tools": FORMS["text of a list"]},
        "response": ANSWER,
    },
    "in a request under an unknown key": {
        "sent": {"messages": MESSAGES, "tools": FORMS["chat completions"]},
        "response": ANSWER,
    },
    "in the parameters of the model": {
        "messages": MESSAGES,
        "model_parameters": {"tools": FORMS["chat completions"]},
        "response": ANSWER,
    },
    "in the response": {"prompt": "Rain?", "response": {**ANSWER, "tools": FORMS["responses"]}},
    "trajectory": {
        "schema_version": "ATIF-v1.6",
        "agent": {"name": "a", "tool_definitions": FORMS["chat completions"]},
        "steps": [
            {"step_id": 1, "source": "user", "message": "Rain?"},
            {"step_id": 2, "source": "agent", "message": "No."},
        ],
    },
}


@pytest.mark.parametrize("place", RECORDS)
def test_the_tools_of_a_log_are_in_the_trace_where_training_reads_them(place: str) -> None:
    [row] = converted_bytes(json.dumps(RECORDS[place]).encode()).rows
    assert row["trace"]["metadata"]["extra"]["tools"] == [FUNCTION]
    made = conversation_of(row["trace"], trace_id="t", source_uri="u")
    assert isinstance(made, Conversation)
    assert made.tools == [FUNCTION]


def test_definitions_in_another_form_are_kept_as_they_are_too() -> None:
    [row] = converted_bytes(json.dumps(RECORDS["beside the messages"]).encode()).rows
    assert row["trace"]["metadata"]["extra"]["original_tools"] == FORMS["anthropic"]


def test_training_reads_the_tools_of_model_calls_where_the_trace_has_none() -> None:
    message = {"type": "message", "id": "1", "status": "completed"}
    said = {"role": "user", "content": [{"type": "input_text", "text": "Rain?"}]}
    answer = {"role": "assistant", "content": [{"type": "output_text", "text": "No."}]}
    trace: dict[str, Any] = {
        "items": [{**message, **said}, {**message, **answer}],
        "events": [{"type": "model_call_event", "metadata": {"tools": FORMS["anthropic"]}}],
    }
    made = conversation_of(trace, trace_id="t", source_uri="u")
    assert isinstance(made, Conversation)
    assert made.tools == [FUNCTION]
