"""How good the model was that produced the traces: its answers against the committee's.

Only labels that the committee gave say something about the original answers. An example that kept
its original would be compared with itself: it has a row without scores, and no part in the means.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

import msgspec

from trace_assets.training.form import Message
from trace_assets.training.judging import Judge, Pair
from trace_assets.training.metrics import (
    binary_tool_call,
    exact_match,
    meteor,
    rouge_l,
    staged_tool_call,
    tool_call_equivalence,
)
from trace_assets.training.recipe import TOOL_TASKS
from trace_assets.training.relabel import Relabelled
from trace_assets.training.schema import schemas_of

_BANDS = ((0.8, "high"), (0.5, "medium"), (0.0, "low"))


class _Answer(NamedTuple):
    """One answer of the original model, and what it should have been."""

    result: Relabelled
    message: int | None
    """Which message of the assistant it is, in a whole conversation."""
    call: int | None
    """Which call of the message."""
    pair: Pair


def base_model_performance(
    examples: Iterable[Relabelled],
    *,
    task: str,
    tools: Iterable[Mapping[str, Any]],
    judge: Judge | None = None,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A summary, and a row for each answer: `prediction` is the original, `reference` the label.

    A whole conversation has a row for each of its answers, a message with several calls one for
    each call. The judge is asked for text tasks only. A measure that could not be taken is null,
    and `notes` say why.

    Raises:
        TeacherError: the judge's endpoint cannot be used.
    """
    results = list(examples)
    is_of_tools = task in TOOL_TASKS
    answers = [each for result in results for each in _answers(result, is_of_tools=is_of_tools)]
    schemas = schemas_of(tools)
    rows = [
        _row(answer, _tool_scores(answer.pair, schemas) if is_of_tools else _scores(answer.pair))
        for answer in answers
    ]
    if judge and not is_of_tools:
        _add_verdicts(rows, answers, judge)
    return _summary(results, rows, task, is_judged=judge is not None), rows


def _answers(result: Relabelled, *, is_of_tools: bool) -> Iterator[_Answer]:
    example = result.example
    for number, reference, original in _messages(result):
        history = example.messages
        if number is not None:
            history = _before(example.messages, number)
        if is_of_tools:
            for call, pair in enumerate(_calls(history, reference, original)):
                yield _Answer(result, number, call, pair)
        elif not reference.get("tool_calls"):
            pair = Pair(history, reference.get("content") or "", _text(original))
            yield _Answer(result, number, None, pair)


def _messages(result: Relabelled) -> Iterator[tuple[int | None, Message, Message]]:
    match result.label, result.example.label:
        case list() as references, list() as originals:
            pairs = zip(references, originals, strict=True)
            yield from ((number, *pair) for number, pair in enumerate(pairs))
        case dict() as reference, dict() as original:
            yield None, reference, original
        case reference, original:
            raise TypeError(
                f"{result.example.example_id}: a {type(reference).__name__} for a label that was "
                f"a {type(original).__name__}; expected both to be a message or both a list"
            )


def _before(messages: Sequence[Mapping[str, Any]], number: int) -> Sequence[Mapping[str, Any]]:
    """What comes before an answer, counted from 0 behind the user's first message."""
    is_asked, left = False, number
    for place, message in enumerate(messages):
        is_asked = is_asked or message["role"] == "user"
        if is_asked and message["role"] == "assistant":
            if left == 0:
                return messages[:place]
            left -= 1
    return messages


def _calls(
    history: Sequence[Mapping[str, Any]], reference: Message, original: Message
) -> Iterator[Pair]:
    """Call against call; none is left out: a call too many has no reference, and a bad score."""
    expected = [_call(call) for call in reference.get("tool_calls") or ()]
    found = [_call(call) for call in original.get("tool_calls") or ()]
    if expected and not found:
        found = [original.get("content") or ""]
    for one, other in zip_longest(expected, found, fillvalue=""):
        if expected:
            yield Pair(history, one, other)


def _text(message: Message) -> str:
    calls = [_call(call) for call in message.get("tool_calls") or ()]
    return "\n".join([message.get("content") or "", *calls]).strip()


def _call(call: Mapping[str, Any]) -> str:
    """A call as the platform's answers are written."""
    function = call["function"]
    try:
        parameters = msgspec.json.decode(function["arguments"])
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        parameters = function["arguments"]
    answer = {"name": function["name"], "parameters": parameters}
    return json.dumps(answer, ensure_ascii=False)


