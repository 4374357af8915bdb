"""How many bytes the value at the cursor has.

The parser tells it: asked for the raw bytes of one value, at 2 GB/s, it complains about
what follows and says where. Where it does not (because the bytes are no JSON, or because
another version of it words its complaint differently) the tolerant scan finds the end.
"""

import re
from enum import Enum

import msgspec

from trace_assets.reading.window import SPACE, Window

_skip = msgspec.json.Decoder(msgspec.Raw).decode
_TRAILING = re.compile(r"trailing characters \(byte (\d+)\)")
_TRUNCATED = "Input data was truncated"
_AT_BYTE = re.compile(r"\(byte (\d+)\)")
# At the very end of what is seen, an escape may look wrong only for being cut.
_LONGEST_TOKEN = len("\\ud83d\\ude00")


class Verdict(Enum):
    """What the parser says of the value at the cursor."""

    WHOLE = "it ends after that many bytes"
    BAD = "it is no JSON from that byte on"
    CUT = "the stream ends in it, or so it seems"
    LARGE = "it goes on after more bytes than may be held"


def measure(window: Window, limit: int) -> tuple[Verdict, int]:
    """Ask the parser, seeing further ahead as long as it wants more."""
    while True:
        verdict, length = _ask(window)
        if verdict is Verdict.WHOLE:
            return (verdict if length <= limit else Verdict.LARGE), length
        if window.ended or (verdict is Verdict.BAD and length < window.ahead - _LONGEST_TOKEN):
            return verdict, length
        if window.ahead > limit:
            return (verdict if verdict is Verdict.BAD else Verdict.LARGE), length
        window.grow()


def _ask(window: Window) -> tuple[Verdict, int]:
    try:
        _skip(memoryview(window.data)[window.at :])
    except msgspec.DecodeError as error:
        return _told(str(error), window)
    except RecursionError:
        return Verdict.BAD, 0
    # A number may go on behind what can be seen; a bracket or a quote ends its value.
    length = len(window.data.rstrip(SPACE)) - window.at
    is_over = window.ended or window.data[window.at + length - 1] in b'"}]'
    return (Verdict.WHOLE if is_over else Verdict.CUT), length


def _told(message: str, window: Window) -> tuple[Verdict, int]:
    """Understand a complaint of the parser."""
    if trailing := _TRAILING.search(message):
        stop = window.at + int(trailing[1]) - 1
        while window.data[stop - 1] in SPACE:
            stop -= 1
        return Verdict.WHOLE, stop - window.at
    if message == _TRUNCATED:
        return Verdict.CUT, window.ahead
    byte = _AT_BYTE.search(message)
    return Verdict.BAD, int(byte[1]) if byte else 0


def is_trailing(error: Exception) -> bool:
    """Whether the parser found a whole value, and more behind it."""
    return _TRAILING.search(str(error)) is not None
