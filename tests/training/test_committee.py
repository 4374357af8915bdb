import json
from pathlib import Path
from typing import Any

import pytest

from tests.training.asking import (
    JOB,
    WEATHER,
    asked,
    asked_weather,
    call,
    endpoint_of,
    example_of,
    relabel,
    settings_of,
)
from tests.training.openai_server import OpenAIServer
from trace_assets.training.cache import AnswerCache
from trace_assets.training.examples import Example
from trace_assets.training.relabel import Relabelled, relabelled

pytest.importorskip("openai", reason="needs the extra `teacher`")


def decided(
    example: Example, folder: Path, *proposals: str, arbiter: str = "1", **limits: Any
) -> Relabelled:
    """What a committee with these proposals makes of an example."""
    models = {f"m{number}": text for number, text in enumerate(proposals)}
    with OpenAIServer({**models, "arbiter": arbiter}) as server:
        [result] = relabel([example], server, folder / "cache", *models, **limits)
    return result


def why_not(result: Relabelled) -> str:
    assert result.votes is not None
    assert result.kept_original
    return result.votes.votes[0].why


def weather(city: str, **more: Any) -> str:
    return json.dumps({"name": "get_weather", "parameters": {"city": city, **more}})


def test_where_all_agree_no_arbiter_is_asked(tmp_path: Path) -> None:
    result = decided(asked(), tmp_path, "Yes.", "Yes.\n", "Yes.", arbiter="never asked")
    assert (result.why, result.votes and result.votes.arbiter) == ("agreed", None)


def test_proposals_that_differ_in_the_order_of_keys_are_one(tmp_path: Path) -> None:
    other = '{"parameters": {"unit": "kelvin", "city": "Rom"}, "name": "get_weather"}'
    result = decided(asked_weather(), tmp_path, weather("Rom", unit="kelvin"), other)
    assert result.why == "agreed"


@pytest.mark.parametrize("pick", ["2", " 2.", "```\n2\n```", "<think>1 or 2?</think>2", "**2**"])
def test_the_arbiter_picks_by_number(tmp_path: Path, pick: str) -> None:
    result = decided(asked(), tmp_path, "Yes.", "No.", arbiter=pick)
    assert (result.label["content"], result.why) == ("No.", "arbiter")  # type: ignore[call-overload]  # one message


@pytest.mark.parametrize("pick", ["0", "3", "-1", "both", "", "٢", "9" * 5000])
def test_where_the_arbiter_picks_none_the_majority_decides(tmp_path: Path, pick: str) -> None:
    result = decided(asked(), tmp_path, "Yes.", "No.", "No.", arbiter=pick)
    assert result.label == {"role": "assistant", "content": "No."}
    assert result.why == "majority"
    assert result.votes is not None
    assert "is no number from 1 to 2" in result.votes.arbiter_why


def test_without_pick_and_majority_the_original_is_kept(tmp_path: Path) -> None:
    result = decided(asked(said="Old."), tmp_path, "Yes.", "No.", arbiter="?")
    assert (result.kept_original, result.why) == (True, "no_agreement")
    assert result.label == {"role": "assistant", "content": "Old."}


def test_the_arbiter_sees_each_proposal_once_and_no_names(tmp_path: Path) -> None:
    models = {"secret-one": "Yes.", "secret-two": "No.", "secret-three": "Yes."}
    with OpenAIServer({**models, "arbiter": "1"}) as server:
        relabel([asked()], server, tmp_path / "cache", *models)
        question = server.asked[-1][1]["messages"][1]["content"]
    assert question.endswith(
        'Proposals:\n1: {"content": "Yes.", "role": "assistant"}\n'
        '2: {"content": "No.", "role": "assistant"}'
    )


def test_a_fenced_call_is_taken_out_of_its_fence(tmp_path: Path) -> None:
    fenced = f"```json\n{weather('London')}\n```"
    result = decided(asked_weather(), tmp_path, fenced)
    assert result.label == call("get_weather", '{"city": "London"}')


@pytest.mark.parametrize(
    ("proposal", "why"),
    [
        ("I would ask the weather tool.", "is no JSON"),
        ('{"name": "get_weather", "parameters": {"city": 5}}', "5 is not of type 'string'"),
        ('{"name": "get_weather", "parameters": {}}', "'city' is a required property"),
        ('{"name": "get_news", "parameters": {}}', "'get_news' is no tool; known: get_weather"),
        ('{"name": "get_weather", "arguments": {"city": "Rom"}}', "expected {"),
        (f"[{weather('Rom')}, {weather('Bonn')}]", "2 calls; expected 1 to 1"),
        ("[" * 100_000, "is no JSON"),
    ],
)
def test_a_call_that_the_tools_do_not_know_is_no_label(
    tmp_path: Path, proposal: str, why: str
) -> None:
    assert why in why_not(decided(asked_weather(), tmp_path, proposal))


