"""The request of a record, under whatever key it is."""

from typing import Any, cast

from trace_assets import chat, vocabulary
from trace_assets.chat import Piece, UnknownMessageError
from trace_assets.chatlogs.bodies import open_body, without
from trace_assets.chatlogs.keys import AROUND_REQUEST, PROMPT, REQUEST, RESPONSE
from trace_assets.chatlogs.shapes import are_messages, decoded, layers, messages_key


class NoRequestError(UnknownMessageError):
    """A record with a response whose request is not in it."""


def is_of_assistant(message: Any) -> bool:
    """True if a message says that the assistant wrote it."""
    match message:
        case {"role": str(word)} | {"from": str(word)}:
            return vocabulary.role(word) == "assistant"
        case _:
            return False


def request_of(record: dict[str, Any]) -> tuple[list[Piece] | None, dict[str, Any]]:
    """The messages of the conversation or of the request, and what else the record says."""
    own = open_body(record, "user", "") if messages_key(record) is not None else None
    if own is not None and own[0]:
        return own
    for key in REQUEST:
        opened = open_body(record[key], "user", f"/{key}") if record.get(key) else None
        if opened is not None:
            return _taken(record, key, opened)
    return own or (None, record)


def _taken(
    record: dict[str, Any], key: str, opened: tuple[list[Piece], dict[str, Any]]
) -> tuple[list[Piece], dict[str, Any]]:
    """The messages under a key, and the record with only the settings under it."""
    pieces, settings = opened
    rest = without(record, key)
    return pieces, ({**rest, key: settings} if settings else rest)


def request_by_shape(record: dict[str, Any]) -> tuple[list[Piece], dict[str, Any]]:
    """The request of a response, under a key that is not known to hold one.

    Raises:
        UnknownMessageError: no key or more than one key holds a request. Without its request, a
            response is not a conversation.
    """
    found = [key for key, value in record.items() if key not in RESPONSE and _is_request(value)]
    match found:
        case [key]:
            opened = open_body(record[key], "user", f"/{key}")
        case []:
            texts = [key for key in PROMPT if isinstance(record.get(key), str) and record[key]]
            if len(texts) != 1:
                raise NoRequestError("", "a response without its request")
            [key] = texts
            opened = chat.pieces(record[key], role="user", pointer=f"/{key}"), {}
        case _:
            keys = ", ".join(f"`{key[:40]}`" for key in found[:8])
            raise NoRequestError("", f"a response with more than one possible request: {keys}")
    if opened is None:
        raise NoRequestError(f"/{key}", "the messages of the request cannot be read")
    return _taken(record, key, opened)


def _is_request(value: Any) -> bool:
    """Whether a value holds messages, one of which is not the model's."""
    value = decoded(value)
    for layer in layers({"body": value}, AROUND_REQUEST):
        key = messages_key(layer)
        messages = decoded(layer[key]) if key else layer.get("body")
        if not are_messages(messages):
            continue
        if not all(map(is_of_assistant, cast("list[Any]", messages))):
            return True
    return False
