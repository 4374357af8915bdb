"""Examples as rows of the platform: `question` and `answer`, both text.

Multi-turn questions are a JSON array of turns of user and assistant. What the platform has no turn
for is left out of them: system prompts (the job description takes their place) and results of tools
(unless `tool_results: as_user_turns`). An answer of text and calls is a turn of text and one of
each call. The row's answer is the last call that directly follows a turn of the user; what comes
after it is cut off.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from trace_assets.training.conversation import Message
from trace_assets.training.examples import Label, Labelled
from trace_assets.training.recipe import MULTI_TURN, TOOL_TASKS, Recipe
from trace_assets.training.schema import Parameters
from trace_assets.training.text import arguments_of, dumped, question_of


class Row(NamedTuple):
    """One row of train or test."""

    question: str
    answer: str
    name: str
    """The class or the tool of the answer; empty for text."""
    turn: int | None
    message: int | None
    """Which message of the conversation the answer was made from."""
    call: int = 0
    """Which of its calls."""


class NoRow(NamedTuple):
    """Why an example, or one call of it, is no row."""

    reason: str
    message: str
    turn: int | None
    at: int | None


class Rows:
    """Makes rows by a recipe."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        self._tools = Tools(recipe.job_description.parameters_of())

    def of(self, labelled: Labelled) -> Iterator[Row | NoRow]:
        """The rows of a conversation, by the order of its labels."""
        for label in labelled.labels:
            for row in self._of_label(labelled.conversation.messages, label):
                most = self._recipe.most_characters
                length = len(row.question) + len(row.answer) if isinstance(row, Row) else 0
                if isinstance(row, Row) and length > most:
                    message = f"question and answer have {length:,} characters; at most {most:,}"
                    yield NoRow("too_long", message, row.turn, row.message)
                else:
                    yield row

    def _of_label(self, messages: list[Message], label: Label) -> Iterator[Row | NoRow]:
        history, answer, at = _laid_out(messages, label, self._recipe)
        if answer is None:
            message = "no call directly follows a turn of the user"
            yield NoRow("no_call_after_the_user", message, label.turn, label.at)
            return
        if self._recipe.config.trace_processing.remove_system_prompt_from_traces:
            history = [message for message in history if message["role"] != "system"]
        make = self._of_calls if self._recipe.task in TOOL_TASKS else self._of_text
        for row in make(history, answer):
            yield row._replace(turn=label.turn, **{_PLACE[type(row)]: at})

    def _of_text(self, history: list[Message], answer: Message) -> Iterator[Row | NoRow]:
        text = (answer.get("content") or "").strip()
        classes = self._recipe.job_description.classes_description
        if not text:
            yield _no_row("empty_answer", "the answer has no text")
        elif self._recipe.task != "classification":
            yield Row(question_of(history), text, "", None, None)
        elif classes and text in classes:
            yield Row(question_of(history), text, text, None, None)
        else:
            yield _no_row("unknown_class", f"{text[:80]!r}; known: {', '.join(classes or {})}")

    def _of_calls(self, history: list[Message], answer: Message) -> Iterator[Row | NoRow]:
        calls: list[dict[str, Any]] = answer.get("tool_calls") or []
        single = self._recipe.task != MULTI_TURN
        if len(calls) > 1 and self._recipe.local.parallel_tool_calls == "leave_out":
            yield _no_row("parallel_calls", f"{len(calls)} calls in one answer; expected one")
            return
        if answer.get("content"):
            history = [*history, {"role": "assistant", "content": answer["content"]}]
        # A turn of the user comes before the answer of a multi-turn row: the other calls do not.
        for number, call in enumerate(calls if single else calls[:1]):
            row = self._of_call(history, call["function"])
            yield row._replace(call=number) if isinstance(row, Row) else row
            history = [*history, {"role": "assistant", "content": None, "tool_calls": [call]}]

    def _of_call(self, history: list[Message], function: dict[str, Any]) -> Row | NoRow:
        name, parameters = function["name"], arguments_of(function)
        if wrong := self._tools.problem_of(name, parameters):
            return _no_row(*wrong)
        answer = dumped({"name": name, "parameters": parameters})
        if self._recipe.task != MULTI_TURN:
            return Row(question_of(history), answer, name, None, None)
        turns = list(self._turns(history))
        calls = [call for turn in turns for call in turn.get("tool_calls", ())]
        if any(not isinstance(call["function"]["arguments"], dict) for call in calls):
            message = "a call before the answer has arguments that are no JSON object"
            return _no_row("history_arguments_not_json", message)
        return Row(dumped(turns), answer, name, None, None)

    def _turns(self, history: Sequence[Message]) -> Iterator[dict[str, Any]]:
        for message in history:
            match message:
                case {"role": "system"}:
                    continue
                case {"role": "tool", "content": text}:
                    if self._recipe.local.tool_results == "as_user_turns":
                        yield {"role": "user", "content": text}
                case {"role": role, "content": text}:
                    if text:
                        yield {"role": role, "content": text}
                    for call in message.get("tool_calls", ()):
                        yield _turn_of(call["function"])


