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
    return "\n".join(turn["content"] for turn in turns_in(question) if turn["role"] == "user")


def turns_in(question: str) -> list[Message]:
    r"""Return the messages of a question of any form; at least one is the user's.

    >>> turns_in('user: "Hi"\nassistant: "Yes?"\nuser: "Bye"')[1]
    {'role': 'assistant', 'content': 'Yes?'}
    >>> turns_in("What is my balance?")
    [{'role': 'user', 'content': 'What is my balance?'}]
    """
    turns = _turns_of_array(question) or list(_turns_of_lines(question.split("\n")))
    if any(turn["role"] == "user" for turn in turns):
        return turns
    return [{"role": "user", "content": question}]


def _turns_of_array(question: str) -> list[Message]:
    if not question.startswith("["):
        return []
    try:
        turns = json.loads(question)
    except (ValueError, RecursionError):
        return []
    return [turn for turn in turns if _is_turn(turn)]


def _is_turn(turn: Any) -> bool:
    match turn:
        case {"role": "user" | "assistant", "content": str()}:
            return True
        case _:
            return False


def _turns_of_lines(lines: Iterable[str]) -> Iterator[Message]:
    for line in lines:
        role, _, text = line.partition(": ")
        if role in ("user", "assistant") and text.startswith('"') and text.endswith('"'):
            try:
                yield {"role": role, "content": json.loads(text)}
            except ValueError:
                continue  # a line of somebody's text that only looks like a message


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
