"""Requests and responses that stand in several records, files or keys."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conversions import converted, converted_bytes
from tests.formats.test_openai_messages import lines, words

ASKED = [{"role": "user", "content": "Which bus goes to the harbour?"}]


def completion(text: str, **around: Any) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}}
    usage = {"prompt_tokens": 7, "completion_tokens": 2}
    return {"object": "chat.completion", "choices": [choice], "usage": usage, **around}


def response(own: str, text: str, previous: str | None = None, **around: Any) -> dict[str, Any]:
    content = [{"type": "output_text", "text": text, "annotations": []}]
    message = {"type": "message", "role": "assistant", "status": "completed", "content": content}
    return {
        "id": own,
        "object": "response",
        "previous_response_id": previous,
        "output": [message],
        "usage": {"input_tokens": 5, "output_tokens": 1},
        **around,
    }


def stored(text: str, answer: dict[str, Any], **around: Any) -> dict[str, Any]:
    request = {"model": "gpt-5", "input": [{"role": "user", "content": text}]}
    if (previous := answer["previous_response_id"]) is not None:
        request["previous_response_id"] = previous
    return {"request": request, "response": answer, **around}


# --- the request of a response -----------------------------------------------------------------


@pytest.mark.parametrize("empty", [{}, [], "", None])
def test_the_request_of_a_proxy_is_read_where_its_messages_are_empty(empty: Any) -> None:
    record = {
        "messages": empty,
        "proxy_server_request": {"model": "gpt-4o", "messages": ASKED},
        "response": completion("Line 4."),
    }
    assert words(converted_bytes(lines(record))) == [
        ["user: Which bus goes to the harbour?", "assistant: Line 4."]
    ]


@pytest.mark.parametrize(
    "request_value",
    [
        ASKED,
        {"model": "gpt-4o", "messages": ASKED},
        {"body": {"messages": ASKED}},
        json.dumps({"messages": ASKED}),
    ],
)
def test_a_request_under_an_unknown_key_is_found_by_its_shape(request_value: Any) -> None:
    record = {"what_we_sent": request_value, "response": completion("Line 4."), "latency": 3}
    [trace] = converted_bytes(lines(record)).traces
    assert [item["role"] for item in trace["items"]] == ["user", "assistant"]
    assert trace["metadata"]["extra"]["latency"] == 3


def test_a_prompt_beside_the_response_of_an_api_is_its_request() -> None:
    record = {"prompt": "Which bus?", "response": completion("Line 4.")}
    assert words(converted_bytes(lines(record))) == [["user: Which bus?", "assistant: Line 4."]]


@pytest.mark.parametrize(
    "around",
    [
        {"note": "kept elsewhere"},
        {"sent": {"messages": ASKED}, "retried": {"messages": ASKED}},
        {"sent": '{"messages": [{"role": "user", "cont'},
    ],
)
def test_a_response_without_a_readable_request_is_quarantined(around: dict[str, Any]) -> None:
    conversion = converted_bytes(lines({**around, "response": completion("Line 4.")}))
    assert (conversion.traces, conversion.reasons) == ([], ["no_request"])


def test_the_empty_response_of_a_failed_call_is_no_message() -> None:
    record = {
        "messages": {},
        "proxy_server_request": {"messages": ASKED},
        "response": {},
        "session_id": "s",
    }
    answered = {**record, "response": completion("Line 4.")}
    assert words(converted_bytes(lines(answered, record))) == [
        ["user: Which bus goes to the harbour?", "assistant: Line 4."]
    ]


# --- batches -----------------------------------------------------------------------------------


def batch_request(name: str, text: str) -> dict[str, Any]:
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}]}
    return {"custom_id": name, "method": "POST", "url": "/v1/chat/completions", "body": body}


def batch_response(name: str, body: Any, status: int = 200) -> dict[str, Any]:
    return {"custom_id": name, "response": {"status_code": status, "body": body}, "error": None}


@pytest.mark.parametrize("order", [("in", "out", "wrong"), ("wrong", "out", "in")])
def test_the_files_of_a_batch_are_joined_in_whatever_order(
    tmp_path: Path, order: tuple[str, ...]
) -> None:
    files = {
        "in": lines(*(batch_request(name, f"{name}?") for name in ("a", "b", "c"))),
        "out": lines(batch_response("a", completion("A."))),
        "wrong": lines(
            batch_response("b", {"error": {"message": "too long"}}, 400),
            {"custom_id": "c", "response": None, "error": {"message": "expired"}},
        ),
    }
    for number, name in enumerate(order):
        (tmp_path / f"{number}.jsonl").write_bytes(files[name])
    conversion = converted([tmp_path])
    assert sorted(words(conversion)) == [["user: a?", "assistant: A."], ["user: b?"], ["user: c?"]]
    errors = {row["trace"]["metadata"].get("error") for row in conversion.rows}
    assert errors == {None, "too long", "expired"}
    assert (conversion.ledger["converted"], conversion.ledger["merged"]) == (3, 3)


def test_batches_in_two_folders_may_use_the_same_ids(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "in.jsonl").write_bytes(lines(batch_request("a", f"{name}?")))
        (tmp_path / name / "out.jsonl").write_bytes(
            lines(batch_response("a", completion(f"{name}.")))
        )
    assert words(converted([tmp_path])) == [
        ["user: one?", "assistant: one."],
        ["user: two?", "assistant: two."],
    ]


def test_a_response_to_one_of_several_requests_with_its_id_is_quarantined() -> None:
    requests = [batch_request("a", "one?"), batch_request("a", "two?")]
    conversion = converted_bytes(lines(*requests, batch_response("a", completion("one."))))
    assert words(conversion) == [["user: one?"], ["user: two?"]]
    assert conversion.reasons == ["ambiguous_request"]


# --- conversations that the server keeps -------------------------------------------------------


BEGINNING = ["user: Count", "assistant: One.", "user: More"]


def test_linked_responses_are_one_conversation_and_equal_texts_are_two_messages() -> None:
    records = [
        stored("More", response("r2", "Two.", "r1")),
        stored("More", response("r3", "Three.", "r2")),
        stored("Count", response("r1", "One.")),
        stored("Other", response("x1", "No.")),
    ]
    conversion = converted_bytes(lines(*records))
    assert sorted(words(conversion)) == [
        [*BEGINNING, "assistant: Two.", "user: More", "assistant: Three."],
        ["user: Other", "assistant: No."],
    ]
    assert {row["input_tokens"] for row in conversion.rows} == {15, 5}


def test_instructions_that_are_sent_with_each_request_are_kept_once() -> None:
    records = [
        {
            "request": {"model": "m", "instructions": "Count.", "input": "Go"},
            "response": response("r1", "One."),
        },
        stored("More", response("r2", "Two.", "r1", instructions="Count.")),
    ]
    assert words(converted_bytes(lines(*records))) == [
        ["system: Count.", "user: Go", "assistant: One.", "user: More", "assistant: Two."]
    ]


def test_an_older_response_to_the_same_one_is_a_conversation_of_its_own() -> None:
    records = [
        stored("Count", response("r1", "One.")),
        stored("More", response("r2", "Eleven.", "r1")),
        stored("More", response("r3", "Two.", "r1")),
    ]
    conversion = converted_bytes(lines(*records))
    assert words(conversion) == [
        [*BEGINNING, "assistant: Two."],
        [*BEGINNING, "assistant: Eleven."],
    ]
    assert [row["input_tokens"] for row in conversion.rows] == [10, 5]


def test_a_conversation_whose_beginning_is_not_in_the_log_is_tagged() -> None:
    [row] = converted_bytes(lines(stored("More", response("r2", "Two.", "r1")))).rows
    assert "incomplete_conversation" in row["tags"]


def test_responses_that_follow_one_another_in_a_circle_are_read_once() -> None:
    records = [
        stored("a", response("r1", "1", "r2")),
        stored("b", response("r2", "2", "r1")),
    ]
    assert words(converted_bytes(lines(*records))) == [
        ["user: a", "assistant: 1", "user: b", "assistant: 2"]
    ]


def test_a_chain_of_thousands_of_responses_is_one_conversation() -> None:
    records = [
        stored("More", response(f"r{number}", f"{number}", f"r{number - 1}" if number else None))
        for number in range(1500)
    ]
    [trace] = converted_bytes(lines(*records)).traces
    assert len(trace["items"]) == 3000


@pytest.mark.parametrize("around", [{}, {"conversation": {"id": "c"}}])
def test_a_conversation_of_which_a_record_cannot_be_read_is_tagged(around: dict[str, Any]) -> None:
    records = [
        {**stored(text, response(text, text, **around)), "session_id": "s"} for text in ("a", "b")
    ]
    records[1]["request"]["input"] = [ASKED[0], {"role": "admin", "content": "x"}]
    conversion = converted_bytes(lines(*records))
    assert [row["tags"] for row in conversion.rows] == [["incomplete_conversation"]]
    assert conversion.reasons == ["unknown_shape"]


def test_requests_and_responses_in_one_object_are_linked_too() -> None:
    records = [
        {**response("r1", "One."), "input": "Count", "model": "m"},
        {**response("r2", "Two.", "r1", status="incomplete"), "input": "More", "model": "m"},
    ]
    conversion = converted_bytes(lines(*records))
    assert words(conversion) == [[*BEGINNING, "assistant: Two."]]
    [row] = conversion.rows
    assert row["input_tokens"] == 10
    assert [item["status"] for item in row["trace"]["items"]][-2:] == ["completed", "incomplete"]


def test_an_id_of_each_call_does_not_part_linked_responses() -> None:
    records = [
        stored("Count", response("r1", "One."), trace_id="t1"),
        stored("More", response("r2", "Two.", "r1"), trace_id="t2"),
        stored("Else", response("r3", "No."), trace_id="t3"),
    ]
    assert sorted(words(converted_bytes(lines(*records)))) == [
        [*BEGINNING, "assistant: Two."],
        ["user: Else", "assistant: No."],
    ]


def test_a_batch_of_the_responses_api_is_joined() -> None:
    request = {"custom_id": "a", "url": "/v1/responses", "body": {"model": "m", "input": "Go?"}}
    answer = {"custom_id": "a", "response": {"status_code": 200, "body": response("r1", "Go.")}}
    assert words(converted_bytes(lines(answer, request))) == [["user: Go?", "assistant: Go."]]


# --- several answers, and none -----------------------------------------------------------------


def test_other_choices_of_one_call_are_kept_outside_the_conversation() -> None:
    one, two = (completion(text)["choices"][0] for text in ("Line 4.", "Line 6."))
    answer = completion("") | {"choices": [one, {**two, "index": 1}]}
    log = lines({"request": {"messages": ASKED}, "response": answer})
    assert words(converted_bytes(log)) == [
        ["user: Which bus goes to the harbour?", "assistant: Line 4."]
    ]
    [trace] = converted_bytes(log).traces
    assert trace["items"][1]["other_choices"] == [{**two, "index": 1}]


@pytest.mark.parametrize("answer", [{}, None, "", {"data": [{"embedding": [0.5]}]}])
def test_a_question_whose_answer_is_missing_has_a_tag(answer: Any) -> None:
    [row] = converted_bytes(lines({"request": {"messages": ASKED}, "response": answer})).rows
    assert row["tags"] == ["no_answer"]
    failed = {"request": {"messages": ASKED}, "response": answer, "error": "timeout"}
    [row] = converted_bytes(lines(failed)).rows
    assert (row["tags"], row["trace"]["metadata"]["error"]) == ([], "timeout")
    [row] = converted_bytes(lines({"model": "gpt-4o", "messages": ASKED})).rows
    assert row["tags"] == []


def test_a_file_of_requests_that_expired_belongs_to_the_batch(tmp_path: Path) -> None:
    asked = {"custom_id": 7, "method": "POST", "url": "/v1/chat", "body": {"messages": ASKED}}
    error = {"code": "batch_expired", "message": "not done in time"}
    (tmp_path / "in.jsonl").write_bytes(lines(asked))
    (tmp_path / "errors.jsonl").write_bytes(
        lines({"id": "b1", "custom_id": 7, "response": None, "error": error})
    )
    [row] = converted([tmp_path]).rows
    assert row["trace"]["metadata"]["error"] == "not done in time"
