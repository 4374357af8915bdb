"""One record's bytes to its value, with nothing lost on the way.

The fast parser decodes each record once. It keeps the last of two equal keys without a word,
so what it made is written out again: if that is the record, nothing vanished. Where numbers,
escapes or white space are written otherwise, the colons are counted: a colon stands behind
every key and else only in strings, so a key that vanished is a colon that vanished. Only a
colon that is written as an escape could make up for it; records with one are checked key by
key. Records with a float that would be rounded take the slow way, too.
"""

import re
from typing import Any, NamedTuple

import msgspec

from trace_assets.reading.ladder import Fault, examine
from trace_assets.reading.numbers import exact_float
from trace_assets.reading.place import Repair

_decode = msgspec.json.Decoder(float_hook=exact_float).decode
_encode = msgspec.json.Encoder().encode
_ESCAPED_COLON = re.compile(rb"\\u003[aA]")

MAY_LACK_KEYS = object()


class Decoded(NamedTuple):
    """The value of a record, and what had to be changed in it."""

    value: Any
    repairs: tuple[Repair, ...] = ()


def decode(raw: bytes) -> Decoded | Fault:
    """The value of one JSON text, or why it has none."""
    try:
        # The parser is faster on a text without white space by more than taking it out costs.
        text = msgspec.json.format(raw, indent=-1)
        value = _decode(text)
        if keeps_every_key(text, value):
            return Decoded(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass  # the slow way finds out what it is, and whether it can be kept
    result = examine(raw)
    return result if isinstance(result, Fault) else Decoded(*result)


def decode_line(raw: bytes) -> Any:
    """The value of one JSON text if the fast parser can tell it, else MAY_LACK_KEYS.

    Raises:
        msgspec.DecodeError: this and its like, if the bytes are not exactly one text.
    """
    value = _decode(raw)
    return value if keeps_every_key(raw, value) else MAY_LACK_KEYS


def keeps_every_key(raw: bytes, value: Any) -> bool:
    """False when a key of `raw` may be missing in the value that was decoded from it."""
    encoded = _encode(value)
    if encoded == raw:
        return True
    return raw.count(b":") == encoded.count(b":") and not _ESCAPED_COLON.search(raw)
