"""Cost, tokens, model, times, errors and tags of chat logs, under the names of their loggers."""

from typing import Any

import pytest

from tests.conversions import converted_bytes
from tests.formats.test_linked_requests import ASKED, completion, response, stored
from tests.formats.test_openai_messages import lines

ANSWERED = {"messages": ASKED, "response": completion("Line 4.")}
BARE = {key: value for key, value in completion("Line 4.").items() if key != "usage"}


def row_of(*records: Any) -> dict[str, Any]:
    [row] = converted_bytes(lines(*records)).rows
    return row


@pytest.mark.parametrize(
    "facts",
    [
        {"cost_usd": 0.25},
        {"response_cost": 0.25},
        {"spend": 0.25},
        {"metrics": {"cost": 0.25}},
        {"cost": {"total": 0.25}},
        {"metadata": {"total_cost": "0.25"}},
        {"cost": 25, "cost_currency": "USD", "req_units": 7},
    ],
)
def test_the_cost_of_a_call_is_read_under_the_names_of_loggers(facts: dict[str, Any]) -> None:
    assert row_of({**ANSWERED, **facts})["cost_usd"] == 0.25


@pytest.mark.parametrize(
    "facts",
    [
        {"prompt_tokens": 7, "completion_tokens": 2},
        {"usage": {"input": 7, "output": 2}},
        {"metrics": {"tokens": {"input": 7, "output": 2}}},
        {"metadata": {"usage_object": {"prompt_tokens": 7, "completion_tokens": 2}}},
        {"cost_currency": "USD", "req_units": 7, "res_units": 2},
    ],
)
def test_the_tokens_of_a_call_are_read_where_its_response_has_none(facts: dict[str, Any]) -> None:
    row = row_of({"messages": ASKED, "response": BARE, **facts})
    assert (row["input_tokens"], row["output_tokens"]) == (7, 2)


def test_tokens_of_the_response_and_of_its_logger_count_once() -> None:
    row = row_of({**ANSWERED, "prompt_tokens": 7, "completion_tokens": 2, "spend": 0.5})
    assert (row["input_tokens"], row["output_tokens"], row["cost_usd"]) == (7, 2, 0.5)


def test_messages_that_carry_their_own_facts_give_them_to_the_row() -> None:
    answers = [
        {"role": "assistant", "content": "One.", "ts": 1775000001000}
        | {"modelInfo": {"modelId": "m-1", "providerId": "p"}}
        | {"metrics": {"tokens": {"prompt": 5, "completion": 1}, "cost": 0.25}},
        {"role": "assistant", "content": "Two.", "model": "m-2"}
        | {"usage": {"input": 6, "output": 2, "cost": {"input": 0.1, "total": 0.5}}},
    ]
    row = row_of({"messages": [ASKED[0], answers[0], ASKED[0], answers[1]]})
    facts = [row[name] for name in ("model", "input_tokens", "output_tokens", "cost_usd")]
    assert facts == ["m-1", 11, 3, 0.75]


def test_a_call_that_adds_no_item_counts_all_the_same() -> None:
    records = [{**ANSWERED, "session_id": "s", "spend": 0.25, "at": at} for at in (1, 2)]
    row = row_of(*records)
    assert [item["type"] for item in row["trace"]["items"]] == ["message", "message"]
    assert (row["input_tokens"], row["output_tokens"], row["cost_usd"]) == (14, 4, 0.5)


def test_what_a_record_says_of_a_whole_conversation_counts_once() -> None:
    messages = [*ASKED, {"role": "assistant", "content": "Line 4."}]
    snapshots = [
        {"messages": messages[:length], "session_id": "s", "total_cost": cost, "usage": usage}
        for length, cost, usage in (
            (1, 0.1, {"input_tokens": 1}),
            (2, 0.3, {"input_tokens": 3, "output_tokens": 1}),
        )
    ]
    row = row_of(*snapshots)
    assert (row["input_tokens"], row["output_tokens"], row["cost_usd"]) == (3, 1, 0.3)


@pytest.mark.parametrize("key", ["ts", "request_created_at", "startTime", "created_at"])
def test_the_time_of_a_call_is_read_under_the_names_of_loggers(key: str) -> None:
    answer = completion("Line 4.", created=1775000999)
    row = row_of({"messages": ASKED, "response": answer, key: 1775000000})
    assert row["created_at"] == "2026-03-31T23:33:20Z"


