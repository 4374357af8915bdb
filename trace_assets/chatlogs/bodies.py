"""The messages of a request or of a response, out of whatever transported it."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from trace_assets import chat
from trace_assets.chat import Piece
from trace_assets.chatlogs.keys import BODY
from trace_assets.chatlogs.shapes import decoded, messages_key
from trace_assets.trace.build import joined


def open_body(
    value: Any, role: chat.Role, pointer: str
) -> tuple[list[Piece], dict[str, Any]] | None:
    """The messages of a request or a response, and what is around them; None if it is neither."""
    value = decoded(value)
    match value:
        case str() if role == "user":
            return None  # a prompt in words beside an answer is a row of a table
        case dict():
            return _in_object(cast("dict[str, Any]", value), role, pointer)
        case _:
            opened = chat.unwrap(value, role=role, pointer=pointer)
            return None if opened is None else (opened.pieces, opened.rest)


def _in_object(
    value: dict[str, Any], role: chat.Role, pointer: str, *, levels: int = 3
) -> tuple[list[Piece], dict[str, Any]] | None:
    """Read the messages of a request or a response, below at most so many levels of transport."""
    key = messages_key(value)
    if key is not None:
        return _list(value, key, role, pointer)
    for body in BODY if levels else ():
        match decoded(value.get(body)):
            case {**inner}:
                inside = cast("dict[str, Any]", inner)
                opened = _in_object(inside, role, f"{pointer}/{body}", levels=levels - 1)
                if opened is not None:
                    pieces, rest = opened
                    return pieces, joined(rest, without(value, body), prefix="around_")
            case _:
                pass
    match value:
        case {"type": "message", "role": str(word), "content": said, "usage": usage, **rest}:
            answer = chat.pieces({"role": word, "content": said}, pointer=pointer)
            return answer, {**rest, "usage": usage}  # Anthropic: the other keys are the response's
        case _:
            opened = chat.unwrap(value, role=role, pointer=pointer)
            return None if opened is None else (opened.pieces, opened.rest)


def _list(
    value: dict[str, Any], key: str, role: chat.Role, pointer: str
) -> tuple[list[Piece], dict[str, Any]]:
    """Read the messages under a key, after an instruction from another key."""
    messages = decoded(value[key])
    request: dict[str, Any] = {name: value[name] for name in _INSTRUCTIONS if name in value}
    rest = {name: each for name, each in value.items() if name != key and name not in request}
    match rest:
        case {"system_prompt": str() as said, **others} if not request:
            request, rest = {"system": said}, others
        case _:
            pass
    instructions: list[Piece] = []
    if request and (opened := chat.unwrap({"messages": [], **request}, role=role)) is not None:
        instructions, rest = opened.pieces, {**opened.rest, **rest}
    return [*instructions, *read_messages(messages, role, f"{pointer}/{key}")], rest


def read_messages(messages: Any, role: chat.Role, pointer: str) -> Iterator[Piece]:
    """Read the pieces of messages. An unknown word for a role is ignored."""
    match messages:
        case str():
            yield from chat.pieces(messages, role=role, pointer=pointer)
        case _:
            if len(messages) == 1 and isinstance(messages[0], list):  # LangChain's batch of one
                messages, pointer = messages[0], f"{pointer}/0"
            for position, message in enumerate(messages):
                yield from read_message(message, role, f"{pointer}/{position}")


def read_message(message: Any, role: chat.Role, pointer: str) -> list[Piece]:
    """The pieces of one message; `role` is for a message that does not say whose it is."""
    match message:
        case {"role": str()}:
            return chat.pieces(message, pointer=pointer)
        case _:
            return chat.pieces(message, role=role, pointer=pointer)


_INSTRUCTIONS = ("system", "instructions", "systemInstruction", "system_instruction")


def without(record: Mapping[str, Any], key: str) -> dict[str, Any]:
    """A record without one of its keys."""
    return {name: value for name, value in record.items() if name != key}
