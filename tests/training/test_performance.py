from pathlib import Path
from typing import Any

import pytest

from tests.training.asking import JOB, WEATHER, asked, asked_weather, call, endpoint_of, example_of
from tests.training.openai_server import OpenAIServer
from trace_assets.training.cache import AnswerCache
from trace_assets.training.examples import Example
from trace_assets.training.judging import Judge
from trace_assets.training.performance import base_model_performance
from trace_assets.training.relabel import Relabelled

QA = "question-answering"
CALLS = "tool-calling-closed-book"


def relabelled(example: Example, label: Any) -> Relabelled:
    return Relabelled(example, label, None, kept_original=False, why="agreed")


def said(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def test_the_original_answers_are_scored_against_the_new_labels() -> None:
    results = [
        relabelled(asked(1, said="You have $5."), said("You have $5.")),
        relabelled(asked(2, said="No idea."), said("You have $7.")),
    ]
    summary, rows = base_model_performance(results, task=QA, tools=())
    assert summary["metrics"]["exact_match"] == 0.5
    assert summary["agreement"] == {"metric": "exact_match", "value": 0.5, "band": "medium"}
    assert summary["notes"][-1] == "llm_as_a_judge: no endpoint is set"
    assert rows[1]["prediction"] == "No idea."
    assert rows[1]["reference"] == "You have $7."
    assert (rows[1]["example_id"], rows[1]["exact_match"]) == ("t2:1", 0.0)


def test_a_label_that_was_kept_is_not_compared_with_itself() -> None:
    kept = Relabelled(asked(1), asked(1).label, None, kept_original=True, why="ceiling_reached")
    summary, rows = base_model_performance([kept], task=QA, tools=())
    assert summary["metrics"]["exact_match"] is None
    assert (summary["examples"], summary["predictions"], summary["compared"]) == (1, 1, 0)
    assert summary["agreement"] is None
    assert "nothing to compare" in summary["notes"][0]
    assert (rows[0]["exact_match"], rows[0]["why"]) == (None, "ceiling_reached")


def test_calls_are_compared_as_the_platform_writes_them() -> None:
    label = call("get_weather", '{"city": "London", "unit": "celsius"}')
    same = relabelled(asked_weather('{"city": "London"}'), label)
    other = relabelled(asked_weather('{"city": "Bonn", "unit": "kelvin"}'), label)
    broken = relabelled(asked_weather('{"city": '), label)
    summary, rows = base_model_performance([same, other, broken], task=CALLS, tools=[WEATHER])
    assert rows[0]["prediction"] == '{"name": "get_weather", "parameters": {"city": "London"}}'
    assert [row["tool_call_equivalence"] for row in rows] == [1, 0, 0]
    assert [row["staged_tool_call"] for row in rows] == [0.5, 0.75, 0.5]
    assert summary["metrics"]["tool_call_equivalence"] == 0.333333
    assert summary["agreement"]["band"] == "low"


def test_a_call_too_many_or_text_in_place_of_a_call_costs() -> None:
    first, second = (call("get_weather", f'{{"city": "{city}"}}') for city in ("London", "Bonn"))
    both = first | {"tool_calls": first["tool_calls"] + second["tool_calls"]}
    example = asked_weather()
    too_many = relabelled(example_of("a", example.messages, both), first)
    text = relabelled(example_of("b", example.messages, said("It rains.")), first)
    _, rows = base_model_performance([too_many, text], task=CALLS, tools=[WEATHER])
    assert [row["binary_tool_call"] for row in rows] == [1, 0, 0]
    assert [row["call"] for row in rows] == [0, 1, 0]
    assert rows[2]["prediction"] == "It rains."


def test_a_whole_conversation_has_a_row_for_each_answer() -> None:
    messages = [
        {"role": "user", "content": "What is my balance?"},
        said("Your balance is $1."),
        {"role": "user", "content": "Transfer $100 to savings."},
        said("Done."),
    ]
    example = example_of("t", messages, [messages[1], messages[3]], turn=None)
    new = [said("Your balance is $1."), said("You have too little.")]
    _, rows = base_model_performance([relabelled(example, new)], task=QA, tools=())
    assert [(row["message"], row["exact_match"]) for row in rows] == [(0, 1.0), (1, 0.0)]


def test_a_judge_says_good_or_bad_and_what_it_says_else_is_no_verdict(tmp_path: Path) -> None:
    pytest.importorskip("openai", reason="needs the extra `teacher`")

    def judged(body: dict[str, Any]) -> str:
        question = body["messages"][1]["content"]
        return "**Good**" if "number 1" in question else "It depends." if "2" in question else "bad"

    results = [relabelled(asked(n, said="Yes."), said("Sure.")) for n in (1, 2, 3)]
    with OpenAIServer({"judge": judged}) as server, AnswerCache(tmp_path / "cache") as cache:
        judge = Judge("judge", endpoint_of(server), cache, JOB)
        summary, rows = base_model_performance(results, task=QA, tools=(), judge=judge)
        again, _ = base_model_performance(results, task=QA, tools=(), judge=judge)
        assert server.payments == 3
        told = server.asked[0][1]["messages"]
    assert [row["llm_as_a_judge"] for row in rows] == [1.0, None, 0.0]
    assert rows[1]["judge_why"] == "'It depends.' is neither good nor bad"
    assert summary["metrics"]["llm_as_a_judge"] == 0.5
    assert summary["notes"][-1] == "llm_as_a_judge: no verdict on 1 of 3 answers"
    assert again == summary
    assert 'Reference: "Sure."' in told[1]["content"]


def test_the_judge_follows_the_instructions_of_the_job(tmp_path: Path) -> None:
    pytest.importorskip("openai", reason="needs the extra `teacher`")
    job = JOB | {"llm_as_a_judge_instructions": "Only rhymes are good."}
    with OpenAIServer({"judge": "bad"}) as server, AnswerCache(tmp_path / "cache") as cache:
        judge = Judge("judge", endpoint_of(server), cache, job)
        results = [relabelled(asked(1), said("Sure."))]
        base_model_performance(results, task=QA, tools=(), judge=judge)
        assert "Only rhymes are good." in server.asked[0][1]["messages"][0]["content"]
