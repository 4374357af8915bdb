"""What attributes say was said: messages in whatever they are wrapped in."""

from typing import Any, Literal, NamedTuple, cast

from trace_assets import chat
from trace_assets.formats.otlp.values import Attributes, opened, opened_text

Side = Literal["user", "assistant"]

_TEXTS = {
    "user": ("prompt", "input", "query", "question", "user_input", "user_query", "message", "text"),
    "assistant": (
        "text",
        "output",
        "response",
        "answer",
        "completion",
        "result",
        "content",
        "final_output",
        "message",
        "raw",
        "combined_chunk_content",
    ),
}
"""Under which name programs keep the one text that they were given, or made."""

_ABOUT_RUN = ("tags", "metadata", "kwargs")
"""The keys that LangChain adds to the inputs or outputs of a run."""

_WRAPPERS = ("inputs", "input", "outputs", "output", "kwargs", "state")


class Read(NamedTuple):
    """Messages, and what stands around them."""

    messages: list[Any]
    rest: Any
    """None if there is nothing else."""


def listed(value: Any, side: Side) -> list[Any] | None:
    """The messages of an attribute that is made for messages; None if it says nothing.

    Each may be JSON in a text of its own. Text that is no JSON is one message, cut as it may be.
    """
    match opened_text(value):
        case str(text) if text:
            return [{"role": side, "content": text}]
        case [*each] if each:
            messages = [opened(one) for one in each]
            return _parts(messages, side) or [_told(one, side) for one in messages]
        case {"messages": [*messages], **rest} if not rest:
            return messages or None
        case {"role": _} | {"parts": _} | {"content": _} as message:
            return [_told(message, side)]
        case {**whole} if whole:
            found = readable(whole, side)
            return found.messages if found and not found.rest else [whole]
        case _:
            return None


def _told(message: Any, side: Side) -> Any:
    """A message that says whose it is."""
    match message:
        case str():
            return {"role": side, "content": message}
        case {"role": None, **rest}:
            return {"role": side, **rest}
        case {"parts": _} | {"content": _} if "role" not in message and "type" not in message:
            return {"role": side, **message}
        case _:
            return message


def _parts(messages: list[Any], side: Side) -> list[Any] | None:
    """One message where the list is one of parts."""
    if all(isinstance(one, dict) and "role" not in one and "type" in one for one in messages):
        kinds = {one["type"] for one in messages}
        if kinds <= _PARTS:
            return [{"role": side, "content": messages}]
    return None


_PARTS = frozenset(("text", "image", "image_url", "file", "blob", "uri", "tool_call", "reasoning"))


def instructions(value: Any) -> Any:
    """The system prompt as a message: text, or parts."""
    match opened_text(value):
        case str(text) if text:
            return {"role": "system", "content": text}
        case [{"role": _} as message] | ({"role": _} as message):
            return message
        case [*parts] if parts and not any(map(_is_message, parts)):
            return {"role": "system", "content": [opened(part) for part in parts]}
        case {"content": _} | {"text": _} as part:
            return {"role": "system", "content": [part]}
        case _:
            return None


def _is_message(value: Any) -> bool:
    return isinstance(value, dict) and "role" in value


def readable(value: Any, side: Side) -> Read | None:
    """The messages in a value that can be anything; None where it holds none.

    A request, a response, messages, a text, or an object that has one of these under a name that
    programs use for it.
    """
    given = opened_text(value)
    around: Attributes = {}
    for _ in range(3):
        found = _unwrapped(given, side)
        if found is not None and not around:
            return found
        if found is not None:
            rest = {"inner": found.rest, **around} if found.rest else around
            return Read(found.messages, rest)
        inner = _inner(given)
        if inner is None:
            return None
        given, about = inner
        around |= about
    return None


def _unwrapped(given: Any, side: Side) -> Read | None:
    match given:
        case str(text) if text.strip():
            return Read([{"role": side, "content": text}], None)
        case [[str(), *_]] | [str(), *_]:
            return None
        case [_, *_] | {}:
            try:
                found = chat.unwrap(given, role=side)
            except chat.UnknownMessageError:
                return None
        case _:
            return None
    if found and found.pieces:
        messages = [each for each in found.messages if each]
        return Read(messages, found.rest or None)
    return _of_text(given, side) if isinstance(given, dict) else None


def _of_text(given: Any, side: Side) -> Read | None:
    whole = cast("Attributes", given)
    for key in _TEXTS[side]:
        if isinstance(text := whole.get(key), str) and text.strip():
            rest = {name: each for name, each in whole.items() if name != key}
            return Read([{"role": side, "content": text}], rest or None)
    return None


def _inner(given: Any) -> tuple[Any, Attributes] | None:
    """Unwrap an object. Returns the inner object and the facts of the run, or None."""
    if not isinstance(given, dict):
        return None
    full = {key: each for key, each in cast("Attributes", given).items() if each}
    about = {key: full.pop(key) for key in _ABOUT_RUN if key in full and len(full) > 1}
    match [*full.items()]:
        case [(str(key), {} | [] as inner)] if key in _WRAPPERS:
            return inner, about
        case _:
            return None


def take(left: Attributes, key: str, side: Side) -> list[Any] | None:
    """Take the messages out of an attribute that can hold anything; what is around them stays."""
    if left.get(key) is None or (found := readable(left[key], side)) is None:
        return None
    if found.rest is None:
        del left[key]
    else:
        left[key] = found.rest
    return found.messages
