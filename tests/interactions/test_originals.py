"""A step's `raw` is its part of the log's own record, or of the trace, and it says which."""

import json
from typing import Any

from tests.interactions.making import conversation, happened, steps
from tests.trace.making import assistant, begin, call, end, output, user
from trace_assets.interactions import Original


def record(value: Any, uri: str = "log.json#0") -> Original:
    return Original(uri, json.dumps(value).encode())


CHAT = {
    "id": "chat",
    "score": 1,
    "messages": [
        {"role": "user", "content": "Hi", "mood": "calm"},
        {
            "role": "assistant",
            "content": None,
            "thinking": "hm",
            "tool_calls": [{"id": "call_1", "function": {"name": "look_up", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "found", "ms": 3},
        {
            "role": "assistant",
            "content": "Done",
            "reply": {"message": {"role": "assistant", "content": "Done"}},
        },
    ],
}
TRACE = conversation(
    user("Hi"),
    call("c", original_call_id="call_1"),
    output("c", original_call_id="call_1"),
    assistant("Done"),
)


def test_messages_and_calls_are_found_in_the_record_of_the_whole_conversation() -> None:
    tool, answer = steps(TRACE, record(CHAT))
    said, asked, answered, done = CHAT["messages"]
    assert tool.raw == {"message": asked, "call": asked["tool_calls"][0], "output": answered}
    assert answer.raw == {"inputs": [said], "message": done}
    assert tool.metadata["raw_from"] == answer.metadata["raw_from"] == "record"
    assert answer.metadata["raw_at"] == ["log.json#0/messages/0", "log.json#0/messages/3"]


def test_without_the_record_raw_is_the_part_of_the_trace() -> None:
    tool, answer = steps(TRACE)
    assert tool.raw == {"call": TRACE["items"][1], "output": TRACE["items"][2]}
    assert answer.raw["message"] == TRACE["items"][3]
    assert answer.metadata["raw_from"] == "trace"


def test_what_could_be_either_of_two_parts_is_taken_from_the_trace() -> None:
    twice = {"messages": [{"role": "user", "content": "Hi", "n": n} for n in range(2)]}
    [step] = steps(conversation(user("Hi")), record(twice))
    assert (step.raw["inputs"][0]["type"], step.metadata["raw_from"]) == ("message", "trace")


def test_messages_that_are_equal_are_told_apart_by_their_order() -> None:
    log = {"messages": [{"role": "user", "content": "Hi", "n": n} for n in range(2)]}
    found = steps(conversation(user("Hi"), user("Hi", name="again")), record(log))
    assert [step.raw["inputs"][0]["n"] for step in found] == [0, 1]


def test_calls_without_ids_are_found_by_what_they_say() -> None:
    log = [
        {"role": "user", "content": "Go"},
        {"tool_calls": [{"id": "", "name": "look_up", "arguments": {"b": 1, "a": 2}, "n": 1}]},
        {"role": "tool", "id": "", "content": "found", "n": 2},
    ]
    trace = conversation(
        user("Go"),
        call("c", arguments='{"a": 2, "b": 1}', original_call_id=""),
        output("c", original_call_id=""),
    )
    tool = steps(trace, record(log))[0]
    assert (tool.raw["call"]["n"], tool.raw["output"]["n"]) == (1, 2)


def test_spans_are_found_by_their_ids_each_in_its_own_record() -> None:
    trace = happened(begin("a"), begin("b", "a"), end("b"), end("a"))
    records = [
        record({"object": "trace.span", "id": "b", "parent_id": "a"}, "log.jsonl#1"),
        record({"batch": [{"spanId": "a", "kind": 1}]}, "log.jsonl#2"),
        record({"object": "trace", "workflow_name": "demo"}, "log.jsonl#3"),
    ]
    a, b = steps(trace, *records)
    assert b.raw == {"object": "trace.span", "id": "b", "parent_id": "a"}
    assert (a.raw, a.metadata["raw_at"]) == ({"spanId": "a", "kind": 1}, ["log.jsonl#2/batch/0"])
    assert a.metadata["records"] == [
        {"uri": "log.jsonl#3", "record": {"object": "trace", "workflow_name": "demo"}}
    ]
    assert "records" not in b.metadata


def test_a_record_that_is_no_json_is_kept_as_text() -> None:
    [step] = steps(conversation(user("Hi"), assistant("Ho")), Original("log.csv#1", b"Hi,Ho\xff\n"))
    assert step.metadata["records"] == [{"uri": "log.csv#1", "raw_base64": "SGksSG//Cg=="}]
