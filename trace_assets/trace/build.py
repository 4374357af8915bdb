"""JSON-ready items, as converters write them: plain dicts, with every key that the model wants.

Converters build dicts and not model objects because a dict costs a tenth; the gate then holds each
finished trace against the model. `rest` is the residue: what the log's own message says beside the
mapped keys. It follows as extra keys of the item, and where it would cover one of the item's own
keys it is kept as `original_<key>`.
"""

from base64 import b64encode
from collections.abc import Iterable, Set
from hashlib import sha256
from itertools import islice
from typing import Any

import msgspec

from trace_assets.trace.moments import is_moment

_MESSAGE = frozenset(("type", "id", "status", "role", "content"))
_CALL = frozenset(("type", "id", "call_id", "name", "arguments", "status", "original_call_id"))
_OUTPUT = frozenset(("type", "id", "call_id", "output", "status", "original_call_id"))
_PART = frozenset(("type", "text", "annotations"))

Json = dict[str, Any] | list[Any] | str | float | bool | None
"""What a JSON decoder returns. A converter that declares a value so has its cases type-checked."""

encode = msgspec.json.Encoder().encode
"""JSON in bytes, compact, keys in their order. Exact for integers of any size."""


def message(
    item_id: str, role: str, parts: list[dict[str, Any]], rest: dict[str, Any]
) -> dict[str, Any]:
    """A message item, `completed`: a log tells of what has happened."""
    return {
        "type": "message",
        "id": item_id,
        "status": "completed",
        "role": role,
        "content": parts,
        **beside(rest, _MESSAGE),
    }


def function_call(
    item_id: str,
    call_id: str,
    *,
    name: str,
    arguments: str,
    original_call_id: Any,
    rest: dict[str, Any],
) -> dict[str, Any]:
    """A function call item, `completed`."""
    return {
        "type": "function_call",
        "id": item_id,
        "call_id": call_id,
        "name": name,
        "arguments": arguments,
        "status": "completed",
        "original_call_id": original_call_id,
        **beside(rest, _CALL),
    }


def function_call_output(
    item_id: str,
    call_id: str,
    *,
    output: str | list[dict[str, Any]],
    is_error: bool,
    original_call_id: Any,
    rest: dict[str, Any],
) -> dict[str, Any]:
    """A function call output item; that of a failed call is `incomplete`, as in the tutorial."""
    return {
        "type": "function_call_output",
        "id": item_id,
        "call_id": call_id,
        "output": output,
        "status": "incomplete" if is_error else "completed",
        "original_call_id": original_call_id,
        **beside(rest, _OUTPUT),
    }


def text_part(role: str, text: str, rest: dict[str, Any] | None = None) -> dict[str, Any]:
    """A text content part: what the assistant says is output, what anybody else says is input."""
    if role == "assistant":
        part: dict[str, Any] = {"type": "output_text", "text": text, "annotations": []}
    else:
        part = {"type": "input_text", "text": text}
    return part | beside(rest, _PART) if rest else part


def json_text(value: Any) -> str:
    """A value as the text that an item wants: a string as it is, anything else as JSON."""
    return value if isinstance(value, str) else encode(value).decode()


def short_id(original: str) -> str:
    """The 12 hex digits that stand for a provider's long call id (seed 000)."""
    return sha256(original.encode()).hexdigest()[:12]


def repeated(values: Iterable[str]) -> frozenset[str]:
    """The values that occur more than once, and the empty one: they name nothing by themselves."""
    seen: set[str] = set()
    again = {""}
    for value in values:
        (again if value in seen else seen).add(value)
    return frozenset(again)


def record_id(raw: bytes) -> str:
    """The id of a trace whose log gives it none: the sha256 of the record's bytes."""
    return sha256(raw).hexdigest()


def is_time(value: Any) -> bool:
    """Whether a value is a time stamp that the Trace model takes."""
    return isinstance(value, str) and is_moment(value)


def prefixed(prefix: str, rest: dict[str, Any]) -> dict[str, Any]:
    """The same values under keys that say where they come from."""
    return {f"{prefix}{key}": value for key, value in rest.items()}


def joined(own: dict[str, Any], around: dict[str, Any], *, prefix: str) -> dict[str, Any]:
    """Two parts of the log in one residue; what both name is kept from `around` with the prefix."""
    together = own | around
    if len(together) == len(own) + len(around):  # no key is in both
        return together
    return own | _renamed(around, own.keys(), prefix)


def beside(rest: dict[str, Any], own: frozenset[str]) -> dict[str, Any]:
    """Residue that can stand beside a part's own keys.

    >>> beside({"id": 7, "original_id": 8}, frozenset(["id"]))
    {'original_original_id': 7, 'original_id': 8}
    """
    return rest if own.isdisjoint(rest) else _renamed(rest, own, "original_")


def _renamed(rest: dict[str, Any], taken: Set[str], prefix: str) -> dict[str, Any]:
    """The same values, those under taken keys with the prefix as often as it takes to be free."""
    residue: dict[str, Any] = {}
    for key, value in rest.items():
        name = key
        while name in taken or name in residue or (name != key and name in rest):
            name = f"{prefix}{name}"
        residue[name] = value
    return residue


def raw_text(raw: bytes) -> dict[str, str]:
    """A record's bytes as JSON can hold them: `raw`, or `raw_base64` where they are not UTF-8."""
    try:
        return {"raw": raw.decode()}
    except UnicodeDecodeError:
        return {"raw_base64": b64encode(raw).decode()}


def sketch(value: Json) -> str:
    """What was found, in words for an error message: kinds and keys, never the log's own text."""
    match value:
        case None:
            return "null"
        case str():
            return "text"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case list():
            return "a list"
        case _:
            keys = ", ".join(f"`{key[:40]}`" for key in islice(value, 8))
            return f"an object with {keys or 'no keys'}"
