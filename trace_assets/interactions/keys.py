"""By what an item of a trace and an object of its log are known to be the same: ids, then words."""

from collections.abc import Iterator
from typing import Any, cast

import msgspec

from trace_assets import vocabulary
from trace_assets.interactions.messages import Item
from trace_assets.reading.embedded import decode_embedded

Key = tuple[str, ...]

_CALL_IDS = ("id", "call_id", "tool_call_id", "toolCallId", "tool_use_id")

_sorted = msgspec.json.Encoder(order="sorted").encode


def id_of_item(item: Item) -> Key | None:
    """The key of a call or an output by the id that the log gives it."""
    match item:
        case {"type": "function_call", "original_call_id": str(own)} if own:
            return ("call", own)
        case {"type": "function_call_output", "original_call_id": str(own)} if own:
            return ("output", own)
        case _:
            return None


def words_of_item(item: Item) -> Key | None:
    """The key of an item by what is said in it; None where nothing is."""
    match item:
        case {"type": "message", "role": str(role), "content": content}:
            text = _text(content)
            return ("says", role, text) if text else None
        case {"type": "function_call", "name": str(name), "arguments": arguments}:
            return ("calls", name, _canonical(arguments))
        case {"type": "function_call_output", "output": output}:
            text = _text(output)
            return ("says", "tool", text) if text else None
        case _:
            return None


def keys_of_object(value: dict[str, Any]) -> Iterator[Key]:
    """Every key of an object in a log."""
    if (words := message_key(value)) is not None:
        yield words
    match value:
        case {"name": str(name), "arguments": arguments} | {"name": str(name), "input": arguments}:
            yield ("calls", name, _canonical(arguments))
        case {"function": {"name": str(name), "arguments": arguments}}:
            yield ("calls", name, _canonical(arguments))
        case _:
            pass
    kind = _call_kind(value)
    if kind is not None:
        for name in _CALL_IDS:
            if isinstance(own := value.get(name), str) and own:
                yield (kind, own)


def message_key(value: dict[str, Any]) -> Key | None:
    """The key of an object that is a message; None where it is none."""
    match value:
        case {"role": str(role), "content": content}:
            return ("says", vocabulary.role(role) or role, _text(content))
        case {"type": "human" | "ai" | "system", "content": content}:
            return ("says", vocabulary.role(value["type"]) or "system", _text(content))
        case _:
            return None


def _call_kind(value: dict[str, Any]) -> str | None:
    match value:
        case {"role": "tool"} | {"type": "tool_result" | "function_call_output"}:
            return "output"
        case {"tool_call_id": str()} | {"tool_use_id": str()}:
            return "output"
        case {"name": str()} | {"function": dict()} | {"toolName": str()}:
            return "call"
        case _:
            return None


def _text(content: Any) -> str:
    match content:
        case str():
            return content
        case list():
            texts = [
                cast("dict[str, Any]", part).get("text")
                for part in cast("list[Any]", content)
                if isinstance(part, dict)
            ]
            return "\n".join(text for text in texts if isinstance(text, str))
        case _:
            return ""


def _canonical(arguments: Any) -> str:
    """Arguments as text that does not depend on their form; what is no JSON stays as it is."""
    value = arguments
    try:
        if isinstance(value, str):
            value = decode_embedded(value)
        return _sorted(value).decode()
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return str(arguments)
