"""Whether one line, answer, question or message is as the platform wants it."""

import json
from collections.abc import Iterator
from typing import Any

from trace_assets.training.conversation import is_clean
from trace_assets.training.rows import Tools


def unsafe(line: bytes) -> str:
    """Why a line may break a reader; empty where it is safe."""
    if not line.isascii():
        return "holds characters above ASCII; expected them escaped"
    try:
        value = json.loads(line)
    except ValueError as error:
        return f"not JSON: {error}"
    if not isinstance(value, dict):
        return "expected an object"
    return "" if all(map(is_clean, texts_in(value))) else "holds control characters or U+2028"


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a value, however deep."""
    pending = [value]
    while pending:
        match pending.pop():
            case str(text):
                yield text
            case dict(fields):
                pending += fields.values()
            case list(entries):
                pending += entries
            case _:
                pass


def tool_of(answer: Any) -> str | None:
    """The tool that an answer calls, if it calls one."""
    match _parsed(answer):
        case {"name": str(name)}:
            return name
        case _:
            return None


def _parsed(text: Any) -> Any:
    """What a text means as JSON; None where it is none."""
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return None


def wrong_answer(answer: Any, tools: Tools) -> str:
    """Why an answer is no call of a tool; empty where it is one."""
    match _parsed(answer):
        case None:
            return "not JSON"
        case {"name": str(name), "parameters": parameters, **rest} if not rest:
            wrong = tools.problem_of(name, parameters)
            return wrong[1] if wrong else ""
        case _:
            return 'expected {"name": ..., "parameters": ...}'


def wrong_turns(question: Any) -> str:
    """Why a question is no array of turns; empty where it is one."""
    turns = _parsed(question)
    if not isinstance(turns, list):
        return "not JSON" if turns is None else "expected an array"
    for number, turn in enumerate(turns):
        match turn:
            case {"role": "user", "content": str(), **rest} if not rest:
                continue
            case {"role": "assistant", "content": str(text), **rest} if text and not rest:
                continue
            case {
                "role": "assistant",
                "content": "",
                "tool_calls": [
                    {"type": "function", "function": {"name": str(), "arguments": dict()}}
                ],
            }:
                continue
            case _:
                return f"turn {number}: expected a user's, or an assistant's with a text or a call"
    return "" if turns and turns[-1]["role"] == "user" else "the last turn is not the user's"


def is_message(message: Any) -> bool:
    """Whether a message of an upload has all that its role needs."""
    match message:
        case {"role": "tool", "tool_call_id": str(), "content": str()}:
            return True
        case {"role": "assistant", "content": None, "tool_calls": [_, *_]}:
            return True
        case {"role": "system" | "user" | "assistant", "content": str()}:
            return True
        case _:
            return False
