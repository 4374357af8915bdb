"""The value that a text holds: loggers write objects as JSON text, or as Python prints them."""

import ast
import re
import warnings
from collections.abc import Iterator
from typing import Any, cast

import msgspec

from trace_assets.reading.embedded import LossyJsonError, decode_embedded
from trace_assets.reading.numbers import exact_float

_PYTHON_CHARS = 1 << 20
_PYTHON_DEPTH = 100
_TOKEN = re.compile(
    r"""'(?:[^'\\\n]|\\.)*+'|"(?:[^"\\\n]|\\.)*+" # a string
    |-?(?:\d++\.?+\d*+|\.\d++)(?:[eE][+-]?\d++)?+  # a number
    |True|False|None|[\[\](){},:]|\s++""",
    re.VERBOSE,
)
_ENDS = {"{": "}", "[": "]"}


def inside(text: str) -> dict[str, Any] | list[Any] | None:
    r"""Return the object or list that a text is, or None where it is just text.

    Where not every scalar of the text would be in the value, it is just text.

    >>> inside('{"city": "Bern"}'), inside("{'city': None}"), inside("[1, 'a', (True,)]")
    ({'city': 'Bern'}, {'city': None}, [1, 'a', [True]])
    >>> inside("hello"), inside("[cut"), inside("[open('x')]"), inside('{"a": 1, "a": 2}')
    (None, None, None, None)
    """
    stripped = text.strip()
    if len(stripped) < 2 or _ENDS.get(stripped[0]) != stripped[-1]:
        return None
    try:
        return decode_embedded(stripped)
    except LossyJsonError:
        return None
    except ValueError:
        return _python(stripped)


def _python(text: str) -> dict[str, Any] | list[Any] | None:
    """A value as Python prints it. Nothing is run: only what is literal, flat enough, is read."""
    if len(text) > _PYTHON_CHARS or (keys := _keys_of_literal(text)) is None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an escape that Python does not know is kept as it is
            value = ast.literal_eval(text)
        plain = decode_embedded(msgspec.json.encode(value).decode())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    parts = list(_parts(value))
    is_whole = keys == sum(len(cast("dict[Any, Any]", part)) for part in parts if _is_dict(part))
    return plain if is_whole and all(map(_is_plain, parts)) else None


def _keys_of_literal(text: str) -> int | None:
    """How many keys a text has that is nothing but literals and brackets, and not too deep."""
    at = depth = keys = 0
    for token in _TOKEN.finditer(text):
        if token.start() != at:
            return None
        at = token.end()
        first = text[token.start()]
        if first in "-.0123456789" and not _is_exact(token[0]):
            return None
        depth += (first in "[({") - (first in "])}")
        keys += first == ":"
        if depth > _PYTHON_DEPTH:
            return None
    return keys if at == len(text) else None


def _is_exact(number: str) -> bool:
    try:
        return number.lstrip("-").isdigit() or bool(repr(exact_float(number)))
    except ValueError:
        return False


def _parts(value: Any) -> Iterator[Any]:
    pending = [value]
    while pending:
        part = pending.pop()
        yield part
        if isinstance(part, dict):
            pending += cast("dict[Any, Any]", part).keys()
            pending += cast("dict[Any, Any]", part).values()
        elif isinstance(part, list | tuple):
            pending += cast("list[Any]", part)


def _is_dict(part: Any) -> bool:
    return isinstance(part, dict)


def _is_plain(part: Any) -> bool:
    """Whether JSON has a way to write it: no set, no number without end."""
    if isinstance(part, float):
        return part - part == 0
    return part is None or isinstance(part, str | int | dict | list | tuple)
