"""What an upload would fail on, told before it: contract `distil`, section 7."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from trace_assets.training.conversation import is_clean
from trace_assets.training.duplicates import Lookalikes, sketch_of
from trace_assets.training.given import GivenTest
from trace_assets.training.recipe import MULTI_TURN, TOOL_TASKS, Recipe
from trace_assets.training.rows import Tools
from trace_assets.training.text import asked_in
from trace_assets.training.verdicts import (
    is_message,
    texts_in,
    tool_of,
    unsafe,
    wrong_answer,
    wrong_turns,
)

FEWEST_ROWS = 20
"""Of train and of test: the platform takes no fewer."""

_MOST_TOLD = 10


class Check(NamedTuple):
    """One thing that must hold."""

    blocking: bool
    """Whether an upload would fail."""
    description: str


CHECKS = {
    "rows_are_enough": Check(True, "Train and test have 20 rows each, and the recipe's minimum."),
    "rows_are_filled": Check(True, "Each row has exactly its columns, all text, none empty."),
    "text_is_safe": Check(True, "Each line is a JSON object in ASCII without control characters."),
    "rows_are_short": Check(True, "No row is longer than validation_max_total_length."),
    "answers_are_known": Check(
        True, "Each answer is a class of the job, or a call of one of its tools that fits."
    ),
    "questions_are_turns": Check(
        True, "Multi-turn questions are arrays of turns, one call each, the last turn the user's."
    ),
    "classes_are_covered": Check(True, "Each class of the job is in train."),
    "test_is_apart": Check(
        True, "No trace is in train and test, and no question of one is nearly that of another."
    ),
    "uploads_hold": Check(True, "Each line of traces.jsonl has messages that a reader accepts."),
    "tools_are_covered": Check(False, "Each tool of the job is in train."),
    "bases_are_equal": Check(False, "As many traces are meant to train as to test."),
}


class Finding(NamedTuple):
    """What a check found."""

    problems: int
    first: list[str]
    """The first ones, in words: where, what was found, what is expected."""


class Bundle(NamedTuple):
    """A training set to check."""

    lines: Callable[[str], Iterable[bytes]]
    """The lines of one of its files."""
    recipe: Recipe
    given: GivenTest | None


def check(bundle: Bundle) -> dict[str, Finding]:
    """What each check finds; nothing where all is well."""
    found: dict[str, Finding] = {}
    for name in CHECKS:
        problems = _RULES[name](bundle)
        first = [problem for _, problem in zip(range(_MOST_TOLD), problems, strict=False)]
        found[name] = Finding(len(first) + sum(1 for _ in problems), first)
    return found


def blockers(found: dict[str, Finding]) -> dict[str, Finding]:
    """Those that an upload would fail on."""
    return {name: each for name, each in found.items() if each.problems and CHECKS[name].blocking}


def _rows(bundle: Bundle, part: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows of train or test, each with where it is."""
    if part == "test" and bundle.given:
        for number, row in enumerate(bundle.given.rows):
            yield f"{bundle.given.name}: row {number}", row
        return
    name = f"dataset/{part}.jsonl"
    for number, line in enumerate(bundle.lines(name)):
        yield f"{name}: row {number}", json.loads(line)


def _both(bundle: Bundle) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from _rows(bundle, "train")
    yield from _rows(bundle, "test")


def _rows_are_enough(bundle: Bundle) -> Iterator[str]:
    least = bundle.recipe.config.trace_processing.min_generated_examples
    for part, fewest in (("train", max(FEWEST_ROWS, least)), ("test", FEWEST_ROWS)):
        count = sum(1 for _ in _rows(bundle, part))
        if count < fewest:
            yield f"{part}: {count} rows; expected {fewest} or more"


def _rows_are_filled(bundle: Bundle) -> Iterator[str]:
    for where, row in _both(bundle):
        if set(row) != {"question", "answer"}:
            yield f"{where}: columns {', '.join(row)}; expected question, answer"
        for name, value in row.items():
            if not isinstance(value, str) or not value.strip():
                yield f"{where}: {name}: expected a text that is not empty"
    for number, line in enumerate(bundle.lines("dataset/unstructured.jsonl")):
        if not json.loads(line).get("context"):
            yield f"dataset/unstructured.jsonl: row {number}: no context"


def _text_is_safe(bundle: Bundle) -> Iterator[str]:
    names = ["traces/traces.jsonl", "dataset/train.jsonl", "dataset/unstructured.jsonl"]
    if bundle.given:
        for where, row in _rows(bundle, "test"):
            if not all(map(is_clean, texts_in(row))):
                yield f"{where}: holds control characters or U+2028"
    else:
        names.append("dataset/test.jsonl")
    for name in names:
        for number, line in enumerate(bundle.lines(name)):
            if problem := unsafe(line):
                yield f"{name}: line {number + 1}: {problem}"


