import json
import sys
from typing import Any

import pytest

from tests.training.asking import WEATHER
from trace_assets.training.metrics import (
    binary_tool_call,
    exact_match,
    meteor,
    rouge_l,
    staged_tool_call,
    tool_call_equivalence,
)
from trace_assets.training.schema import schemas_of

SCHEMAS = schemas_of([WEATHER])


def weather(**parameters: Any) -> str:
    return json.dumps({"name": "get_weather", "parameters": parameters})


def test_rouge_l_is_as_its_package_publishes_it() -> None:
    # The example in the readme of rouge-score: precision 0.625, recall 0.5556.
    reference = "The quick brown fox jumps over the lazy dog"
    assert rouge_l(reference, "The quick brown dog jumps on the log.") == pytest.approx(
        0.588235, 1e-5
    )


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        # The three examples in Wikipedia's article on METEOR.
        ("on the mat sat the cat", 0.5),
        ("the cat sat on the mat", 0.9977),
        ("the cat was sat on the mat", 0.9654),
    ],
)
def test_meteor_is_as_published(answer: str, expected: float) -> None:
    pytest.importorskip("nltk", reason="needs the extra `teacher`")
    assert meteor("the cat sat on the mat", answer) == pytest.approx(expected, abs=5e-5)


def test_meteor_knows_stems_and_no_synonyms() -> None:
    pytest.importorskip("nltk", reason="needs the extra `teacher`")
    assert (meteor("transferring", "transferred") or 0) > 0
    assert meteor("car", "automobile") == 0


def test_without_nltk_meteor_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nltk.translate.meteor_score", None)
    assert meteor("a", "a") is None


@pytest.mark.parametrize("text", ["余额是一千元", "Ваш баланс", "...", ""])
def test_the_same_text_is_the_best_score_in_any_script(text: str) -> None:
    assert exact_match(text, text) == rouge_l(text, text) == 1


@pytest.mark.parametrize(("reference", "answer"), [("a b", ""), ("", "a b"), ("a b", "c d")])
def test_nothing_in_common_is_nothing(reference: str, answer: str) -> None:
    assert rouge_l(reference, answer) == 0


def test_rouge_l_of_long_answers_is_quick_and_right() -> None:
    words = [str(number) for number in range(20_000)]
    backwards = " ".join(reversed(words))
    assert rouge_l(" ".join(words), backwards) == pytest.approx(1 / 20_000)


@pytest.mark.parametrize(
    ("answer", "equivalence", "binary", "staged"),
    [
        ("I cannot tell.", 0, 0, 0),
        ("", 0, 0, 0),
        ("[" * 5000, 0, 0, 0),
        ('"sunny"', 0, 0, 0.25),
        ('{"name": "get_news", "parameters": {"city": "London"}}', 0, 0, 0.25),
        ('{"name": "get_weather"}', 0, 0, 0.5),
        (weather(town="London"), 0, 0, 0.5),
        (weather(city="Paris"), 0, 0, 0.75),
        (weather(city="London"), 1, 1, 1),
        (weather(city="London", unit="celsius"), 1, 0, 0.5),
        (weather(city="London", unit="kelvin"), 0, 0, 0.5),
        ('{"parameters": {"city": "London"}, "name": "get_weather"}', 1, 1, 1),
    ],
)
def test_the_three_measures_of_a_tool_call(
    answer: str, equivalence: float, binary: float, staged: float
) -> None:
    reference = weather(city="London")
    assert tool_call_equivalence(reference, answer, SCHEMAS) == equivalence
    assert binary_tool_call(reference, answer) == binary
    assert staged_tool_call(reference, answer) == staged


def test_a_default_that_the_reference_leaves_out_may_be_left_out_by_either() -> None:
    short, full = weather(city="Bonn"), weather(unit="celsius", city="Bonn")
    assert tool_call_equivalence(full, short, SCHEMAS) == 1
    assert tool_call_equivalence(short, full, SCHEMAS) == 1


def test_true_is_not_one_and_one_is_one_point_zero() -> None:
    assert binary_tool_call(weather(n=1), weather(n=1.0)) == 1
    assert binary_tool_call(weather(n=1), weather(n=True)) == 0
    assert staged_tool_call(weather(n=[1]), weather(n=[True])) == 0.75
