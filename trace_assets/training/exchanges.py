"""Finds conversations that share an exchange with a curated test set.

An exchange is a message of the user and the assistant's answer to it. A model that trains on a
question of the test set knows the test, whatever the answer was, so nearly the same question is
enough. Short questions, such as `yes please`, occur in many conversations: they also need the same
answer.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from trace_assets.training.conversation import Conversation, Message
from trace_assets.training.duplicates import Lookalikes, Sketch, sketch_of, words_of
from trace_assets.training.text import arguments_of, asked_in, turns_in

SHARES_EXCHANGE: Final = "shares_exchange_with_test"

_FEWEST_WORDS: Final = 4
"""A question with fewer words is the same only if its answer is."""


class _Exchange(NamedTuple):
    question: str
    answer: str

    def sketch(self) -> Sketch:
        """Return what is compared: the question alone, or both where the question is short."""
        if len(words_of(self.question)) >= _FEWEST_WORDS:
            return sketch_of(self.question)
        return sketch_of(f"{self.question}\n{self.answer}")


class TestExchanges:
    """The exchanges of a curated test set."""

    __test__ = False

    def __init__(self, rows: Iterable[Mapping[str, Any]], threshold: float) -> None:
        self._seen = Lookalikes(threshold)
        self._rows: list[int] = []
        for number, row in enumerate(rows):
            question = row["question"]
            # All questions together as well: a trace may be the whole conversation of a test row.
            self._add(number, sketch_of(asked_in(question)))
            for exchange in _exchanges_of_row(question, str(row.get("answer") or "")):
                self._add(number, exchange.sketch())

    def _add(self, row: int, sketch: Sketch) -> None:
        self._seen.add(len(self._rows), sketch)
        self._rows.append(row)

    def shared_with(self, conversation: Conversation) -> str:
        """Return the first test row that shares an exchange, such as `test row 0`, or nothing."""
        sketches = [sketch_of(conversation.asked())]
        sketches += [each.sketch() for each in _exchanges_in(conversation.messages)]
        found = (self._seen.first(sketch) for sketch in sketches)
        rows = [self._rows[key] for key in found if key is not None]
        return f"test row {min(rows)}" if rows else ""


def _exchanges_of_row(question: str, answer: str) -> Iterator[_Exchange]:
    turns = [*turns_in(question), {"role": "assistant", "content": _plain(answer)}]
    return _exchanges_in(turns)


def _exchanges_in(messages: Sequence[Message]) -> Iterator[_Exchange]:
    """Yield each message of the user with the first answer to it."""
    question: str | None = None
    for message in messages:
        match message:
            case {"role": "user", "content": str(text)}:
                if question is not None:
                    yield _Exchange(question, "")
                question = text
            case {"role": "assistant"} if question is not None:
                yield _Exchange(question, _answer_of(message))
                question = None
            case _:
                pass


def _answer_of(message: Message) -> str:
    calls = (call["function"] for call in message.get("tool_calls") or ())
    called = (_plain_call(each["name"], arguments_of(each)) for each in calls)
    return "\n".join([message.get("content") or "", *called])


def _plain(answer: str) -> str:
    """Return an answer as text; a call is written like the calls of a conversation."""
    try:
        value = json.loads(answer)
    except (ValueError, RecursionError):
        return answer
    match value:
        case {"name": str(name), "parameters": parameters}:
            return _plain_call(name, parameters)
        case _:
            return answer


def _plain_call(name: str, parameters: Any) -> str:
    return f"{name} {json.dumps(parameters, sort_keys=True)}"
