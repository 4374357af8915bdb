"""Exchanges that conversations share with a curated test set."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.trace.making import assistant, call, user
from tests.training.making import command, conversation, dataset, read, recipe_dict, trace
from trace_assets.training.exchanges import TestExchanges

BALANCE = "What is the balance of my second account?"


def shared(row: dict[str, Any], *items: Any) -> str:
    other = {"question": "Is there a bus to the old station?", "answer": "Yes"}
    return TestExchanges([other, row], 0.8).shared_with(conversation(*items))


@pytest.mark.parametrize(
    "question",
    [
        BALANCE,
        'user: "Hi"\nassistant: "Hello"\nuser: "' + BALANCE + '"',
        json.dumps([{"role": "user", "content": BALANCE}]),
    ],
)
def test_one_exchange_of_a_longer_conversation_is_enough(question: str) -> None:
    talk = (user("Good day to you all"), assistant("Hello"), user(BALANCE), assistant("Two"))
    assert shared({"question": question, "answer": "Three"}, *talk) == "test row 1"
    assert shared({"question": question, "answer": "Three"}, *talk[:2]) == ""


def test_an_earlier_exchange_of_a_test_row_counts() -> None:
    question = f'user: "{BALANCE}"\nassistant: "Two"\nuser: "And in the first one, please?"'
    assert shared({"question": question}, user(BALANCE), assistant("Two")) == "test row 1"


def test_a_short_question_needs_the_same_answer() -> None:
    row = {"question": "yes please", "answer": "The window seat is yours now."}
    assert shared(row, user("Yes, please!"), assistant("The window seat is yours now."))
    assert not shared(row, user("Thanks"), assistant("The window seat is yours now."))
    assert not shared(row, user("Hello"), assistant("Soup?"), user("Yes please"), assistant("Ok"))


def test_a_call_is_the_same_answer_in_both_forms() -> None:
    row = {"question": "Paris", "answer": '{"name": "get_weather", "parameters": {"city": "P"}}'}
    called = call("a", "get_weather", '{"city":"P"}')
    assert shared(row, user("Paris"), called) == "test row 1"
    hello = (user("Hello"), assistant("Where?"))
    assert shared(row, *hello, user("Paris"), called) == "test row 1"
    assert not shared(row, *hello, user("Paris"), call("a", "get_time", "{}"))


def test_what_is_off_the_job_is_held_to_the_curated_test_set_too(tmp_path: Path) -> None:
    verse = "Grey waves roll in and gulls cry loud, the wind drives foam against the cloud."
    texts = ["Sing of the sea for a while", "Sing of the hills for a while"]
    sung = [trace(user(text), assistant(verse), trace_id=text) for text in texts]
    talks = [
        trace(user(f"Open account {n} for customer {n * 7}"), assistant("Done"), trace_id=f"t{n}")
        for n in range(4)
    ]
    made = recipe_dict("question-answering", local={"relevance_threshold": 0})
    made["job_description"]["task_description"] = "Open and close accounts of bank customers."
    (tmp_path / "test.jsonl").write_text(json.dumps({"question": texts[0], "answer": "La"}))
    command(tmp_path, made, dataset(tmp_path, *talks, *sung), "--test", tmp_path / "test.jsonl")
    folder = tmp_path / "out/traces"
    asked = [row["messages"][0]["content"] for row in read(folder / "traces.jsonl")]
    assert asked[4:] == texts[1:]
    (left,) = read(tmp_path / "out/left_out.jsonl")
    assert (left["trace_id"], left["reason"]) == (texts[0], "shares_exchange_with_test")
