"""Prepares the messages of spans for `chat`: finds their content and corrects their roles.

- A message without content (a role alone, empty parts, a placeholder) is no message.
- A part of type `compaction` is a summary of earlier messages, written by the program: it becomes a
  system message and never the user's words.
- Google ADK gives an agent what another agent did as a user message (`For context:`). It becomes a
  developer message.
- Google ADK writes `<tool>_<position>` where a call has no id. Such an id names a position in a
  message, not a call, and a result has another position than its call. It is removed, so that a
  result finds its call by the tool's name.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, cast

from trace_assets import chat
from trace_assets.formats.otlp.values import Attributes

PLACEHOLDERS = frozenset(
    (
        "<elided>",
        "<redacted>",
        "[redacted]",
        "<not serializable>",
        "<not specified>",
        "<no content>",
    )
)
"""What instrumentations write in place of content, in lower case."""

_ABOUT = frozenset(
    (
        "role",
        "finish_reason",
        "stop_reason",
        "index",
        "id",
        "name",
        "type",
        "author",
        "tool_call_id",
    )
)
"""Keys of a message that are not its content."""

_ABOUT_PART = frozenset(("type", "role", "index", "annotations", "logprobs"))
"""Keys of a part that are not its content."""

_RESULT = frozenset(("tool", "function"))
"""The roles of results. An empty result is a result."""

_CONTEXT = "For context:"
_OF_OTHER_AGENT = re.compile(r"\[[^\]\n]+\] (said:|called tool `|`[^`\n]+` tool returned result:)")


class Content(NamedTuple):
    """The messages of one side of a call."""

    messages: list[Any]
    empty: list[Any]
    """The messages without content, as they were."""


def read(messages: Iterable[Any]) -> Content:
    """Separate the messages with content from those without, and correct their roles and ids."""
    found = Content([], [])
    called: set[str] = set()
    for message in messages:
        if has_content(message):
            found.messages.extend(_corrected(message, called))
        else:
            found.empty.append(message)
    return found


def is_placeholder(value: Any) -> bool:
    """True if a text only says that content is not there.

    >>> is_placeholder(" <elided> "), is_placeholder("elided"), is_placeholder("")
    (True, False, False)
    """
    return isinstance(value, str) and len(value) < 40 and value.strip().lower() in PLACEHOLDERS


def has_content(message: Any) -> bool:
    """True if a message has a text, a call, a result, media, or anything that is not known.

    >>> has_content({"role": "user"}), has_content({"role": "user", "content": "<elided>"})
    (False, False)
    >>> has_content({"role": "tool", "content": ""}), has_content({"role": "user", "x": 1})
    (True, True)
    """
    match message:
        case {"role": str(role), "content": "" | []} if role.lower() in _RESULT:
            return True
        case {"message": {} as inner, **rest}:
            return has_content(inner) or has_content(rest)
        case dict():
            members = cast("Attributes", message)
            return any(_is_content(each) for key, each in members.items() if key not in _ABOUT)
        case [chat.Said() | chat.Called() | chat.Answered() | chat.Custom(), *_]:
            return any(not isinstance(piece, chat.Said) or piece.parts for piece in message)
        case _:
            return _is_content(message)


def _is_content(value: Any) -> bool:
    """True for a value with content in it, at most three levels down as messages nest them."""
    if isinstance(value, str):
        return bool(value.strip()) and not is_placeholder(value)
    level = [value]
    for _ in range(4):
        below: list[Any] = []
        for each in level:
            inner = _inside(each)
            if inner is None:
                return True
            below += inner
        level = below
    return bool(level)


def _inside(value: Any) -> list[Any] | None:
    """The values in a value that may be content; None for a value that is content itself."""
    match value:
        case None | False | "":
            return []
        case str():
            return None if value.strip() and not is_placeholder(value) else []
        case list():
            return cast("list[Any]", value)
        case {"type": str(kind), **rest} if kind not in _EMPTY_KINDS and _is_full(rest):
            return None
        case dict():
            members = cast("Attributes", value)
            return [inner for key, inner in members.items() if key not in _ABOUT_PART]
        case _:
            return None


_EMPTY_KINDS = frozenset(("text", "input_text", "output_text", "reasoning", "thinking"))
"""Types of parts that have no content without their text."""


def _is_full(members: Attributes) -> bool:
    return any(each not in (None, "", [], {}) for each in members.values())


# --- roles and ids ---------------------------------------------------------------------------


def _corrected(message: Any, called: set[str]) -> Iterator[Any]:
    """Convert one message, given the names of calls whose ids are positions."""
    match message:
        case {"parts": [*parts], **rest} if all(isinstance(part, dict) for part in parts):
            yield from _of_parts("parts", parts, rest, called)
        case {"content": [*parts], **rest} if all(isinstance(part, dict) for part in parts):
            yield from _of_parts("content", parts, rest, called)
        case _:
            yield message


def _of_parts(key: str, parts: list[Any], rest: Attributes, called: set[str]) -> Iterator[Any]:
    if _is_of_other_agent(parts, rest):
        yield {**rest, "role": "developer", "original_role": rest.get("role"), key: parts}
        return
    summaries = [part for part in parts if part.get("type") == "compaction"]
    for part in summaries:
        yield _summary(part, rest)
    others = [part for part in parts if part.get("type") != "compaction"]
    if others and (not summaries or has_content({key: others})):
        kept = [_without_position(part, n, called) for n, part in enumerate(others)]
        yield {**rest, key: kept}


def _summary(part: Attributes, rest: Attributes) -> Any:
    """A compaction as a system message; one whose content is encrypted is a custom item."""
    match part:
        case {"content": str(text), **about} | {"text": str(text), **about} if text:
            role = {"role": "system", "original_role": rest.get("role")}
            return {**role, "content": text, **about, "type": "message", "part": "compaction"}
        case _:
            return [chat.Custom(True, part, {})]


def _is_of_other_agent(parts: list[Any], rest: Attributes) -> bool:
    """True if ADK wrote the message to tell one agent what another one did."""
    texts = [part.get("text", part.get("content")) for part in parts]
    match texts:
        case [str(first), *others] if first.startswith(_CONTEXT) and rest.get("role") == "user":
            return bool(others) and all(
                isinstance(text, str) and _OF_OTHER_AGENT.match(text) for text in others
            )
        case _:
            return False


def _without_position(part: Attributes, position: int, called: set[str]) -> Attributes:
    """Remove an id that ADK made of the tool's name and of the part's position.

    The position counts the parts of the original message, some of which may not be written.
    """
    match part:
        case {"type": "tool_call", "id": str(own), "name": str(name), **rest}:
            if _is_position(own, name, position):
                called.add(name)
                return {"type": "tool_call", "name": name, **rest, "position_id": own}
        case {"type": "tool_call_response", "id": str(own), **rest} if "name" not in rest:
            name = own.rpartition("_")[0]
            if name in called and _is_position(own, name, position):
                return {"type": "tool_call_response", "name": name, **rest, "position_id": own}
        case _:
            pass
    return part


def _is_position(own: str, name: str, position: int) -> bool:
    number = own.removeprefix(f"{name}_")
    return own.startswith(f"{name}_") and _is_small(number) and int(number) >= position


def _is_small(number: str) -> bool:
    return number.isascii() and number.isdecimal() and len(number) < 3
