"""The messages in what a span was given and made, whatever stands around them."""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, cast

from trace_assets import chat
from trace_assets.trace.build import joined, json_text

_TEXTS = {
    "user": (
        "prompt",
        "input",
        "question",
        "query",
        "user_input",
        "user_message",
        "text",
        "contents",
        "request",
        "args",
    ),
    "assistant": ("output", "answer", "response", "completion", "result", "text", "raw"),
}
"""Under which keys programs give a model, and get from it, a text alone or a whole message."""

_READ_TOGETHER = frozenset(
    (
        "choices",
        "raw",
        "candidates",
        "generations",
        "output",
        "system",
        "instructions",
        "systemInstruction",
        "system_instruction",
    )
)
"""Keys beside `messages` that may hold more of them."""

_DEEPEST = 4
"""How many of them may be around one another."""


class Opened(NamedTuple):
    """Messages as a `ModelCall` takes them, and what stood beside them."""

    messages: Sequence[Any]
    rest: dict[str, Any]


class Answer(NamedTuple):
    """What a tool's span says that its tool returned."""

    result: Any
    """None where it does not say."""
    call_id: Any = None
    error: str | None = None
    """Where what it returned is an error, that."""
    rest: dict[str, Any] | None = None


def opened(value: Any, role: Literal["user", "assistant"]) -> Opened | None:
    """Open a request, a response, messages or a text; None where the value is nothing of these.

    A message among several that no dialect knows stays as it is: `events_of` keeps it and tells.
    """
    if value is None or value == "":
        return Opened((), {})
    inner, around = value, dict[str, Any]()
    for _ in range(_DEEPEST):
        found = _plain(inner, role)
        if found is not None:
            return Opened(found.messages, {**around, **found.rest})
        key = next((each for each in _TEXTS[role] if _is_under(inner, each)), None)
        if key is None:
            return None
        around = joined(around, {k: v for k, v in inner.items() if k != key}, prefix="inner_")
        inner = inner[key]
    return None


def _is_under(value: Any, key: str) -> bool:
    match value:
        case {**keys}:
            return isinstance(keys.get(key), str | dict | list)
        case _:
            return False


def _plain(value: Any, role: Literal["user", "assistant"]) -> Opened | None:
    match value:
        case {"prompts": [str(), *_] as texts, **rest} if role == "user":
            return Opened(texts, rest)
        case {"messages": {"role": str()} as message, **rest}:
            return Opened([message], rest)
        case _:
            pass
    if (each := _one_by_one(value)) is not None:
        return each
    try:
        found = chat.unwrap(value, role=role)
    except chat.UnknownMessageError:
        return _each(value)
    return None if found is None else Opened(found.messages, found.rest)


def _one_by_one(value: Any) -> Opened | None:
    """Whole messages in a list are left unread: most of them are those of the calls before."""
    match value:
        case [[*_] as messages] | [*messages]:
            rest: dict[str, Any] = {}
        case {"messages": [[*_] as messages] | [*messages], **rest}:
            pass
        case _:
            return None
    match messages:
        case [{"role": str()} | {"lc": int(), "kwargs": dict()}, *_]:
            return Opened(messages, rest) if rest.keys().isdisjoint(_READ_TOGETHER) else None
        case _:
            return None


def _each(value: Any) -> Opened:
    match value:
        case {"messages": [*messages], **rest}:
            return Opened(messages, rest)
        case [*messages]:
            return Opened(messages, {})
        case _:
            return Opened([value], {})


def answer(value: Any) -> Answer:
    """What a tool returned: a message of a tool in any dialect, or just the value."""
    match value:
        case {"output": str() as text, **around} if not around:
            return Answer(text)
        case {"output": {**inner}, **around} if not around:
            return _message(inner)
        case {**inner}:
            return _message(inner)
        case _:
            return Answer(value)


def _message(value: dict[str, Any]) -> Answer:
    try:
        pieces = chat.pieces(value)
    except chat.UnknownMessageError:
        pieces = []
    match pieces:
        case [chat.Answered(call_id, name, output, is_error, rest)]:
            named = {} if name is None else {"name": name}
            error = json_text(output) if is_error else None
            return Answer(output, call_id, error, {**named, **rest})
        case _:
            return Answer(value)


def around_of(given: Any, made: Any) -> chat.ModelCall:
    """Read what a whole program was given and made, for `events_of`.

    In a trace without a model call, or whose model calls have no contents, what the outermost span
    says is all that is known of the conversation. Values that are no messages become custom pieces.
    """
    return chat.ModelCall(_pieces(given, "user"), _pieces(made, "assistant"))


def _pieces(value: Any, role: Literal["user", "assistant"]) -> list[chat.Piece]:
    if value is None or value in ("", {}, []):
        return []
    found = opened(value, role)
    try:
        if found is not None and all(map(_is_readable, found.messages)):
            return [piece for message in found.messages for piece in _read(message, role)]
    except chat.UnknownMessageError:
        pass
    content = cast("dict[str, Any]", value) if isinstance(value, dict) else {"value": value}
    return [chat.Custom(role == "user", content, {})]


def _is_readable(message: Any) -> bool:
    match message:
        case str() | dict():
            return True
        case [chat.Said() | chat.Called() | chat.Answered() | chat.Custom(), *_]:
            return True
        case _:
            return False


def _read(message: Any, role: Literal["user", "assistant"]) -> list[chat.Piece]:
    return (
        cast("list[chat.Piece]", message)
        if isinstance(message, list)
        else chat.pieces(message, role=role)
    )
