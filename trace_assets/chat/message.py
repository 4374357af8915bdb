"""One message of any dialect as neutral pieces."""

from collections.abc import Iterable, Iterator
from typing import Any, cast

from trace_assets.chat import blocks, langchain, responses, sharegpt
from trace_assets.chat.piece import (
    REASONING,
    Piece,
    Role,
    Said,
    UnknownMessageError,
    with_rest,
)
from trace_assets.chat.turn import turn
from trace_assets.trace import build
from trace_assets.trace.build import Json

_PAIRS = frozenset(("user", "human", "assistant", "ai", "system"))
"""The words that LangChain takes for the role in `("human", "Hello")`."""

_AROUND = frozenset(("message", "author"))
"""The keys of what says something around a message."""


def pieces(message: Any, *, role: Role | None = None, pointer: str = "") -> list[Piece]:
    """One message of any dialect as neutral pieces; never none.

    Every scalar of the message is in the pieces: mapped, or in the `rest` of the piece that it
    belongs to, under its own key.

    Args:
        message: as decoded from JSON; it is not changed, and the pieces share its parts.
        role: whose it is where the message does not say, or not by a word for a role; a message
            that does not say may also be text or a list of parts.
        pointer: where the message is, for errors.

    Raises:
        UnknownMessageError: the value is no message in any dialect.
    """
    if _is_bare(message):  # as nearly all are, and a pattern costs more
        return _pieces(message, role, pointer)
    match message:
        case {
            "message": {"role": _}
            | {"kwargs": _}
            | {"data": _}
            | {"type": str(), "content": _} as inner,
            **around,
        }:
            # a choice of a completion, or a generation of LangChain
            return with_rest(_pieces(inner, role, f"{pointer}/message"), around)
        case {"author": str(author), "content": {"parts": [*_]} as inner, **around}:
            # an event of Google's ADK, whose author is the user or an agent by its name
            speaker = "user" if author == "user" else "assistant"
            said = _pieces(inner, speaker, f"{pointer}/content")
            return with_rest(said, {"author": author, **around})
        case {"author": str(author), "invocationId": _} | {
            "author": str(author),
            "invocation_id": _,
        }:
            # one without words: an error, or a change of the session's state
            return [Said("user" if author == "user" else "assistant", [], message)]
        case _:
            return _pieces(message, role, pointer)


def _is_bare(message: Any) -> bool:
    """Whether nothing says anything around a message."""
    return isinstance(message, dict) and _AROUND.isdisjoint(cast("dict[str, Any]", message))


def is_pair(value: Any) -> bool:
    """Return whether a value is a message as LangChain takes it: `("human", "Hello")`."""
    match value:
        case [str(word), str()]:
            return word.lower() in _PAIRS
        case _:
            return False


def pieces_of(messages: Iterable[Any], *, pointer: str = "") -> Iterator[list[Piece]]:
    """The pieces of each message of a list, whose own place is the pointer."""
    for position, message in enumerate(messages):
        yield pieces(message, pointer=f"{pointer}/{position}")


def read(messages: Iterable[Any], *, pointer: str = "") -> list[Piece]:
    """The pieces of all messages of a list in one, as a call's history is compared."""
    return [piece for each in pieces_of(messages, pointer=pointer) for piece in each]


def _pieces(message: Any, role: Role | None, pointer: str) -> list[Piece]:
    value: Json = message
    match value:
        case {"role": str(word), **rest}:
            return turn(word, rest, pointer, otherwise=role)
        case {"from": str(word), "value": said, **rest}:
            return _sharegpt(word, {"content": said, **rest}, pointer, role)
        case dict():
            found = _typed(value, role, pointer)
        case [word, text] if role is not None and is_pair(message):
            found = turn(word, {"content": text}, pointer)
        case str() | list() if role is not None:
            found = turn(role, {"content": value}, pointer)
        case _:
            found = []
    if not found:
        expected = "a message" if role else "a message that says whose it is"
        raise UnknownMessageError(pointer, f"expected {expected}, found {build.sketch(value)}")
    return found


def _sharegpt(word: str, said: dict[str, Any], pointer: str, role: Role | None) -> list[Piece]:
    """A call that is no JSON stays what the assistant wrote."""
    if word.lower() not in sharegpt.CALLS:
        return turn(word, said, pointer, key="from", otherwise=role)
    calls = sharegpt.calls(said["content"])
    if calls is None:
        return turn("assistant", {**said, "from": word}, pointer)
    rest = {key: value for key, value in said.items() if key != "content"}
    return with_rest(blocks.collect("assistant", calls), rest)


def _typed(value: dict[str, Any], role: Role | None, pointer: str) -> list[Piece]:
    """A message without a role: LangChain's, an item, a lone block, or that of a known speaker."""
    if (opened := langchain.opened(value)) is not None:
        return turn(*opened, pointer)
    if found := blocks.block(role or "assistant", value):
        is_whose = role is not None or not any(map(_needs_role, found))
        return blocks.collect(role or "assistant", found) if is_whose else []
    if role is not None and not value.keys().isdisjoint(("content", "parts")):
        return turn(role, value, pointer)
    return responses.item(value)


def _needs_role(block: blocks.Block) -> bool:
    return isinstance(block, dict) and block["type"] not in REASONING
