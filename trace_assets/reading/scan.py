"""Where a value ends, told by its strings and brackets alone.

This is for bytes that the parser refuses, so it knows no grammar. It reads chunk by chunk
and holds nothing but the brackets that are open.
"""

import re
from enum import Enum

# A raw line break cannot stand in a JSON string: a string that meets one was never closed.
_STRING = re.compile(rb"(?:[^\"\\\n]++|\\[^\n])*+")
_INSIDE = re.compile(rb"[\"{}\[\]]|,[ \t\n\r]*+(?:[{\[]|(\Z))")
_OUTSIDE = re.compile(rb"[\"{}\[\],]")
_CLOSER = {ord("{"): ord("}"), ord("["): ord("]")}
_QUOTE = ord('"')


class End(Enum):
    """What a scan has come to."""

    NOT_YET = "all bytes given were scanned, and the value goes on"
    FOUND = "the value ends here"
    LOST = "the brackets do not match: no end can be told"


class Scan:
    """A scan that can be fed piece by piece.

    An item of an array or object ends before a comma or a bracket that is not its own; a
    document ends behind the bracket that closes it.
    """

    def __init__(self, *, is_item: bool) -> None:
        self._is_item = is_item
        self._open = bytearray()
        self._in_string = False

    def feed(self, data: bytes, start: int, stop: int) -> tuple[End, int]:
        """Scan on; with NOT_YET, the index to go on from once there are more bytes."""
        at = start
        while at < stop:
            if self._in_string:
                at = self._string(data, at, stop)
                if self._in_string:
                    break
                continue
            pattern = _INSIDE if self._open else _OUTSIDE
            match = pattern.search(data, at, stop)
            if match is None:
                return End.NOT_YET, stop
            if match.lastindex:  # a comma, and what follows it is not seen yet
                return End.NOT_YET, match.start()
            end, at = self._token(data, match)
            if end is not End.NOT_YET:
                return end, at
        return End.NOT_YET, at

    def _string(self, data: bytes, at: int, stop: int) -> int:
        """Go to the end of a string; an escape that is cut by the stop is left for later."""
        match = _STRING.match(data, at, stop)
        at = at if match is None else match.end()
        if at < stop and not (data[at] == ord("\\") and at + 1 == stop):
            self._in_string = False
            return at + 1
        return at

    def _token(self, data: bytes, match: re.Match[bytes]) -> tuple[End, int]:
        token = data[match.end() - 1]
        if token == _QUOTE:
            self._in_string = True
        elif token in _CLOSER:
            return self._opened(token, match)
        elif not self._open:
            return (End.FOUND, match.start()) if self._is_item else (End.LOST, match.start())
        elif token != self._open.pop():
            return End.LOST, match.start()
        elif not self._open and not self._is_item:
            return End.FOUND, match.end()
        return End.NOT_YET, match.end()

    def _opened(self, token: int, match: re.Match[bytes]) -> tuple[End, int]:
        # In an object a comma is followed by a key: a bracket there means that the object's
        # own closing bracket is missing, and what follows is already the next value.
        if len(match[0]) > 1 and self._open[-1] == _CLOSER[ord("{")]:
            return End.LOST, match.start()
        self._open.append(_CLOSER[token])
        return End.NOT_YET, match.end()
