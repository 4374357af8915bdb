"""The checks: each finds what an upload would fail on."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.trace.making import Value, call, output, user
from tests.training.making import command, dataset, recipe, recipe_dict, trace
from trace_assets.training.checks import CHECKS, Bundle, check
from trace_assets.training.given import load_test

TASK = "multi-turn-tool-calling-closed-book"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[bytes]]:
    """The lines of a training set that nothing is wrong with."""
    folder = tmp_path_factory.mktemp("good")
    tools = ("get_time", "get_weather")
    given = [
        trace(
            user(f"Question {n} of subject {n * n} in place {n + 3}?"),
            call("a", tools[n % 2], '{"city": "Rome"}'),
            output("a"),
            trace_id=f"t{n}",
        )
        for n in range(50)
    ]
    assert command(folder, recipe_dict(TASK), dataset(folder, *given)) == 0
    names = [*("train", "test", "unstructured"), "traces"]
    paths = [f"{'traces' if name == 'traces' else 'dataset'}/{name}.jsonl" for name in names]
    return {
        name: (folder / "out" / name).read_bytes().splitlines(keepends=True)
        for name in (*paths, "provenance.jsonl")
    }


def found_in(lines: dict[str, list[bytes]]) -> dict[str, list[str]]:
    found = check(Bundle(lambda name: lines[name], recipe(TASK), None))
    return {name: each.first for name, each in found.items() if each.problems}


def changed(line: bytes, change: Callable[[Value], None]) -> bytes:
    row = json.loads(line)
    change(row)
    return json.dumps(row).encode() + b"\n"


def test_a_good_training_set_passes_every_check(good: dict[str, list[bytes]]) -> None:
    assert found_in(good) == {}


def answer(value: Any) -> Callable[[Value], None]:
    return lambda row: row.update(answer=value if isinstance(value, str) else json.dumps(value))


def question(value: Any) -> Callable[[Value], None]:
    return lambda row: row.update(question=value if isinstance(value, str) else json.dumps(value))


CALL = {"type": "function", "function": {"name": "get_time", "arguments": {}}}


@pytest.mark.parametrize(
    ("change", "name", "words"),
    [
        (answer(""), "rows_are_filled", "answer: expected a text"),
        (lambda row: row.update(id="1"), "rows_are_filled", "columns question, answer, id"),
        (answer("sunny"), "answers_are_known", "answer: not JSON"),
        (answer({"name": "get_news", "parameters": {}}), "answers_are_known", "'get_news'; known"),
        (answer({"name": "get_weather", "parameters": {}}), "answers_are_known", "'city' is a req"),
        (answer({"name": "get_time", "arguments": {}}), "answers_are_known", 'expected {"name"'),
        (question("Hi"), "questions_are_turns", "question: not JSON"),
        (question([]), "questions_are_turns", "the last turn is not the user's"),
        (
            question(
                [
                    {"role": "assistant", "content": "", "tool_calls": [CALL, CALL]},
                    {"role": "user", "content": "Hi"},
                ]
            ),
            "questions_are_turns",
            "turn 0: expected",
        ),
        (lambda row: row.update(answer=row["answer"] + "\x0b"), "text_is_safe", "control"),
        (lambda row: row.update(answer=row["answer"] + " " * 10_000), "rows_are_short", "at most"),
    ],
)
def test_a_row_that_the_platform_refuses_is_named(
    good: dict[str, list[bytes]], change: Callable[[Value], None], name: str, words: str
) -> None:
    first, *others = good["dataset/train.jsonl"]
    found = found_in({**good, "dataset/train.jsonl": [changed(first, change), *others]})
    assert found[name][0].startswith(("dataset/train.jsonl: row 0", "dataset/train.jsonl: line 1"))
    assert words in found[name][0]
    assert CHECKS[name].blocking


def test_raw_line_separators_are_found(good: dict[str, list[bytes]]) -> None:
    first, *others = good["traces/traces.jsonl"]
    raw = first.replace(b"Question", "Quest\u2028ion".encode())
    found = found_in({**good, "traces/traces.jsonl": [raw, *others]})
    assert "line 1: holds characters above ASCII" in found["text_is_safe"][0]


def test_a_question_of_test_in_train_is_found_even_rewritten(
    good: dict[str, list[bytes]],
) -> None:
    leaked = good["dataset/test.jsonl"][0].replace(b"Question", b"QUESTION:")
    found = found_in({**good, "dataset/train.jsonl": [*good["dataset/train.jsonl"], leaked]})
    assert found["test_is_apart"] == [
        "dataset/train.jsonl: row 25: question: nearly that of test row 0"
    ]


def test_few_rows_and_tools_without_a_call_are_found(good: dict[str, list[bytes]]) -> None:
    only = [line for line in good["dataset/train.jsonl"] if b"get_time" in line]
    found = found_in({**good, "dataset/train.jsonl": only})
    assert found["rows_are_enough"][0].startswith("train: ")
    assert found["tools_are_covered"] == ["train: no call of the tool 'get_weather'"]
    assert not CHECKS["tools_are_covered"].blocking


def test_a_given_test_set_is_checked_like_ours(
    good: dict[str, list[bytes]], tmp_path: Path
) -> None:
    path = tmp_path / "test.csv"
    path.write_text('question,answer\n"[]",no\n', encoding="utf-8")
    found = check(Bundle(lambda name: good[name], recipe(TASK), load_test(path)))
    assert found["rows_are_enough"].first == ["test: 1 rows; expected 20 or more"]
    assert found["answers_are_known"].first == ["test.csv: row 0: answer: not JSON"]
