"""Whether every scalar of a log's message is found again in the items made from it.

Text that is JSON counts as the values in it, on both sides: arguments are text in one dialect and
objects in another; what Python printed counts as the values in it, and a data URL as its data.
A list of keys with typed values, as OpenTelemetry writes attributes, counts as the object it is.
"""

import ast
import re
import warnings
from base64 import b64decode
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
    """The scalars in what was made of a log: a hash of each, so that it may be a large one."""

    def __init__(self) -> None:
        self._atoms: set[int] = set()
        self._moments: set[int] = set()

    def add(self, value: Any) -> None:
        """Take up another output."""
        for _, scalar in scalars(value, ""):
            self._atoms.add(_atom(scalar))
            if (moment := _nanoseconds(scalar)) is not None:
                self._moments.add(moment)

    def has(self, pointer: str, value: Any) -> bool:
        """Whether a scalar of the log is there: as itself, as text, as a time, or by its kind."""
        if _atom(value) in self._atoms:
            return True
        if any(_atom(spelled) in self._atoms for spelled in _spellings(value)):
            return True
        if _is_implied(pointer, value) or _inside(value) is not None:
            return True
        moment = _nanoseconds(value, is_nanoseconds=pointer.lower().endswith("nano"))
        return moment in self._moments


def _atom(scalar: Any) -> int:
    return hash((type(scalar), scalar))


def _spellings(value: Any) -> Iterator[Any]:
    """Other ways to write a scalar: a number as text, an integer's text as a number, ids."""
    if not isinstance(value, str):
        yield msgspec.json.encode(value).decode()
        return
    if _INTEGER.fullmatch(value):
        yield int(value)
    elif _DECIMAL.fullmatch(value):
        yield float(value)
    if value.startswith("0x"):
        yield value[2:]
    if _BASE64_ID.fullmatch(value):
        yield b64decode(value).hex()


_INTEGER = re.compile(r"-?\d{1,30}", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,15}(\.\d{1,15})?([eE][+-]?\d\d?)?", re.ASCII)
_BASE64_ID = re.compile(r"[A-Za-z0-9+/]{11}=|[A-Za-z0-9+/]{22}==")
"""8 or 16 bytes, as protobuf's own JSON writes the ids of spans and traces."""


_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _nanoseconds(value: Any, *, is_nanoseconds: bool = False) -> int | None:
    """A time as nanoseconds since 1970: ISO text, or a count whose size tells its unit."""
    if isinstance(value, str) and (match := _ISO.fullmatch(value)):
        whole = datetime.fromisoformat(value[:19] + (match[2] or "Z"))
        digits = (match[1] or ".0")[1:10].ljust(9, "0")
        return (whole - _EPOCH) // timedelta(seconds=1) * 10**9 + int(digits)
    if isinstance(value, str) and value.isdecimal() and len(value) < 20:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        if is_nanoseconds:
            return value
        for unit in (1, 10**3, 10**6, 10**9):
            if 10**18 <= value * unit < 3 * 10**18:
                return value * unit
    return None


def _is_implied(pointer: str, value: Any) -> bool:
    key = pointer.rpartition("/")[2].rpartition(".")[2]
    if key == "type" and isinstance(value, str) and value.startswith("tool-"):
        return True  # followed by the tool's name
    if key == "name" and value == "exception":
        return True  # an event of a span, which becomes an error event
    return key in ("type", "role", "from", "speaker") and value in IMPLIED


def scalars(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    """The scalars in a value, each with its pointer; null and an id of zeros say nothing."""
    pending = [(pointer, value)]
    while pending:
        pointer, value = pending.pop()
        match value:
            case dict():
                pending += ((f"{pointer}/{key}", each) for key, each in value.items())
            case [int(seconds), int(nanos)] if _is_pair(seconds, nanos):
                yield pointer, seconds * 10**9 + nanos
            case list():
                pending += (_entry(pointer, index, each) for index, each in enumerate(value))
            case None:
                pass
            case str() if len(value) in (16, 32) and not value.strip("0"):
                pass  # OpenTelemetry's word for no id
            case _:
                yield pointer, value
                if (inner := _inside(value)) is not None:
                    pending.append((pointer, inner))


def _is_pair(seconds: int, nanos: int) -> bool:
    """Whether two numbers are a time as OpenTelemetry's JavaScript SDK writes it."""
    return 10**9 <= seconds < 3 * 10**9 and 0 <= nanos < 10**9


def _entry(pointer: str, index: int, each: Any) -> tuple[str, Any]:
    """An entry of a list; of a list of attributes, one value under its key."""
    match each:
        case {"key": str(key), "value": dict(typed)} if len(each) == 2:
            if len(typed) == 1 and next(iter(typed)) in _TYPED:
                typed = next(iter(typed.values()))
            return f"{pointer}/{key}", typed
        case {"key": str(key), "type": str(), "value": value} if len(each) == 3:
            return f"{pointer}/{key}", value  # a tag of Jaeger
        case _:
            return f"{pointer}/{index}", each


_TYPED = frozenset(("stringValue", "intValue", "doubleValue", "boolValue", "bytesValue"))


def _inside(value: Any) -> Any:
    """What a text holds; None if it is just text."""
    if not isinstance(value, str):
        return None
    if value.startswith("data:"):
        return [value.partition(";base64,")[2]]
    if _PRINTED.match(value):
        return _printed(value)
    if not value.startswith(("{", "[", '"')):
        return None
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError):
        return _printed(value)


_PRINTED = re.compile(r"[A-Z]\w+\(\w+=")
_LONGEST = 1 << 20


def _printed(text: str) -> dict[str, Any] | None:
    """The values in what Python printed, by where they stand in a list, an object or a class."""
    if len(text) > _LONGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an odd escape in a text
            tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found: dict[str, Any] = {}
    pending: list[tuple[str, ast.AST]] = [("", tree.body)]
    while pending:
        place, node = pending.pop()
        if isinstance(node, ast.Constant):
            found[place] = node.value if isinstance(node.value, _SCALARS) else str(node.value)
        pending += ((f"{place}/{name}", each) for name, each in _parts(node))
    return found


_SCALARS = (str, int, float, bool, type(None))


def _parts(node: ast.AST) -> list[tuple[str, ast.AST]]:
    match node:
        case ast.Dict(keys=keys, values=values):
            names = [key.value if isinstance(key, ast.Constant) else "*" for key in keys]
            return [(str(name), each) for name, each in zip(names, values, strict=True)]
        case ast.Call(args=args, keywords=keywords):
            named = [(str(keyword.arg), keyword.value) for keyword in keywords]
            return [*((str(number), each) for number, each in enumerate(args)), *named]
        case _:
            return [(str(number), each) for number, each in enumerate(ast.iter_child_nodes(node))]
