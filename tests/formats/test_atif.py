"""What a reader of ATIF trajectories relies on."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conversions import Conversion, converted, converted_bytes
from tests.formats.mutations import assert_only_known_errors, mutated
from trace_assets.formats import formats

FORMAT = formats()["atif"]
FIXTURES = Path(__file__).parent / "fixtures" / "atif"


def records() -> list[Any]:
    lines = (FIXTURES / "terminal.jsonl").read_text(encoding="utf-8").splitlines()
    whole = [
        json.loads((FIXTURES / name).read_bytes()) for name in ("refund.json", "delegation.json")
    ]
    return [*whole, *map(json.loads, lines)]


def trajectory(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "schema_version": "ATIF-v1.6",
        "session_id": "s",
        "agent": {"name": "a", "version": "1"},
        "steps": [{"step_id": number, **step} for number, step in enumerate(steps, start=1)],
        **more,
    }


def asks(*names: str) -> list[dict[str, Any]]:
    return [
        {"tool_call_id": name, "function_name": "look", "arguments": {"at": name}} for name in names
    ]


def conversion_of(*trajectories: dict[str, Any]) -> Conversion:
    return converted_bytes("\n".join(map(json.dumps, trajectories)).encode())


def items_of(*steps: dict[str, Any]) -> list[dict[str, Any]]:
    return conversion_of(trajectory(*steps)).traces[0]["items"]


def test_tokens_of_copied_steps_are_kept_and_not_counted() -> None:
    _, continued = converted([FIXTURES / "terminal.jsonl"]).rows
    assert (continued["input_tokens"], continued["output_tokens"]) == (70, 4)
    copied = continued["trace"]["items"][1]
    assert copied["metrics"] == {"prompt_tokens": 61, "completion_tokens": 15}
    assert copied["is_copied_context"] is True


def test_results_that_name_no_call_answer_the_calls_of_their_step_in_order() -> None:
    items = items_of(
        observed("first", "second", source="agent", message="", tool_calls=asks("x", "y"))
    )
    assert [item["call_id"] for item in items[:2]] == [item["call_id"] for item in items[2:]]
    assert [item["output"] for item in items[2:]] == ["first", "second"]


def observed(*contents: str, **more: Any) -> dict[str, Any]:
    return {"observation": {"results": [{"content": text} for text in contents]}, **more}


def outline(items: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    """The kind of each item, and the log's call id of calls and outputs."""
    return [(item.get("role", item["type"]), item.get("original_call_id")) for item in items]


@pytest.mark.parametrize("source", ["agent", "system", "user"])
@pytest.mark.parametrize("message", ["ls", ""])
def test_an_observation_without_a_call_is_output_of_the_environment(
    source: str, message: str
) -> None:
    (row,) = conversion_of(
        trajectory(
            {"source": "user", "message": "What is in here?"},
            {"source": "agent", "message": "<execute>ls</execute>"},
            observed("a.txt", source=source, message=message, note="kept"),
            {"source": "agent", "message": "One file."},
        )
    ).rows
    output = next(item for item in row["trace"]["items"] if "output" in item)
    assert (output["name"], output["source"]) == ("environment", "observation")
    assert output["output"] == "a.txt"
    assert (row["turns"], row["tags"]) == (2 if source == "user" and message else 1, [])
    assert '"kept"' in json.dumps(row["trace"]["items"])
    assert not any(item.get("content") == [] for item in row["trace"]["items"])


def test_a_step_with_an_observation_only_answers_the_calls_of_the_step_before() -> None:
    items = items_of(
        {"source": "agent", "message": "", "tool_calls": asks("x", "y")},
        observed("of x", source="system", message=""),
        observed("of y", "of none", source="agent", message=""),
    )
    answers = [(item["output"], item["original_call_id"]) for item in items if "output" in item]
    assert answers == [("of x", "x"), ("of y", "y"), ("of none", None)]
    assert [item.get("source") for item in items[2:]] == [None, None, "observation"]
    assert (items[2]["step_source"], items[2]["step_id"]) == ("system", 2)


