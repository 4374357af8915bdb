"""The start of a file, as far as its format is detected by it.

A record can begin with a text of any length before the keys that identify it. So where the first
document is longer than `HEAD_BYTES`, the head is made of more of the file, with long strings cut.
"""

import re
from typing import BinaryIO

import msgspec

from trace_assets.reading.compression import DecompressionError, head

HEAD_BYTES = 1 << 18
"""How many bytes a head has at most, about."""

_BLOCK_BYTES = 1 << 17
_MOST_READ = 1 << 26
"""How much of a file is read for its head at most."""

_LONG = 1 << 15
"""Strings with more bytes are cut to half of that."""

_UNTIL_LONG = re.compile(
    rb'(?:[^"]++|"[^"\\]{0,%d}"|"(?:[^"\\]|\\.){0,%d}")*+' % (_LONG, _LONG), re.DOTALL
)
"""All that comes before a string that is long, or that is not complete."""
_STRING = re.compile(rb"(?:[^\"\\]++|\\.)*+", re.DOTALL)
_WHOLE_STRINGS = re.compile(rb'(?:[^"]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
_WHOLE_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_KEPT = re.compile(rb"(?:[^\"\\]|\\u[0-9a-fA-F]{4}|\\.){%d}" % (_LONG // 2), re.DOTALL)


def detection_head(stream: BinaryIO) -> bytes:
    """Return the start of a stream for detection. The stream can be read from its start again.

    It is the first `HEAD_BYTES` as they are, unless the first document is JSON and longer: then
    long strings are cut, and more of the stream fits. The stream must be seekable.
    """
    plain = head(stream, HEAD_BYTES)
    is_json = plain.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")
    if len(plain) < HEAD_BYTES or not is_json or _has_a_line(plain) or not _has_long(plain):
        return plain
    here = stream.tell()
    try:
        return _shortened(stream)
    finally:
        stream.seek(here)


def _has_a_line(plain: bytes) -> bool:
    """True if the first line is a complete document."""
    line, newline, _ = plain.lstrip().partition(b"\n")
    if not newline:
        return False
    try:
        msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _has_long(plain: bytes) -> bool:
    """True if a string is long, or continues after the end."""
    whole = _WHOLE_STRINGS.match(plain)
    end = whole.end() if whole else 0
    # Only up to there: a search from inside of a string would look for its end again and again.
    strings = _WHOLE_STRING.finditer(plain, 0, end)
    return len(plain) - end > _LONG or any(len(string[0]) > _LONG for string in strings)


def _shortened(stream: BinaryIO) -> bytes:
    """The first `HEAD_BYTES` that are left when long strings are cut."""
    cutter = _Cutter()
    for _ in range(_MOST_READ // _BLOCK_BYTES):
        try:
            block = stream.read(_BLOCK_BYTES)
        except DecompressionError:
            break  # reading the records reports it, at its place
        if not block or len(cutter.kept) >= HEAD_BYTES:
            break
        cutter.feed(block)
    cutter.end()
    return bytes(cutter.kept[:HEAD_BYTES])


class _Cutter:
    """Cuts the long strings of JSON that comes in blocks."""

    def __init__(self) -> None:
        self.kept = bytearray()
        self._rest = b""
        """The start of a string whose length is not known yet."""
        self._is_cutting = False
        """True inside a string of which enough was kept."""

    def feed(self, block: bytes) -> None:
        data, at = self._rest + block, 0
        self._rest = b""
        while at < len(data):
            at = self._skip(data, at) if self._is_cutting else self._keep(data, at)

    def end(self) -> None:
        self.kept += self._rest

    def _skip(self, data: bytes, at: int) -> int:
        """Skip to the end of the string."""
        match = _STRING.match(data, at)
        at = match.end() if match else at
        if at < len(data) and data[at : at + 1] == b'"':
            self._is_cutting = False
            self.kept += b'"'
            return at + 1
        self._rest = data[at:]  # nothing, or a backslash
        return len(data)

    def _keep(self, data: bytes, at: int) -> int:
        """Keep everything up to the next long string, and the start of that."""
        match = _UNTIL_LONG.match(data, at)
        end = match.end() if match else at
        self.kept += data[at:end]
        start = _KEPT.match(data, end + 1)
        if start is None or len(data) - end < 2 * _LONG:
            self._rest = data[end:]
            return len(data)
        self.kept += data[end : start.end()]
        self._is_cutting = True
        return start.end()
