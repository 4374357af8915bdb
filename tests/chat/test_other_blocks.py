"""Blocks of types that no API has: what they hold is read, and a message is never empty."""

import json
from typing import Any

import pytest

from tests.chat.making import items, told
from tests.conversions import converted_bytes


@pytest.mark.parametrize(
    ("call", "result"),
    [
        (
            {"type": "tool_call", "id": "1", "name": "sum", "args": {"a": 1}},
            {"type": "tool_response", "id": "1", "output": "3"},
        ),
        (
            {
                "type": "toolRequest",
                "id": "1",
                "toolCall": {"value": {"name": "sum", "arguments": {"a": 1}}},
            },
            {"type": "toolResponse", "id": "1", "toolResult": {"status": "success", "value": "3"}},
        ),
        (
            {"type": "function-call", "call_id": "1", "tool_name": "sum", "params": {"a": 1}},
            {"type": "function-result", "call_id": "1", "result": "3"},
        ),
    ],
)
def test_calls_and_results_of_other_types_are_read(call: Any, result: Any) -> None:
    log = [
        {"role": "user", "content": "Add."},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
        {"role": "assistant", "content": "It is 3."},
    ]
    assert told(*log) == ["user: Add.", 'call sum {"a":1}', "output 3", "assistant: It is 3."]
    called, returned = items(*log)[1:3]
    assert called["call_id"] == returned["call_id"]


def test_a_result_of_another_type_can_say_that_it_failed() -> None:
    result = {"type": "toolResponse", "id": "1", "toolResult": {"status": "error", "error": "no"}}
    assert told({"role": "user", "content": [result]}) == ["failed no"]


def test_a_call_can_hold_its_own_result() -> None:
    call = {"id": "1", "name": "sum", "args": "{}", "output": "3"}
    block = {"type": "tool_call", "tool_call": call}
    assert told({"role": "assistant", "content": [block]}) == ["call sum {}", "output 3"]


def test_text_of_another_type_is_read() -> None:
    log = {
        "role": "assistant",
        "content": [{"type": "thought", "text": "hm"}, {"type": "markdown", "text": "**Hi**"}],
    }
    assert told(log) == ["assistant: (hm)", "assistant: **Hi**"]


@pytest.mark.parametrize("content", [None, "", [], [{"type": "widget", "data": {"x": 1}}]])
def test_a_message_of_the_user_without_content_begins_no_turn(content: Any) -> None:
    messages = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello."},
        {"role": "user", "content": content, "name": "ada"},
        {"role": "assistant", "content": "Anything else?"},
    ]
    [row] = converted_bytes(json.dumps({"messages": messages}).encode()).rows
    kinds = [item["type"] for item in row["trace"]["items"]]
    assert kinds == ["message", "message", "custom_task_input_message", "message"]
    assert row["turns"] == 1
    assert "unread_content" in row["tags"]
    assert "ada" in json.dumps(row["trace"]["items"][2])