def test_a_result_without_a_call_id_does_not_take_the_call_of_another() -> None:
    results = [{"content": "of y"}, {"source_call_id": "x", "content": "of x"}]
    items = items_of(
        {"source": "agent", "message": "", "tool_calls": asks("open")},
        {
            "source": "agent",
            "message": "",
            "tool_calls": asks("x", "y"),
            "observation": {"results": results},
        },
        {"source": "system", "message": "Reset.", **observed("a new shell")},
    )
    assert outline(items) == [
        ("function_call", "open"),
        ("function_call", "x"),
        ("function_call", "y"),
        ("function_call_output", "y"),
        ("function_call_output", "x"),
        ("system", None),
        ("function_call_output", None),
    ]


def test_totals_that_include_copied_steps_are_not_counted() -> None:
    totals = {"total_prompt_tokens": 40, "total_completion_tokens": 2}
    (row,) = conversion_of(
        trajectory(
            {"source": "user", "message": "hi", "is_copied_context": True},
            {"source": "agent", "message": "hello", "is_copied_context": True},
            final_metrics=totals,
        )
    ).rows
    assert row["trace"]["metadata"].get("total_tokens") is None
    assert row["trace"]["metadata"]["extra"]["final_metrics"] == totals


def test_a_sub_agent_is_a_span_behind_the_call_that_names_it() -> None:
    (row,) = converted([FIXTURES / "delegation.json"]).rows
    events = row["trace"]["events"]
    call = next(event for event in events if event.get("agent") == "train-finder")
    begin = next(event for event in events if event.get("name") == "train-finder")
    assert call["agent_span_id"] == begin["span_id"]
    assert events.index(begin) == events.index(call) + 1
    inner = next(event for event in events if event.get("name") == "fare-finder")
    assert inner["parent_span_id"] == begin["span_id"]
    assert inner["metadata"]["notes"] == "cached fares"


def test_a_sub_agent_that_nothing_names_is_told_at_the_end() -> None:
    (row,) = converted([FIXTURES / "delegation.json"]).rows
    words = [event.get("name") for event in row["trace"]["events"] if event["type"] == "span_begin"]
    assert words == ["train-finder", "fare-finder", "hotel-finder"]


def test_sub_agents_inside_one_another_cost_no_stack() -> None:
    inner = trajectory({"source": "user", "message": "deepest"})
    for _ in range(120):
        inner = trajectory({"source": "user", "message": "deeper"}, subagent_trajectories=[inner])
    (trace,) = conversion_of(inner).traces
    assert sum(event["type"] == "span_begin" for event in trace["events"]) == 120
    assert "deepest" in json.dumps(trace)


def test_call_ids_that_repeat_from_step_to_step_link_their_own_results() -> None:
    steps = [
        {
            "source": "agent",
            "message": "",
            "tool_calls": asks("call_1"),
            "observation": {"results": [{"source_call_id": "call_1", "content": text}]},
        }
        for text in ("one", "two")
    ]
    call, result, call_2, result_2 = items_of(*steps)
    assert call["call_id"] == result["call_id"] != call_2["call_id"] == result_2["call_id"]


def test_the_total_is_that_of_the_trajectory_only_where_no_step_says_its_own() -> None:
    totals = {"total_prompt_tokens": 40, "total_completion_tokens": 2}
    (row,) = conversion_of(
        trajectory({"source": "user", "message": "hi"}, final_metrics=totals)
    ).rows
    assert row["trace"]["metadata"]["total_tokens"] == 42


@pytest.mark.parametrize("key", ["trajectory", "parent", "child"])
def test_a_trajectory_is_found_under_a_key_of_its_own(key: str) -> None:
    (row,) = converted_bytes(
        json.dumps({key: trajectory({"source": "user", "message": "hi"})}).encode(), format="atif"
    ).rows
    assert row["source_uri"] == f"log.json#{key}"


def test_a_step_of_nobody_sends_the_trajectory_to_quarantine_and_says_where() -> None:
    (row,) = converted([FIXTURES / "terminal.jsonl"]).quarantine
    assert (row["reason"], row["pointer"]) == ("unknown_shape", "/steps/0/source")
    assert "`narrator`" in row["message"]


@given(st.data())
def test_a_mutated_trajectory_becomes_a_trace_or_says_why_not(data: st.DataObject) -> None:
    record = data.draw(st.sampled_from(records()))
    assert_only_known_errors(FORMAT, [data.draw(mutated(record))])
