"""The slow way to a value: for records that the fast parser refuses or may have cut.

It is exact about numbers of any length, keeps records with lone surrogates by putting the
replacement character in their place and saying so, and says of all others what is wrong
with them and where. A float that would be rounded is noted with its digits.
"""

import json
import math
import re
from typing import Any, NamedTuple, NoReturn, Self, cast

from trace_assets.reading.numbers import is_same_number
from trace_assets.reading.place import Repair

_Container = dict[str, Any] | list[Any]
_CUT = re.compile(r"t|tr|tru|f|fa|fal|fals|n|nu|nul|-|[.eE]|[eE][-+]")
_REPLACEMENT = "\ufffd"
_LONE = re.compile("[\ud800-\udfff]")
_NUMBER_OR_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|-?Infinity|NaN|[-+.\w]++', re.DOTALL)
_UTF_32_AND_16 = (b"\xff\xfe", b"\xfe\xff")


class Fault(NamedTuple):
    """Why bytes have no value."""

    reason: str
    message: str
    pointer: str = ""


class _Unusable(Exception):  # noqa: N818  # it never leaves this file
    """A number that JSON or no computer has."""


class _Twice(dict[str, Any]):
    """An object that has a key more than once."""

    key = ""


def examine(raw: bytes) -> tuple[Any, tuple[Repair, ...]] | Fault:
    """The value and the repairs it took, or what is wrong."""
    try:
        text = raw.decode()
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_refuse, parse_float=_finite
        )
    except UnicodeDecodeError as error:
        return _not_utf8(raw, error)
    except json.JSONDecodeError as error:
        return _not_json(error)
    except _Unusable as error:
        return _unusable(raw, str(error))
    except RecursionError:
        return Fault("too_deep", "the record nests deeper than the parser allows (about 900)")
    except ValueError as error:  # Python refuses integers of more than 4300 digits
        return Fault("not_json", f"a number in the record cannot be read: {error}")
    return _repaired(value)


def looks_like_utf16(raw: bytes) -> bool:
    """Whether text starts as UTF-16 or UTF-32 does, with a mark or with ASCII between NULs."""
    start = raw[:4]
    if start.startswith(_UTF_32_AND_16):
        return True
    return len(start) >= 2 and (start[0] == 0) != (start[1] == 0)


def _not_utf8(raw: bytes, error: UnicodeDecodeError) -> Fault:
    found = " ".join(f"{byte:02x}" for byte in raw[error.start : error.start + 4])
    hint = "; it looks like UTF-16: convert it to UTF-8" if looks_like_utf16(raw) else ""
    return Fault("not_utf8", f"byte {error.start} of the record is not UTF-8: {found}{hint}")


def _not_json(error: json.JSONDecodeError) -> Fault:
    offset = len(error.doc[: error.pos].encode())
    where = f"byte {offset} of the record, line {error.lineno} column {error.colno}"
    if _ends_early(error):
        return Fault("truncated", f"the record ends before its end: {error.msg} ({where})")
    return Fault("not_json", f"{error.msg} ({where}): {error.doc[error.pos : error.pos + 20]!r}")


def _ends_early(error: json.JSONDecodeError) -> bool:
    """Whether more bytes could have made it JSON."""
    rest = error.doc[error.pos :].rstrip(" \t\r\n")
    if error.msg.startswith("Unterminated string"):
        return True
    if error.msg.startswith("Invalid \\"):
        return len(rest) < len("\\u0000") and "\\" not in rest[1:]
    return not rest or _CUT.fullmatch(rest) is not None


def _unusable(raw: bytes, number: str) -> Fault:
    offset = next(
        (m.start() for m in _NUMBER_OR_STRING.finditer(raw) if m[0] == number.encode()), 0
    )
    return Fault(
        "not_json", f"{number} at byte {offset} of the record is no JSON number we can hold"
    )


class _Rounded(float):
    """A float that is not exactly what the record says."""

    literal: str

    def __new__(cls, literal: str) -> Self:
        rounded = super().__new__(cls, literal)
        rounded.literal = literal
        return rounded


def _refuse(constant: str) -> NoReturn:
    raise _Unusable(constant)


def _finite(number: str) -> float:
    value = float(number)
    if math.isinf(value):
        raise _Unusable(number)
    return value if is_same_number(repr(value), number) else _Rounded(number)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    seen: set[str] = set()
    twice = _Twice(made)
    twice.key = next(key for key, _ in pairs if key in seen or seen.add(key))
    return twice


def _repaired(value: Any) -> tuple[Any, tuple[Repair, ...]] | Fault:
    """Walk the value for keys that came twice and for lone surrogates.

    With a stack of its own, not by recursion: the value is as deep as the parser allows.
    """
    repairs: list[Repair] = []
    root: list[Any] = [value]
    todo: list[tuple[_Container, str]] = [(root, "")]
    while todo:
        container, pointer = todo.pop()
        if isinstance(container, _Twice):
            key = _clean(container.key, pointer, [])
            where = f"{pointer}/{escaped(key)}"
            return Fault("duplicate_key", f"the key {key!r} is there more than once", where)
        if isinstance(container, dict):
            fault = _repair_keys(container, pointer, repairs)
            if fault:
                return fault
        todo.extend(_repair_values(container, pointer, repairs, is_root=container is root))
    return root[0], tuple(repairs)


def _repair_keys(made: dict[str, Any], pointer: str, repairs: list[Repair]) -> Fault | None:
    if not any(_LONE.search(key) for key in made):
        return None
    pairs = [(_clean(key, f"{pointer}/{escaped(key)}", repairs), made[key]) for key in made]
    made.clear()
    made.update(pairs)
    if len(made) == len(pairs):
        return None
    message = "two keys differ only in surrogates that stand alone, so one of them would be lost"
    return Fault("duplicate_key", message, pointer)


def _repair_values(
    container: _Container, pointer: str, repairs: list[Repair], *, is_root: bool
) -> list[tuple[_Container, str]]:
    """Repair the strings of a container in place; return the containers in it."""
    inner: list[tuple[_Container, str]] = []
    pairs: list[tuple[Any, Any]] = list(
        container.items() if isinstance(container, dict) else enumerate(container)
    )
    for key, value in pairs:
        if isinstance(value, (dict, list)):
            where = "" if is_root else f"{pointer}/{escaped(str(key))}"
            inner.append((cast("_Container", value), where))
        elif isinstance(value, str) and _LONE.search(value):
            where = "" if is_root else f"{pointer}/{escaped(str(key))}"
            container[key] = _clean(value, where, repairs)
        elif isinstance(value, _Rounded):
            where = "" if is_root else f"{pointer}/{escaped(str(key))}"
            container[key] = float(value)
            repairs.append(Repair(where, value.literal))
    return inner


def _clean(text: str, pointer: str, repairs: list[Repair]) -> str:
    """The text with the replacement character for each lone surrogate, each noted."""
    where = _LONE.sub(_REPLACEMENT, pointer)
    repairs.extend(Repair(where, json.dumps(found)[1:-1]) for found in _LONE.findall(text))
    return _LONE.sub(_REPLACEMENT, text)


def escaped(key: str) -> str:
    """A key as one step of a JSON pointer."""
    if "~" in key or "/" in key:
        return key.replace("~", "~0").replace("/", "~1")
    return key
