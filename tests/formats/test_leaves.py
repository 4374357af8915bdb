"""Every scalar of every fixture is found again, but for what its format says it drops."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.coverage import coverage_of
from benchmarks.leaves import lost
from tests.formats.test_detection_matrix import LOGS, name_of
from trace_assets.onepass.inputs import Input

SAID_OTHERWISE = {
    "langfuse/enriched.csv": {  # empty cells
        "/parent_observation_id",
        "/provided_model_name",
        "/total_cost",
    },
    "inspect_ai/riddles.json": {  # a reference, for which stands what it refers to
        "/messages/*/content",
        "/transcript/events/*/input/*/content",
    },
    "openai_messages/calls_of_one_conversation.jsonl": {  # "" in a repetition, null at first
        "/request/messages/*/content",
    },
    "openai_messages/repeated_history.jsonl": {  # without the line end of the answer it repeats
        "/request/messages/*/content",
    },
    "otlp/exported_again/a.jsonl": {"/endTimeUnixNano"},  # a zero: it had not ended
    "tau2bench/voice.json": {  # pieces of one message
        "/ticks/*/agent_chunk/content",
        "/ticks/*/user_chunk/content",
    },
}
"""Leaves that are there as something that no search for the same scalar finds."""


@pytest.mark.parametrize("log", LOGS, ids=name_of)
def test_every_scalar_of_a_log_is_found_again(log: Path) -> None:
    found = coverage_of(Input(log, log.name))
    assert found.format == name_of(log).partition("/")[0]
    assert found.missing.keys() == SAID_OTHERWISE.get(name_of(log), set())


def test_a_scalar_that_is_not_there_is_told_with_its_place() -> None:
    log = {"seed": 4711, "names": ["a", "b"], "none": None}
    assert sorted(lost(log, {"x": ["a", 471]})) == ["/names/1: 'b'", "/seed: 4711"]


@pytest.mark.parametrize(
    ("logged", "made"),
    [
        ({"startTime": [1767348000, 500]}, "2026-01-02T10:00:00.000000500Z"),
        ({"startTimeUnixNano": "1500"}, "1970-01-01T00:00:00.0000015Z"),
        ({"spanId": "5aNRWtbwMe4="}, "e5a3515ad6f031ee"),
        ({"span_id": "0xe5a3515ad6f031ee"}, "e5a3515ad6f031ee"),
        ({"attributes": [{"key": "n", "value": {"intValue": "7"}}]}, 7),
        ({"tags": [{"key": "n", "type": "int64", "value": 7}]}, "7"),
        ({"response": "Response(id='r1', output=[{'role': 'user', 'n': 7}])"}, ["r1", 7]),
        ({"arguments": '{"n": 7}'}, {"n": 7}),
    ],
)
def test_a_scalar_in_another_spelling_is_found_and_another_one_is_not(
    logged: Any, made: Any
) -> None:
    assert not lost(logged, made)
    assert lost(logged, ["another", 8, "2026-01-02T10:00:00Z"])