def test_where_the_original_was_json_only_json_is_a_label(tmp_path: Path) -> None:
    example = asked(said='{"balance": 5}')
    assert "is no JSON" in why_not(decided(example, tmp_path, "It is 6."))
    result = decided(example, tmp_path / "other", '```json\n{"balance": 6}\n```')
    assert result.label == {"role": "assistant", "content": '{"balance": 6}'}


def test_code_that_was_asked_for_keeps_its_fence(tmp_path: Path) -> None:
    fenced = "```python\nprint(1)\n```"
    assert decided(asked(), tmp_path, fenced).label == {"role": "assistant", "content": fenced}


def test_an_answer_that_was_cut_off_is_no_label(tmp_path: Path) -> None:
    with OpenAIServer({"one": "Your balance is"}) as server:
        server.finish_reason = "length"
        [result] = relabel([asked()], server, tmp_path / "cache", "one")
    assert "cut off" in why_not(result)


@pytest.mark.parametrize(("proposal", "is_kept"), [('"fraud"', False), ("Fraud!", True)])
def test_a_class_must_be_one_of_the_job(tmp_path: Path, proposal: str, is_kept: bool) -> None:
    job = JOB | {"classes_description": {"fraud": "Somebody cheats.", "other": "All else."}}
    with OpenAIServer({"one": proposal}) as server, AnswerCache(tmp_path / "cache") as cache:
        settings = settings_of(endpoint_of(server), "one")
        example = asked(said="other")
        [result] = relabelled([example], job_description=job, settings=settings, cache=cache)
    assert result.kept_original == is_kept
    assert result.label == {"role": "assistant", "content": "other" if is_kept else "fraud"}


WHOLE = example_of(
    "whole",
    [
        {"role": "user", "content": "How is the weather?"},
        call("get_weather", '{"city": "Bonn"}', "call_7"),
        {"role": "tool", "tool_call_id": "call_7", "content": "Rain"},
        {"role": "assistant", "content": "It rains."},
    ],
    [
        call("get_weather", '{"city": "Bonn"}', "call_7"),
        {"role": "assistant", "content": "It rains."},
    ],
    [WEATHER],
    turn=None,
)


def test_a_whole_conversation_is_rewritten_together_and_results_keep_their_calls(
    tmp_path: Path,
) -> None:
    call_again = {"content": None, "tool_calls": [json.loads(weather("London"))]}
    proposal = json.dumps([call_again, {"content": "It rains in London."}])
    result = decided(WHOLE, tmp_path, proposal)
    assert result.label == [
        call("get_weather", '{"city": "London"}', "call_7"),
        {"role": "assistant", "content": "It rains in London."},
    ]


@pytest.mark.parametrize(
    ("proposal", "why"),
    [
        ([{"content": "It rains."}], "1 messages; expected an array of 2"),
        ({"content": "It rains."}, "no array"),
        ([{"content": "It rains."}, {"content": "Yes."}], "message 0: expected an array of 1"),
        ([{"tool_calls": [json.loads(weather("Rom"))]}, {"content": ""}], "message 1: empty"),
        ([{"text": "Hi"}, {"content": "Yes."}], "message 0: neither content nor tool_calls"),
    ],
)
def test_a_whole_conversation_with_other_messages_or_calls_is_no_label(
    tmp_path: Path, proposal: Any, why: str
) -> None:
    assert why in why_not(decided(WHOLE, tmp_path, json.dumps(proposal)))


def test_a_tool_that_refers_elsewhere_is_not_fetched(tmp_path: Path) -> None:
    with OpenAIServer({}) as elsewhere:
        parameters = {"$ref": f"{elsewhere.url}/schema"}
        tool = {"type": "function", "function": {"name": "get_weather", "parameters": parameters}}
        example = example_of("r", asked().messages, asked_weather().label, [tool])
        assert not decided(example, tmp_path, weather("Rom")).kept_original
        assert elsewhere.gets == 0


def test_text_that_has_no_utf8_is_asked_about_all_the_same(tmp_path: Path) -> None:
    example = example_of("s", [{"role": "user", "content": "lone \ud800"}], asked().label)
    assert decided(example, tmp_path, "Yes.").why == "agreed"
