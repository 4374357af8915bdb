"""JSON inside a string: arguments of a call, cells of a table, span attributes.

A decoder keeps only the last of two equal keys and rounds long floats. The functions here decode
a text only if the value holds everything that the text says. Otherwise the text stays text.
"""

import json
from typing import Any

import msgspec

from trace_assets.reading.decode import keeps_every_key
from trace_assets.reading.numbers import exact_float

_decode = msgspec.json.Decoder(float_hook=exact_float).decode


class LossyJsonError(ValueError):
    """A JSON text that no value holds completely."""


def embedded_json(text: str, default: Any = None) -> Any:
    r"""Decode JSON in a string. Returns `default` if the text is no JSON or would lose something.

    >>> embedded_json('{"city": "Bern"}'), embedded_json("hello"), embedded_json("[1e400]")
    ({'city': 'Bern'}, None, None)
    >>> embedded_json('{"a": 1, "a": 2}', default="as it was")
    'as it was'
    """
    try:
        return decode_embedded(text)
    except ValueError:
        return default


def decode_embedded(text: str) -> Any:
    """Decode JSON in a string without loss.

    Raises:
        ValueError: the text is no JSON, repeats a key, or holds a float that would be rounded.
    """
    try:
        raw = text.encode()
        value = _decode(raw)
    except RecursionError as error:
        raise ValueError(str(error)) from error
    if not keeps_every_key(raw, value):
        _refuse_repeated_keys(text)
    return value


def _refuse_repeated_keys(text: str) -> None:
    try:
        json.loads(text, object_pairs_hook=_unique)
    except RecursionError as error:
        raise ValueError(str(error)) from error


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise LossyJsonError("a key is repeated")
    return found
