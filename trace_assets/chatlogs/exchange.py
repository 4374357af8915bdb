"""One record of a chat log as what a model was given and what it made of that.

A record is a conversation (`{"messages": [...]}`), a request with its response, a response alone,
or a request alone, in any API's words. It is told by where the messages stand.
"""

from typing import Any, NamedTuple, cast

from trace_assets import chat
from trace_assets.chat import Piece, Said, UnknownMessageError
from trace_assets.chat.fingerprint import utterance
from trace_assets.chat.states import contains, is_input
from trace_assets.chatlogs.bodies import open_body, read_message, read_messages, without
from trace_assets.chatlogs.keys import ANSWER_BESIDE, ANSWER_ONLY, AROUND_RESPONSE, RESPONSE
from trace_assets.chatlogs.requests import is_of_assistant, request_by_shape, request_of
from trace_assets.chatlogs.shapes import (
    decoded,
    is_answer,
    is_refusal_to_answer,
    is_run,
    layers,
    messages_key,
)
from trace_assets.chatlogs.training_sets import conversation
from trace_assets.chatlogs.trees import without_branches


class Exchange(NamedTuple):
    """What a record says."""

    given: list[Piece]
    """The conversation so far; all of it where no answer stands beside it."""
    made: list[Piece]
    """The answer."""
    told: dict[str, Any]
    """What the response says beside the answer: id, model, usage."""
    rest: dict[str, Any]
    """What the record says beside both; settings of a request are under the request's key."""
    repeated: int = 0
    """How many pieces are not in it because the response repeats them."""
    branches: list[list[Any]] = []  # noqa: RUF012 - never changed
    """Messages that name their parents and are not on the path of the conversation."""

    @property
    def said(self) -> dict[str, Any]:
        """Everything but the messages, the response's own as that of a record with one."""
        return {**self.rest, "response": self.told} if self.told else self.rest


class NoConversationError(UnknownMessageError):
    """A record that is known, and in which nobody says anything."""


def exchange(value: Any) -> Exchange:
    """Read one record; the value is not changed, and the exchange shares its parts.

    Raises:
        NoConversationError: it has a place for messages, and none in it.
        UnknownMessageError: it has no such place, or one of its messages is none.
    """
    record = {"messages": value} if isinstance(value, list) else conversation(value)
    if not isinstance(record, dict):
        raise UnknownMessageError("", "expected an object with messages, or a list of them")
    record, branches = without_branches(cast("dict[str, Any]", record))
    if isinstance(record.get("metadata"), str):  # as databases export it
        record = {**record, "metadata": decoded(record["metadata"])}
    read = _exchange(record)
    return read._replace(branches=branches) if branches else read


def _exchange(record: dict[str, Any]) -> Exchange:
    if is_answer(record):
        made, told = open_body(record, "assistant", "") or ([], record)
        return _checked(Exchange([], made, told, {}))
    if is_run(record):
        return _run(record)
    given, rest = request_of(record)
    made, told, rest = _made(rest)
    if given is None and made is None:
        raise _unknown(record)
    if made and not given and ANSWER_ONLY.isdisjoint(record):
        given, rest = request_by_shape(rest)
    return _checked(_without_repetition(Exchange(given or [], made or [], told, rest)))


def _run(record: dict[str, Any]) -> Exchange:
    """The result of a run of the Agents SDK: its input, and each response of the model."""
    asked = record.get("input")
    given = list(read_messages(asked, "user", "/input")) if isinstance(asked, str | list) else []
    made: list[Piece] = []
    told: list[dict[str, Any]] = []
    for position, response in enumerate(record["raw_responses"]):
        opened = open_body(response, "assistant", f"/raw_responses/{position}")
        if opened is None:
            raise UnknownMessageError(f"/raw_responses/{position}", "expected a response")
        made += opened[0]
        told.append(opened[1])
    beside = told[0] if len(told) == 1 else {"raw_responses": told}
    rest = {key: value for key, value in record.items() if key != "raw_responses"}
    if given:
        del rest["input"]
    return _checked(Exchange(given, made, beside, rest))


def beginning(record: Any) -> list[Piece]:
    """The first messages of a record, at least all before the first word of the assistant.

    For a long conversation this costs little.

    Raises:
        UnknownMessageError: as for `exchange`, but for a fault behind these messages.
    """
    record = conversation(record)
    if isinstance(record, dict):
        record, _ = without_branches(cast("dict[str, Any]", record))
    key = messages_key(record) if isinstance(record, dict) else None
    messages = decoded(record[key]) if key else record
    match messages:
        case [{"role": _} | {"from": _}, *_]:
            pieces: list[Piece] = []
            for position, message in enumerate(cast("list[Any]", messages)):
                if pieces and is_of_assistant(message):
                    break
                pieces += read_message(message, "user", f"/{key or 'messages'}/{position}")
                if not _is_before_model(pieces[-1]):
                    break
            return pieces
        case _:
            return exchange(record).given


def _is_before_model(piece: Piece) -> bool:
    return isinstance(piece, Said) and piece.role != "assistant"


def has_answer(record: Any) -> bool:
    """Whether a record has a place for an answer beside its messages."""
    return isinstance(record, dict) and not _ANSWERS.isdisjoint(cast("dict[str, Any]", record))


_ANSWERS = frozenset((*RESPONSE, "choices", "candidates", "raw_responses"))


def _checked(read: Exchange) -> Exchange:
    """An exchange with the response's own copy of the instruction in front, if that is the only."""
    if not read.given and not read.made:
        raise NoConversationError("", "the place for messages is empty")
    match read:
        case Exchange(given=[Said("system" | "developer"), *_]):
            return read
        case Exchange(told={"instructions": str() | list() as said, **told}) if said:
            opened = chat.unwrap({"messages": [], "instructions": said}, role="user")
            return read._replace(given=[*(opened.pieces if opened else ()), *read.given], told=told)
        case _:
            return read


def _made(
    rest: dict[str, Any],
) -> tuple[list[Piece] | None, dict[str, Any], dict[str, Any]]:
    """The answer, what the response says beside it, and what is left of the record."""
    for key in RESPONSE:
        opened = open_body(rest[key], "assistant", f"/{key}") if rest.get(key) else None
        if opened is not None:
            return (*opened, without(rest, key))
    beside = {key: value for key, value in rest.items() if key in ANSWER_BESIDE}
    if is_answer(beside):
        opened = open_body(beside, "assistant", "")
        if opened is not None:
            return (*opened, {key: value for key, value in rest.items() if key not in beside})
    return None, {}, rest


def _without_repetition(read: Exchange) -> Exchange:
    """An exchange whose response repeats the request, with the whole conversation as its answer."""
    if not any(map(is_input, read.made)):
        return read
    given, made = [*map(utterance, read.given)], [*map(utterance, read.made)]
    if not contains(made, given):
        return read
    rest = {each.print: each.piece.rest for each in given}
    whole = [
        each.piece._replace(rest={**rest.get(each.print, {}), **each.piece.rest}) for each in made
    ]
    return read._replace(given=whole, made=[], repeated=len(given))


def _unknown(record: dict[str, Any]) -> UnknownMessageError:
    if any(map(is_refusal_to_answer, layers(record, AROUND_RESPONSE))):
        return NoConversationError("", "an error of the API, without the request that it answers")
    keys = ", ".join(f"`{key[:40]}`" for key in list(record)[:8])
    return UnknownMessageError(
        "", f"expected messages, or a request and its response; found {keys or 'no keys'}"
    )