_PLACE = {Row: "message", NoRow: "at"}


class Tools:
    """The tools that an answer may call."""

    def __init__(self, schemas: Mapping[str, dict[str, Any]]) -> None:
        self._tools = {name: Parameters(each) for name, each in schemas.items()}

    def problem_of(self, name: str, parameters: Any) -> tuple[str, str] | None:
        """Why a call is not one of them: a reason and a sentence; None where it is."""
        if name not in self._tools:
            return "unknown_tool", f"{name!r}; known: {', '.join(self._tools)}"
        if not isinstance(parameters, dict):
            return "arguments_not_json", f"{name}: {str(parameters)[:80]!r} is no JSON object"
        problem = self._tools[name].problem_with(parameters)
        return ("parameters_invalid", f"{name}: {problem}") if problem else None


def _laid_out(
    messages: list[Message], label: Label, recipe: Recipe
) -> tuple[list[Message], Message | None, int | None]:
    """What is before the answer, the answer, and its place among the messages."""
    if label.at is not None:
        assert isinstance(label.label, dict)  # noqa: S101 - one answer has one label
        return messages[: label.at], label.label, label.at
    whole = _rewritten(messages, label)
    for at in reversed(range(len(whole))):
        if _can_end(whole, at, recipe):
            return whole[:at], whole[at], at
    return whole, None, None


def _rewritten(messages: list[Message], label: Label) -> list[Message]:
    """A conversation with all answers of the assistant as they were labelled."""
    labels = iter(label.label if isinstance(label.label, list) else ())
    asked = False
    rewritten: list[Message] = []
    for message in messages:
        asked = asked or message["role"] == "user"
        is_answer = asked and message["role"] == "assistant"
        rewritten.append(next(labels, message) if is_answer else message)
    return rewritten


def _can_end(messages: list[Message], at: int, recipe: Recipe) -> bool:
    """Whether a message can be the answer of a whole conversation."""
    message = messages[at]
    if message["role"] != "assistant" or bool(message.get("tool_calls")) != (
        recipe.task in TOOL_TASKS
    ):
        return False
    if recipe.task != MULTI_TURN:
        return True
    results = recipe.local.tool_results == "as_user_turns"
    before = [each["role"] for each in messages[:at] if each["role"] != "system"]
    while before and before[-1] == "tool" and not results:
        before.pop()
    return not message.get("content") and before[-1:] in (["user"], ["tool"])


def _turn_of(function: dict[str, Any]) -> dict[str, Any]:
    arguments = arguments_of(function)
    call = {"type": "function", "function": {"name": function["name"], "arguments": arguments}}
    return {"role": "assistant", "content": "", "tool_calls": [call]}


def _no_row(reason: str, message: str) -> NoRow:
    return NoRow(reason, message, None, None)


def row_line(row: Row) -> bytes:
    """The line of a row; ASCII, ends in a newline."""
    return json.dumps({"question": row.question, "answer": row.answer}).encode() + b"\n"
