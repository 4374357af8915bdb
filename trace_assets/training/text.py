r"""Messages as the text of a question.

One message of the user alone is its own words, as the model will be asked. More are a line each,
`role: "text"`, the text as JSON, so that no text can be taken for a line of its own; a call is
`assistant: {"name": ..., "parameters": ...}`.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from trace_assets.training.conversation import Message, clean


def question_of(messages: Sequence[Message]) -> str:
    r"""The text of messages.

    >>> question_of([{"role": "user", "content": "Hi"}])
    'Hi'
    >>> question_of([{"role": "system", "content": "Be\nkind."}, {"role": "user", "content": "Hi"}])
    'system: "Be\\nkind."\nuser: "Hi"'
    """
    match messages:
        case [{"role": "user", "content": str(text)}]:
            return text
        case _:
            return "\n".join(line for message in messages for line in lines_of(message))


def lines_of(message: Message) -> Iterator[str]:
    """A message as lines: its text, then its calls."""
    if message.get("content"):
        yield f"{message['role']}: {dumped(message['content'])}"
    for call in message.get("tool_calls", ()):
        function = call["function"]
        answer = {"name": function["name"], "parameters": arguments_of(function)}
        yield f"{message['role']}: {dumped(answer)}"


def asked_in(question: str) -> str:
    r"""The words of the user in a question of any form: what tells whether two are the same.

    >>> asked_in('system: "Be kind."\nuser: "Hi"\nassistant: "Yes?"\nuser: "Bye"')
    'Hi\nBye'
    """
    if question.startswith("["):
        try:
            turns = json.loads(question)
        except ValueError:
            return question
        return "\n".join(_asked_by(turns)) or question
    return "\n".join(_asked_in_lines(question.split("\n"))) or question


def _asked_by(turns: Any) -> Iterator[str]:
    for turn in turns if isinstance(turns, list) else ():
        match turn:
            case {"role": "user", "content": str(text)}:
                yield text
            case _:
                pass


def _asked_in_lines(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        role, _, text = line.partition(": ")
        if role == "user" and text.startswith('"') and text.endswith('"'):
            try:
                yield json.loads(text)
            except ValueError:
                continue  # words of somebody, that only look like a line of ours


def arguments_of(function: dict[str, Any]) -> Any:
    """The arguments of a call: the object they mean, or the text where they mean none."""
    try:
        value = json.loads(function["arguments"])
    except (ValueError, RecursionError):
        return function["arguments"]
    return value if isinstance(value, dict) else function["arguments"]


def dumped(value: Any) -> str:
    """JSON for a model to read: letters as they are, and nothing that breaks an upload."""
    return clean(json.dumps(value, ensure_ascii=False))
