"""Groups, starts, tags and providers of interactions, from logs as tools write them."""

import json
from typing import Any

import pytest

from tests.conversions import converted_bytes
from tests.interactions.making import conversation, interactions, steps
from tests.trace.making import assistant, user

RUN = {
    "id": "r1",
    "trace_id": "r1",
    "name": "chat",
    "run_type": "llm",
    "start_time": "2026-01-01T00:00:01",
    "inputs": {"messages": [{"role": "user", "content": "Which bus?"}]},
    "outputs": {"choices": [{"message": {"role": "assistant", "content": "The red one."}}]},
    "session_id": "project-1",
}
SPAN = {
    "trace_id": "t1",
    "span_id": "s1",
    "name": "chat",
    "start_time_unix_nano": 1761070719000000000,
    "attributes": {
        "gen_ai.response.model": "gpt-4o",
        "gen_ai.prompt": [{"role": "user", "content": "Which bus?"}],
        "gen_ai.completion": [{"role": "assistant", "content": "The red one."}],
    },
}
MLFLOW_SPAN = {
    "name": "chat",
    "span_id": "1",
    "start_time_unix_nano": 1761070719000000000,
    "attributes": {
        "mlflow.spanType": '"CHAT_MODEL"',
        "mlflow.spanInputs": '[{"role": "user", "content": "Which bus?"}]',
        "mlflow.spanOutputs": '[{"role": "assistant", "content": "The red one."}]',
    },
}


def mlflow(**info: Any) -> dict[str, Any]:
    around = {"trace_id": "t1", "trace_location": {}, **info}
    return {"info": around, "data": {"spans": [MLFLOW_SPAN]}}


@pytest.mark.parametrize(
    ("record", "group"),
    [
        (RUN, ("r1", "trace")),
        ({**RUN, "extra": {"metadata": {"thread_id": "th"}}}, ("th", "conversation")),
        ({**RUN, "extra": {"metadata": {"session_id": "se"}}}, ("se", "session")),
        (SPAN, ("t1", "trace")),
        ({**SPAN, "session_id": "se"}, ("se", "session")),
        ({**SPAN, "conversation_id": "co"}, ("co", "conversation")),
        ({**SPAN, "thread_id": 7}, ("7", "conversation")),
        (mlflow(trace_metadata={"mlflow.trace.session": "se"}), ("se", "session")),
        (mlflow(request_metadata=[{"key": "mlflow.trace.user", "value": "u"}]), ("u", "user")),
        (mlflow(), ("t1", "trace")),
    ],
)
def test_a_group_is_what_the_log_names_and_no_project(
    record: dict[str, Any], group: tuple[str, str]
) -> None:
    (row,) = converted_bytes(json.dumps(record).encode() + b"\n").rows
    (one,) = interactions(row["trace"])
    assert (one.group_id, one.tags["grouped_by"]) == group


def test_the_time_of_a_row_is_the_start_of_its_interaction() -> None:
    table = b"timestamp,question,answer\n2025-10-21 10:30:00,What is tea?,A drink.\n"
    (row,) = converted_bytes(table, file="day.csv").rows
    (one,) = interactions(row["trace"])
    assert one.start_ns == one.steps[0].start_ns == 1761042600000000000
    assert one.steps[0].metadata["start_from"] == "the message that the step answers"


def test_an_interaction_begins_when_the_user_speaks() -> None:
    stamps = ("2026-01-02T10:00:00Z", "2026-01-02T10:00:05Z")
    trace = conversation(user("Hi", timestamp=stamps[0]), assistant("Ho", timestamp=stamps[1]))
    (one,) = interactions(trace)
    assert (one.start_ns, one.duration_ns) == (1767348000000000000, 5_000_000_000)
    assert one.steps[0].start_ns == 1767348005000000000


def test_without_any_time_of_a_step_the_start_is_that_of_the_trace() -> None:
    trace = conversation(user("Hi"), assistant("Ho"), created_at="2026-01-02")
    (one,) = interactions(trace)
    assert one.start_ns == 1767312000000000000
    assert one.steps[0].metadata["start_from"] == "the start of the trace"


def test_tags_beside_the_ids_of_a_span_reach_the_row_and_the_steps() -> None:
    (row,) = converted_bytes(json.dumps({**SPAN, "tags": ["vip"]}).encode() + b"\n").rows
    assert "vip" in row["tags"]
    assert (steps(row["trace"])[0].tags or {})["vip"] == "true"


def test_tags_and_workflow_of_a_trace_record_reach_every_step() -> None:
    span = {
        "object": "trace.span",
        "id": "s1",
        "trace_id": "t1",
        "started_at": "2026-01-02T10:00:00Z",
        "span_data": {
            "type": "generation",
            "input": [{"role": "user", "content": {"question": "Why?"}}],
            "output": [{"role": "assistant", "content": {"answer": "So."}}],
            "model": "gpt-4o-mini",
            "usage": {"promptTokenCount": 9, "candidatesTokenCount": 2},
        },
    }
    trace = {"object": "trace", "id": "t1", "workflow_name": "W", "metadata": {"tags": ["slow"]}}
    log = b"".join(json.dumps(each).encode() + b"\n" for each in (span, trace))
    (row,) = converted_bytes(log, file="log.jsonl").rows
    assert "slow" in row["tags"]
    assert (row["input_tokens"], row["output_tokens"]) == (9, 2)
    (step,) = steps(row["trace"])
    assert step.metadata["workflow_name"] == "W"
    assert (step.provider, step.metadata["provider_from"]) == (
        "openai",
        "inferred from the name of the model",
    )
    assert step.input_messages is not None
    assert step.input_messages[0].content == '{"question":"Why?"}'


def test_a_plain_span_with_input_and_output_is_no_call_of_a_model() -> None:
    plain = {**SPAN, "attributes": {"input": "Which bus?", "output": "The red one."}}
    (row,) = converted_bytes(json.dumps(plain).encode() + b"\n").rows
    (step,) = steps(row["trace"])
    assert ((step.tags or {})["span_kind"], step.model) == ("other", None)
    assert (step.input_data, step.output_data) == ("Which bus?", "The red one.")