def _rows_are_short(bundle: Bundle) -> Iterator[str]:
    most = bundle.recipe.most_characters
    for where, row in _both(bundle):
        length = sum(len(value) for value in row.values() if isinstance(value, str))
        if length > most:
            yield f"{where}: {length:,} characters; at most {most:,}"


def _answers_are_known(bundle: Bundle) -> Iterator[str]:
    job, task = bundle.recipe.job_description, bundle.recipe.task
    tools = Tools(job.parameters_of())
    for where, row in _both(bundle):
        answer = row.get("answer")
        if task in TOOL_TASKS:
            if problem := wrong_answer(answer, tools):
                yield f"{where}: answer: {problem}"
        elif task == "classification" and answer not in (job.classes_description or {}):
            known = ", ".join(job.classes_description or {})
            yield f"{where}: answer: {answer!r} is no class; known: {known}"


def _questions_are_turns(bundle: Bundle) -> Iterator[str]:
    if bundle.recipe.task == MULTI_TURN:
        for where, row in _both(bundle):
            if problem := wrong_turns(row.get("question")):
                yield f"{where}: question: {problem}"


def _classes_are_covered(bundle: Bundle) -> Iterator[str]:
    if bundle.recipe.task == "classification":
        seen = {row.get("answer") for _, row in _rows(bundle, "train")}
        for name in bundle.recipe.job_description.classes_description or {}:
            if name not in seen:
                yield f"train: no row of the class {name!r}"


def _tools_are_covered(bundle: Bundle) -> Iterator[str]:
    if bundle.recipe.task in TOOL_TASKS:
        seen = {tool_of(row.get("answer")) for _, row in _rows(bundle, "train")}
        for name in bundle.recipe.job_description.parameters_of():
            if name not in seen:
                yield f"train: no call of the tool {name!r}"


def _test_is_apart(bundle: Bundle) -> Iterator[str]:
    tested = Lookalikes(bundle.recipe.local.near_duplicate_threshold)
    for number, (_, row) in enumerate(_rows(bundle, "test")):
        tested.add(number, sketch_of(asked_in(str(row.get("question")))))
    for where, row in _rows(bundle, "train"):
        alike = tested.first(sketch_of(asked_in(row["question"])))
        if alike is not None:
            yield f"{where}: question: nearly that of test row {alike}"
    traces: dict[str, set[str]] = {"train": set(), "test": set()}
    for line in bundle.lines("provenance.jsonl"):
        match json.loads(line):
            case {"file": "dataset/train.jsonl", "trace_id": str(trace_id)}:
                traces["train"].add(trace_id)
            case {"file": "dataset/test.jsonl", "trace_id": str(trace_id)}:
                traces["test"].add(trace_id)
            case _:
                pass
    for trace_id in sorted(traces["train"] & traces["test"]):
        yield f"trace {trace_id}: is in train and in test"


def _uploads_hold(bundle: Bundle) -> Iterator[str]:
    langfuse = bundle.recipe.config.trace_processing.observation_format == "langfuse"
    count = 0
    for number, line in enumerate(bundle.lines("traces/traces.jsonl")):
        count += 1
        value = json.loads(line)
        messages = value.get("input" if langfuse else "messages")
        if not isinstance(messages, list) or not all(map(is_message, messages)):
            yield f"traces/traces.jsonl: line {number + 1}: no messages that a reader accepts"
    if not count:
        yield "traces/traces.jsonl: no trace"


def _bases_are_equal(bundle: Bundle) -> Iterator[str]:
    processing = bundle.recipe.config.trace_processing
    train, test = processing.num_traces_as_training_base, processing.num_traces_as_testing_base
    if train != test and not bundle.given:
        yield f"num_traces_as_training_base is {train}, num_traces_as_testing_base {test}"


_RULES: dict[str, Callable[[Bundle], Iterator[str]]] = {
    "rows_are_enough": _rows_are_enough,
    "rows_are_filled": _rows_are_filled,
    "text_is_safe": _text_is_safe,
    "rows_are_short": _rows_are_short,
    "answers_are_known": _answers_are_known,
    "questions_are_turns": _questions_are_turns,
    "classes_are_covered": _classes_are_covered,
    "test_is_apart": _test_is_apart,
    "uploads_hold": _uploads_hold,
    "tools_are_covered": _tools_are_covered,
    "bases_are_equal": _bases_are_equal,
}
