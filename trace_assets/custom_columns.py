"""Columns that a user declares: values of the records, by their path, in columns of the row.

A path is a JSON pointer (`/metadata/customer_tier`), or keys with dots between them
(`metadata.customer_tier`), of which several may together be one key that has dots itself. A number
is an index of an array. JSON in a string is opened. Attributes as OTLP writes them, an array of
`key` and `value`, are read like an object.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec

from trace_assets import columns
from trace_assets.errors import ConfigError
from trace_assets.trace import build

Values = dict[str, Any]
"""A value or None for each column."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_EXISTING: Final = {"trace", *columns.BASE, *columns.OF_FORMATS, *columns.ENRICHED}


def checked(paths: Mapping[str, str]) -> dict[str, str]:
    """Return declared columns if all names and paths can be used.

    Raises:
        ConfigError: a name is not valid, or is that of a column that exists; a path is empty.
    """
    for name, path in paths.items():
        if not _NAME.fullmatch(name):
            raise ConfigError(
                f"column {name!r}: expected letters, digits and underscores, no digit first"
            )
        if name in _EXISTING:
            raise ConfigError(f"column {name!r}: exists already; choose another name")
        if not path.strip("/."):
            raise ConfigError(f"column {name!r}: expected a path such as `metadata.tier`")
    return dict(paths)


def from_arguments(arguments: Iterable[str]) -> dict[str, str]:
    """Read columns from arguments of the form `name=path`.

    >>> from_arguments(["tier=metadata.customer_tier"])
    {'tier': 'metadata.customer_tier'}

    Raises:
        ConfigError: an argument has another form, a name is there twice, or as `checked`.
    """
    found: dict[str, str] = {}
    for argument in arguments:
        name, equals, path = argument.partition("=")
        if not equals:
            raise ConfigError(f"--column {argument}: expected name=path")
        if name in found:
            raise ConfigError(f"--column {argument}: the column {name!r} is there twice")
        found[name] = path
    return checked(found)


class CustomColumns:
    """Finds the values of declared columns in records."""

    def __init__(self, paths: Mapping[str, str] | None) -> None:
        self._paths = {name: _steps(path) for name, path in (paths or {}).items()}

    def values_in(self, record: Any) -> Values:
        """Return the value of each column in a record. Objects and arrays are JSON text."""
        return {name: _as_column(_find(record, *path)) for name, path in self._paths.items()}


def first_of(values: Sequence[Values]) -> Values:
    """Return the first value that is not null of each column."""
    names = values[0] if values else ()
    return {
        name: next((each[name] for each in values if each[name] is not None), None)
        for name in names
    }


_Path = tuple[Sequence[str], bool]
"""Steps, and whether several of them may be one key."""


def _steps(path: str) -> _Path:
    if path.startswith("/"):
        steps = path[1:].split("/")
        return [step.replace("~1", "/").replace("~0", "~") for step in steps], False
    return path.split("."), True


def _find(value: Any, steps: Sequence[str], is_dotted: bool) -> Any:
    if not steps:
        return value
    longest = len(steps) if is_dotted else 1
    for count in range(longest, 0, -1):  # the longest key first
        below = _child(value, ".".join(steps[:count]))
        if below is not None:
            found = _find(below, steps[count:], is_dotted)
            if found is not None:
                return found
    return None


def _child(value: Any, key: str) -> Any:
    if isinstance(value, str):
        value = _opened(value)
    match value:
        case {**members}:
            return members.get(key)
        case [{"key": str(), "value": _}, *_]:
            values = (each["value"] for each in value if each.get("key") == key)
            return _attribute(next(values, None))
        case [*items] if key.isdecimal() and int(key) < len(items):
            return items[int(key)]
        case _:
            return None


def _opened(text: str) -> Any:
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return None


def _attribute(value: Any) -> Any:
    """Return the value of an OTLP attribute."""
    match value:
        case {"intValue": str(number)} if number.removeprefix("-").isdecimal():
            return int(number)
        case {"stringValue": found} | {"boolValue": found} | {"doubleValue": found}:
            return found
        case {"intValue": found}:
            return found
        case _:
            return value


def _as_column(value: Any) -> Any:
    return build.json_text(value) if isinstance(value, dict | list) else value


STRING, INTEGER, FLOAT, BOOLEAN = "string", "int", "float", "bool"


class ColumnTypes:
    """Infers a type for each declared column from the values of all rows."""

    def __init__(self, names: Iterable[str]) -> None:
        self._found: dict[str, set[str]] = {name: set() for name in names}

    def add(self, values: Mapping[str, Any]) -> None:
        """Note the types of the values of a row."""
        for name, found in self._found.items():
            if (value := values.get(name)) is not None:
                found.add(_type_of(value))

    def as_dict(self) -> dict[str, str]:
        """Return the type of each column; values of several types have the type `string`.

        >>> types = ColumnTypes(["seats"])
        >>> types.add({"seats": 3}), types.add({"seats": 0.5}), types.as_dict()
        (None, None, {'seats': 'float'})
        """
        return {name: joined_type(found) for name, found in self._found.items()}


def joined_type(types: Iterable[str]) -> str:
    """Return the one type that can hold values of several.

    >>> joined_type(["int", "float"]), joined_type(["int", "string"]), joined_type([])
    ('float', 'string', 'string')
    """
    distinct = set(types)
    if distinct == {INTEGER, FLOAT}:
        return FLOAT
    return distinct.pop() if len(distinct) == 1 else STRING


def _type_of(value: Any) -> str:
    match value:
        case bool():
            return BOOLEAN
        case int() if -(2**53) <= value <= 2**53:
            return INTEGER
        case float():
            return FLOAT
        case _:
            return STRING