@pytest.mark.parametrize(
    ("failed", "words"),
    [
        ({"response": {}, "error_str": "busy"}, "busy"),
        ({"response": {}, "metadata": {"error_information": {"error_message": "busy"}}}, "busy"),
        ({"response_body": {"error": {"message": "busy"}}, "response_status": 429}, "busy"),
        ({"response": {"status": 503, "body": None}}, "the response has the status 503"),
        ({"response": {}, "status": "failure"}, "the response has the status failure"),
    ],
)
def test_the_error_of_a_failed_call_is_the_error_of_its_trace(
    failed: dict[str, Any], words: str
) -> None:
    row = row_of({"request": {"model": "gpt-4o", "messages": ASKED}, **failed})
    assert row["trace"]["metadata"]["error"] == words
    assert (row["messages"], row["model"]) == (1, "gpt-4o")


def test_a_call_that_succeeded_has_no_error() -> None:
    row = row_of({**ANSWERED, "error": None, "status": "success", "response_status": 200})
    assert "error" not in row["trace"]["metadata"]


def test_tags_of_a_record_and_of_its_metadata_reach_the_row() -> None:
    row = row_of({**ANSWERED, "tags": ["a"], "metadata": {"tags": "b, c"}, "request_tags": ["d"]})
    assert row["tags"] == ["a", "b", "c", "d"]


def test_a_response_that_the_api_says_is_incomplete_stays_incomplete() -> None:
    details: dict[str, Any] = {"incomplete_details": {"reason": "max_output_tokens"}}
    cut = response("r1", "One, tw", status="incomplete", **details)
    items = row_of(stored("Count", cut))["trace"]["items"]
    assert [item["status"] for item in items] == ["completed", "incomplete"]
    assert items[-1]["incomplete_details"] == {"reason": "max_output_tokens"}


def test_an_item_that_the_api_says_is_incomplete_stays_incomplete() -> None:
    answer = response("r1", "One.")
    answer["output"][0]["status"] = "incomplete"
    answer["output"].append({**response("r1", "Two.")["output"][0]})
    items = row_of(stored("Count", answer))["trace"]["items"]
    assert [item["status"] for item in items] == ["completed", "incomplete", "completed"]


# --- facts of messages -------------------------------------------------------------------------


def test_messages_have_facts_in_their_metadata() -> None:
    facts = {"model": "gull-1", "usage": {"input_tokens": 7, "output_tokens": 2}, "cost": 0.25}
    answer = {"role": "assistant", "content": "Line 4.", "metadata": {**facts, "tags": ["bus"]}}
    row = row_of({"messages": [*ASKED, answer]})
    assert (row["model"], row["input_tokens"], row["output_tokens"]) == ("gull-1", 7, 2)
    assert (row["cost_usd"], row["tags"]) == (0.25, ["bus"])


def test_messages_that_are_a_line_each_have_tags() -> None:
    asked = {**ASKED[0], "thread_id": "t", "tags": ["bus", "harbour"]}
    answer = {"role": "assistant", "content": "Line 4.", "thread_id": "t"}
    assert row_of(asked, {**answer, "metadata": {"tags": [{"name": "done"}]}})["tags"] == [
        "bus",
        "harbour",
        "done",
    ]


@pytest.mark.parametrize("name", ["ts", "created_at", "timestamp"])
def test_messages_say_when_they_were_written(name: str) -> None:
    answer = {"role": "assistant", "content": "Line 4.", name: 1767323055}
    row = row_of({"messages": [{**ASKED[0], name: 1767323045}, answer]})
    assert row["trace"]["metadata"]["created_at"] == "2026-01-02T03:04:05Z"
    assert row["duration_s"] == 10


def test_the_error_of_a_message_is_the_error_of_the_trace() -> None:
    failed = {
        "role": "assistant",
        "content": "",
        "stopReason": "error",
        "errorMessage": "overloaded",
    }
    row = row_of({"messages": [*ASKED, failed]})
    assert row["trace"]["metadata"]["error"] == "overloaded"


def test_metadata_can_be_json_in_a_text() -> None:
    row = row_of({**ANSWERED, "metadata": '{"tags": ["bus"], "session_id": "s1"}'})
    assert row["tags"] == ["bus"]
