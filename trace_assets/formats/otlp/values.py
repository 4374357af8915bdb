"""Attributes as plain values: OTLP's typed wrappers opened, text that holds JSON decoded."""

from collections.abc import Iterator
from typing import Any, cast

from trace_assets.reading.embedded import embedded_json
from trace_assets.reading.inside import inside

Attributes = dict[str, Any]

_KINDS = {
    "stringValue": "plain",
    "string_value": "plain",
    "intValue": "int",
    "int_value": "int",
    "doubleValue": "plain",
    "double_value": "plain",
    "boolValue": "plain",
    "bool_value": "plain",
    "bytesValue": "plain",
    "bytes_value": "plain",
    "arrayValue": "array",
    "array_value": "array",
    "kvlistValue": "kvlist",
    "kvlist_value": "kvlist",
}

_LONGEST_INTEGER = 20


def attributes_of(value: Any) -> Attributes:
    """Attributes in any container: a list of typed pairs, an object, or either of these as text.

    A name that is there twice keeps both values, the second under `name#2`. What is no pair is kept
    under `attribute#<position>`.
    """
    given = opened(value)
    if isinstance(given, dict):
        return dict(cast("Attributes", given))
    if not isinstance(given, list):
        return {} if given is None else {"attributes": value}
    found: Attributes = {}
    for position, pair in enumerate(cast("list[Any]", given)):
        name, each = _pair(pair, position)
        found[name if name not in found else _free(name, found)] = each
    return found


def any_value(value: Any) -> Any:
    """OTLP's AnyValue as the value in it, at any depth.

    >>> any_value({"intValue": "7"}), any_value({"arrayValue": {"values": [{"boolValue": True}]}})
    (7, [True])
    """
    if not isinstance(value, dict):
        return value
    members = cast("Attributes", value)
    if len(members) != 1:
        return members or None
    [(key, inner)] = members.items()
    kind = _KINDS.get(key)
    if kind == "plain":
        return inner
    if kind == "int":
        return _integer(inner)
    return members if kind is None else _deep(members)


def opened(value: Any) -> Any:
    """What a text holds, if it is JSON or a Python literal; any other value as it is.

    >>> opened('[{"role": "user"}]'), opened("[{'role': None}]"), opened("[not json]")
    ([{'role': 'user'}], [{'role': None}], '[not json]')
    """
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    found = inside(value)
    return value if found is None else found


def opened_text(value: Any) -> Any:
    """The same; text in quotes is opened, too."""
    if isinstance(value, str) and value.startswith('"'):
        return embedded_json(value, default=value)
    return opened(value)


def scalars(value: Any) -> Iterator[Any]:
    """Every scalar in a value, and in JSON inside its texts, with its type; no nulls."""
    pending = [value]
    while pending:
        each = pending.pop()
        match each:
            case dict():
                pending.extend(cast("Attributes", each).values())
            case list():
                pending.extend(cast("list[Any]", each))
            case None:
                pass
            case str():
                inner = opened(each)
                if inner is each:
                    yield str, each
                else:
                    pending.append(inner)
            case _:
                yield type(each), each


def _pair(pair: Any, position: int) -> tuple[str, Any]:
    if isinstance(pair, dict):
        members = cast("Attributes", pair)
        name, value = members.get("key"), members.get("value")
        is_whole = len(members) == (1 if value is None and "value" not in members else 2)
        if isinstance(name, str) and is_whole:
            return name, any_value(value)
    return f"attribute#{position}", cast("Any", pair)


def _free(name: str, taken: Attributes) -> str:
    number = 2
    while f"{name}#{number}" in taken:
        number += 1
    return f"{name}#{number}"


def _integer(value: Any) -> Any:
    if isinstance(value, str) and value.isascii() and len(value) <= _LONGEST_INTEGER:
        return int(value) if value.removeprefix("-").isdecimal() else value
    return value


def _deep(value: Any) -> Any:
    """Arrays and maps, without recursion: a log may nest them as deep as it likes."""
    root: list[Any] = [None]
    pending: list[tuple[Any, Any, Any]] = [(root, 0, value)]
    while pending:
        target, place, given = pending.pop()
        match given:
            case {"arrayValue": {"values": [*values]}, **rest} | {
                "array_value": {"values": [*values]},
                **rest,
            } if not rest:
                target[place] = made = [None] * len(values)
                pending += ((made, number, one) for number, one in enumerate(values))
            case {"kvlistValue": {"values": [*pairs]}, **rest} | {
                "kvlist_value": {"values": [*pairs]},
                **rest,
            } if not rest and _are_pairs(pairs):
                target[place] = named = {pair["key"]: None for pair in pairs}
                pending += ((named, pair["key"], pair.get("value")) for pair in pairs)
            case {"arrayValue": {} | None} | {"array_value": {} | None} if _is_empty(given):
                target[place] = []
            case {"kvlistValue": {} | None} | {"kvlist_value": {} | None} if _is_empty(given):
                target[place] = {}
            case {**members} if not _is_nested(members):
                target[place] = any_value(members)
            case _:
                target[place] = given
    return root[0]


def _is_nested(given: Attributes) -> bool:
    return any(_KINDS.get(key) in ("array", "kvlist") for key in given)


def _is_empty(given: Attributes) -> bool:
    return len(given) == 1 and not next(iter(given.values()))


def _are_pairs(values: list[Any]) -> bool:
    """Whether all are pairs of a key and a value, each key once."""
    keys: set[str] = set()
    for value in values:
        match value:
            case {"key": str(key), **rest} if key not in keys and rest.keys() <= {"value"}:
                keys.add(key)
            case _:
                return False
    return True
