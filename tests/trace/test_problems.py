import re
from typing import Any

import pytest
from hypothesis import given

from tests.trace.making import asked, assistant, call, event, message, output, said, user
from tests.trace.strategies import Value, mutated
from trace_assets.trace import problems

_ITEM_TYPES = (
    '"message", "function_call", "function_call_output", '
    '"custom_task_input_message", "custom_task_output_message"'
)
_ROLES = '"user", "assistant", "system", "developer"'


def _without(value: Value, key: str) -> Value:
    return {name: part for name, part in value.items() if name != key}


def _says(part: Value) -> Value:
    return assistant("hi") | {"content": [part]}


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (_without(user("hi"), "type"), "items[0].type: required"),
        (_without(user("hi"), "role"), "items[0].role: required"),
        (_without(user("hi"), "status"), "items[0].status: required"),
        (
            user("hi", type="reasoning"),
            f'items[0].type: "reasoning" is unknown; known: {_ITEM_TYPES}',
        ),
        (user("hi", type=None), f"items[0].type: null is unknown; known: {_ITEM_TYPES}"),
        (message("tool", "hi"), f'items[0].role: "tool" is unknown; known: {_ROLES}'),
        (
            user("hi", status="failed"),
            'items[0].status: expected "in_progress", "completed" or "incomplete"; found "failed"',
        ),
        (user("hi", content="hi"), 'items[0].content: expected a list, found the string "hi"'),
        (user("hi", content=None), "items[0].content: expected a list, found null"),
        (user("hi", id=True), "items[0].id: expected a string, found the boolean true"),
        (call("c") | {"arguments": [1]}, "items[0].arguments: expected a string, found a list"),
        (_without(call("c"), "name"), "items[0].name: required"),
        (
            output("c", {"a": 1}),
            "items[0].output: expected a string or a list of parts, found an object",
        ),
        (
            output("c", [{"type": "output_text", "text": "x"}]),
            'items[0].output[0].type: "output_text" is unknown; '
            'known: "input_text", "input_image", "input_file"',
        ),
        (output("c", [{"type": "input_text"}]), "items[0].output[0].text: required"),
        (_says({"text": "hi"}), "items[0].content[0].type: required"),
        (_says({"type": "text"}), "items[0].content[0].text: required"),
        (
            _says({"type": "output_text", "text": "hi", "annotations": None}),
            "items[0].content[0].annotations: expected a list, found null",
        ),
        (
            _says({"type": "output_text", "text": "", "annotations": [{"type": "text_citation"}]}),
            "items[0].content[0].annotations[0].content: required",
        ),
        ({"type": "custom_task_input_message"}, "items[0].content: required"),
        ("hi", 'items[0]: expected an object, found the string "hi"'),
    ],
)
def test_a_bad_item_is_one_line_that_says_where_and_what(item: Any, expected: str) -> None:
    assert problems({"items": [item]}) == [expected]


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (
            {"type": "error", "message": "boom", "zzz": 1},
            "events[0].zzz: unknown key; "
            "known: id, span_id, timestamp, metadata, type, message, traceback",
        ),
        ({"type": "error", "error": "boom", "message": 5}, "events[0].message: expected a string"),
        (said(call("c")), 'events[0].item.type: "function_call" is unknown; known: "message"'),
        (said(_says({"type": "text"})), "events[0].item.content[0].text: required"),
        (asked([user("hi", id=1)], []), "events[0].input_context[0].id: expected a string"),
        (asked([], [user("hi"), {}]), "events[0].output_items[1].type: required"),
        (asked([], [], tools=[{}]), "events[0].tools[0]: expected a string, found an object"),
        (
            event("custom", name="n", data=[1]),
            "events[0].data: expected an object, found a list",
        ),
        (
            event("compaction", strategy="drop"),
            'events[0].strategy: expected "summary" or "trim"; found "drop"',
        ),
        (
            event("error", message="boom", timestamp=1767312000),
            "events[0].timestamp: expected a string, found the number 1767312000",
        ),
        (
            event("error", message="boom", timestamp="yesterday"),
            'events[0].timestamp: expected an ISO 8601 date and time, found the string "yesterday"',
        ),
    ],
)
def test_a_bad_event_says_where_and_what(bad: Value, expected: str) -> None:
    assert problems({"items": [], "events": [bad]})[0].startswith(expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, "trace: expected an object, found the number 5"),
        ({}, "items: required"),
        ({"items": None}, "items: expected a list, found null"),
        (
            {"items": [], "messages": []},
            "messages: unknown key; "
            "known: FORMAT, items, metadata, events, span_id, span_name, span_type",
        ),
        ({"items": [], "metadata": {"total_tokens": 5.0}}, "metadata.total_tokens: expected an "),
        ({"items": [], "metadata": {"total_tokens": True}}, "metadata.total_tokens: expected an "),
        (
            {"items": [], "metadata": {"total_time": float("nan")}},
            "metadata.total_time: expected a finite number, found the number NaN",
        ),
        ({"items": [], "metadata": {"tags": "a"}}, "metadata.tags: expected a list"),
        (
            {"items": [], "metadata": {"extra": {"reward": float("inf")}}},
            "metadata.extra.reward: holds inf, which JSON cannot write",
        ),
        ({"items": [], "metadata": {"title": "x"}}, "metadata.title: unknown key; known: trace_id"),
        ({"items": [user("\ud83d")]}, "items[0].id: expected text that UTF-8 can write"),
    ],
)
def test_a_bad_trace_says_where_and_what(value: Any, expected: str) -> None:
    assert problems(value)[0].startswith(expected)


def test_every_defect_has_its_own_line() -> None:
    value = {
        "items": [message("tool", "hi"), call("c", status="failed", name=None)],
        "metadata": {"total_tokens": "5"},
    }
    assert [line.split(":")[0] for line in problems(value)] == [
        "items[0].role",
        "items[1].name",
        "items[1].status",
        "metadata.total_tokens",
    ]


def test_a_long_value_is_not_repeated_whole() -> None:
    [line] = problems({"items": [], "metadata": {"tags": "x" * 10_000}})
    assert len(line) < 200
    assert "10000 characters" in line


def test_a_found_value_however_deep_or_large_is_named() -> None:
    deep: object = 1
    for _ in range(5000):
        deep = [deep]
    assert problems({"items": [], "FORMAT": deep, "metadata": {"model": 10**5000}}) == [
        'FORMAT: expected "open_responses" or "latticeflow"; found a list',
        "metadata.model: expected a string, found the number of 16610 bits",
    ]


def _step_into(value: Any, path: str) -> Any:
    for step in path.replace("[", ".").replace("]", "").split("."):
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


@given(mutated())
def test_a_line_names_a_place_that_is_there_or_that_is_missing(value: Value) -> None:
    lines = problems(value)
    assert len(set(lines)) == len(lines)
    for line in lines:
        where, _, what = line.partition(": ")
        if re.fullmatch(r"[a-z_.\[\]0-9]+", where) is None:
            continue  # goes through a key of the log's own
        if what == "required":
            where = where.rpartition(".")[0]
        if where:
            _step_into(value, where)