def _scores(pair: Pair) -> dict[str, float | None]:
    _, reference, answer = pair
    return {
        "exact_match": exact_match(reference, answer),
        "rouge_l": rouge_l(reference, answer),
        "meteor": meteor(reference, answer),
    }


def _tool_scores(pair: Pair, schemas: Mapping[str, dict[str, Any]]) -> dict[str, float | None]:
    _, reference, answer = pair
    if not reference:
        return dict.fromkeys(_TOOL_MEASURES, 0.0)
    return {
        "tool_call_equivalence": tool_call_equivalence(reference, answer, schemas),
        "binary_tool_call": binary_tool_call(reference, answer),
        "staged_tool_call": staged_tool_call(reference, answer),
    }


_TOOL_MEASURES = ("tool_call_equivalence", "binary_tool_call", "staged_tool_call")
_TEXT_MEASURES = ("exact_match", "rouge_l", "meteor", "llm_as_a_judge")


def _row(answer: _Answer, scores: dict[str, float | None]) -> dict[str, Any]:
    result = answer.result
    example = result.example
    row = {
        "example_id": example.example_id,
        "trace_id": example.trace_id,
        "turn": example.turn,
        "message": answer.message,
        "call": answer.call,
        "reference": answer.pair.reference,
        "prediction": answer.pair.answer,
        "is_compared": not result.kept_original,
        "why": result.why,
    }
    return row | (dict.fromkeys(scores) if result.kept_original else scores)


def _add_verdicts(rows: list[dict[str, Any]], answers: Sequence[_Answer], judge: Judge) -> None:
    compared = [number for number, row in enumerate(rows) if row["is_compared"]]
    verdicts = judge.verdicts(answers[number].pair for number in compared)
    for row in rows:
        row |= {"llm_as_a_judge": None, "judge_why": ""}
    for number, verdict in zip(compared, verdicts, strict=True):
        good = None if verdict.is_good is None else float(verdict.is_good)
        rows[number] |= {"llm_as_a_judge": good, "judge_why": verdict.why}


def _summary(
    results: Sequence[Relabelled],
    rows: Sequence[Mapping[str, Any]],
    task: str,
    *,
    is_judged: bool,
) -> dict[str, Any]:
    compared = [row for row in rows if row["is_compared"]]
    measures = _TOOL_MEASURES if task in TOOL_TASKS else _TEXT_MEASURES
    means = {name: _mean([row.get(name) for row in compared]) for name in measures}
    relabelled = sum(not result.kept_original for result in results)
    return {
        "task": task,
        "examples": len(results),
        "relabelled_examples": relabelled,
        "predictions": len(rows),
        "compared": len(compared),
        "metrics": means,
        "agreement": _agreement(means),
        "notes": list(_notes(compared, means, is_judged=is_judged)),
    }


def _mean(scores: Sequence[float | None]) -> float | None:
    """The mean of the scores that there are, rounded so that it prints the same everywhere."""
    taken = [score for score in scores if score is not None]
    return round(sum(taken) / len(taken), 6) if taken else None


def _agreement(means: Mapping[str, float | None]) -> dict[str, Any] | None:
    """The measure that speaks for the original model, and its band: from .8 high, .5 medium."""
    for name in ("tool_call_equivalence", "llm_as_a_judge", "exact_match"):
        value = means.get(name)
        if value is not None:
            band = next(band for least, band in _BANDS if value >= least)
            return {"metric": name, "value": value, "band": band}
    return None


def _notes(
    compared: Sequence[Mapping[str, Any]], means: Mapping[str, float | None], *, is_judged: bool
) -> Iterator[str]:
    if not compared:
        yield "no label of these examples was relabelled: there is nothing to compare with"
        return
    if "meteor" in means and means["meteor"] is None:
        yield "meteor: needs the package nltk; install trace-assets[teacher]"
    elif "meteor" in means:
        yield "meteor: same words and same stems count, synonyms do not"
    if "llm_as_a_judge" in means and not is_judged:
        yield "llm_as_a_judge: no endpoint is set"
    unjudged = sum(row.get("llm_as_a_judge") is None for row in compared)
    if is_judged and "llm_as_a_judge" in means and unjudged:
        yield f"llm_as_a_judge: no verdict on {unjudged} of {len(compared)} answers"
