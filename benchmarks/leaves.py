"""Whether every scalar of a log's message is found again in the items made from it.

Text that is JSON counts as the values in it, on both sides: arguments are text in one dialect and
objects in another. A data URL counts as its data too.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
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
    there = Made()
    there.add(made)
    return [
        f"{pointer}: {value!r}"
        for pointer, value in scalars(source, "")
        if not there.has(pointer, value)
    ]


class Made:
    """The scalars in what was made of a log."""

    def __init__(self) -> None:
        self._atoms: set[tuple[type, Any]] = set()
        self._moments: set[int] = set()

    def add(self, value: Any) -> None:
        """Take up another output."""
        for _, scalar in scalars(value, ""):
            self._atoms.add((type(scalar), scalar))
            if (moment := _nanoseconds(scalar)) is not None:
                self._moments.add(moment)

    def has(self, pointer: str, value: Any) -> bool:
        """Whether a scalar of the log is there: as itself, as text, as a time, or by its kind."""
        if (type(value), value) in self._atoms or (str, _text(value)) in self._atoms:
            return True
        if _is_implied(pointer, value) or _inside(value) is not None:
            return True
        return _nanoseconds(value) in self._moments


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _nanoseconds(value: Any) -> int | None:
    """A time as nanoseconds since 1970: ISO text, or a count whose size tells its unit."""
    if isinstance(value, str) and (match := _ISO.fullmatch(value)):
        whole = datetime.fromisoformat(value[:19] + (match[2] or "Z"))
        digits = (match[1] or ".0")[1:10].ljust(9, "0")
        return (whole - _EPOCH) // timedelta(seconds=1) * 10**9 + int(digits)
    if isinstance(value, str) and value.isdecimal() and len(value) < 20:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        for unit in (1, 10**3, 10**6, 10**9):
            if 10**18 <= value * unit < 3 * 10**18:
                return value * unit
    return None


def _is_implied(pointer: str, value: Any) -> bool:
    key = pointer.rpartition("/")[2]
    if key == "type" and isinstance(value, str) and value.startswith("tool-"):
        return True  # followed by the tool's name
    return key in ("type", "role", "from") and value in IMPLIED


def scalars(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    """The scalars in a value, each with its pointer; null says nothing and is none."""
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
    if not value.startswith(("{", "[", '"')):
        return None
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError):
        return None
