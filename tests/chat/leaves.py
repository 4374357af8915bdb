"""Whether every scalar of a log's message is found again in the items made from it.

Text that is JSON counts as the values in it, on both sides: arguments are text in one dialect and
objects in another. A data URL counts as its data too.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

IMPLIED = frozenset(
    (
        "user",
        "human",
        "ai",
        "system",
        "assistant",
        "gpt",
        "tool",
        "function",
        "message",
        "function_call",
        "function_call_output",
        "tool_call",
        "toolCall",
        "tool_call_response",
        "tool_use",
        "tool_result",
        "tool-call",
        "tool-result",
        "text",
        "input_text",
        "output_text",
        "image",
        "input_image",
        "image_url",
        "file",
        "input_file",
        "reasoning",
        "thinking",
        "observation",
        "video_url",
    )
)
"""Words under `type`, `role` and `from` that the kind of an item or part says by itself."""


def lost(source: Any, made: Any) -> list[str]:
    """The scalars of the source that are not in what was made of it, each behind its pointer."""
    there = {_atom(value) for _, value in _scalars(made, "")}
    return [
        f"{pointer}: {value!r}"
        for pointer, value in _scalars(source, "")
        if not _is_there(value, there) and not _is_implied(pointer, value) and not _inside(value)
    ]


def _is_there(value: Any, there: set[tuple[type, Any]]) -> bool:
    """As itself, or as the text of its JSON: items have arguments and outputs as text."""
    as_text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return _atom(value) in there or _atom(as_text) in there


def _is_implied(pointer: str, value: Any) -> bool:
    key = pointer.rpartition("/")[2]
    if key == "type" and isinstance(value, str) and value.startswith("tool-"):
        return True  # followed by the tool's name
    return key in ("type", "role", "from") and value in IMPLIED


def _scalars(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    pending = [(pointer, value)]
    while pending:
        pointer, value = pending.pop()
        match value:
            case dict():
                pending += ((f"{pointer}/{key}", each) for key, each in value.items())
            case list():
                pending += ((f"{pointer}/{index}", each) for index, each in enumerate(value))
            case None:
                pass
            case _:
                yield pointer, value
                if (inner := _inside(value)) is not None:
                    pending.append((pointer, inner))


def _inside(value: Any) -> Any:
    """What a text holds; None if it is just text."""
    if not isinstance(value, str):
        return None
    if value.startswith("data:"):
        return [value.partition(";base64,")[2]]
    if not value.startswith(("{", "[")):
        return None
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError):
        return None


def _atom(value: Any) -> tuple[type, Any]:
    return type(value), value
