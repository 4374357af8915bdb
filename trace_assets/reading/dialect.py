"""How a file of rows is written: its encoding, its line breaks, its delimiter."""

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

DELIMITERS = (",", "\t", ";", "|")
_ROWS = 200
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NUL_SHARE = 0.3
_CP1252 = str.maketrans(
    {
        byte: bytes([byte]).decode("cp1252")
        for byte in range(0x80, 0xA0)
        if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
    }
)


class Encoding(NamedTuple):
    """How bytes are text, and what it was told by."""

    name: str
    evidence: str
    mark_bytes: int = 0
    """How long the byte order mark is."""

    is_sure: bool = True
    """False if all bytes seen were ASCII, so that other bytes may still say otherwise."""

    @property
    def is_wide(self) -> bool:
        """Whether a line break is more than one byte."""
        return self.name.startswith("utf-16")


class Dialect(NamedTuple):
    """How rows are written. What is None is told by the first of them."""

    delimiter: str | None = None
    """`,`, tab, `;` or `|`; empty if each row is one cell."""

    encoding: str | None = None
    """A name that Python knows; `cp1252` gives bytes that it does not define to C1 controls."""

    columns: tuple[str, ...] | None = None
    """Names for a file that starts without them."""


class Layout(NamedTuple):
    """What is needed to take rows apart; see `Dialect`."""

    encoding: Encoding
    delimiter: str
    newline: str

    def row(self) -> re.Pattern[str]:
        """Matches cells as far as they are whole: up to a line break, or to an open quote."""
        cell = f'(?:"(?:[^"]++|"")*+"{self._other}*+|(?!"){self._other}*+|)'
        return re.compile(f"{cell}(?:{self._separator}{cell})*+")

    def cell(self) -> re.Pattern[str]:
        """Matches a cell: quoted, what stands behind the quotes, not quoted, delimiter."""
        quoted = f'"((?:[^"]++|"")*+)"({self._other}*+)'
        return re.compile(f"(?:{quoted}|({self._other}*+))(?:({self._separator})|\\Z)")

    @property
    def _other(self) -> str:
        return f"[^{re.escape(self.delimiter)}{re.escape(self.newline)}]"

    @property
    def _separator(self) -> str:
        return re.escape(self.delimiter) if self.delimiter else "(?!)"


def tell_encoding(head: bytes, name: str | None = None) -> Encoding:
    """Tell the encoding of a file by its first bytes, unless a name is given.

    What is no UTF-8 and shows no other mark is read as cp1252, in which any bytes are text:
    the evidence says so.
    """
    for mark, marked in _MARKS:
        if head.startswith(mark) and (name is None or marked.startswith(_canonical(name))):
            return Encoding(marked, f"it starts with the byte order mark of {marked}", len(mark))
    if name is not None:
        canonical = _canonical(name)
        wide = "utf-16-le" if canonical == "utf-16" else canonical
        return Encoding(wide, "given, not told from the file")
    if wide := _wide_without_mark(head):
        return Encoding(wide, "every other byte is NUL")
    if head.isascii():
        return Encoding("utf-8", f"its first {len(head)} bytes are ASCII", is_sure=False)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError as error:
        found = f"byte {error.start} ({head[error.start]:#04x}) is not UTF-8"
        return Encoding("cp1252", f"{found}; any bytes are cp1252")
    return Encoding("utf-8", f"its first {len(head)} bytes are UTF-8, not only ASCII")


def cp1252(units: str) -> str:
    """Text of bytes, each given as the character of its number."""
    return units.translate(_CP1252)


def tell_layout(head: str, encoding: Encoding, delimiter: str | None, *, is_all: bool) -> Layout:
    """Tell delimiter and line break by the first rows; `head` has a character for each unit.

    The delimiter is the one that cuts the first row into cells and most other rows into as
    many. Where none does, each row is one cell.
    """
    newline = "\r" if "\r" in head and "\n" not in head else "\n"
    best, best_score = delimiter or "", (0.0, 0)
    for candidate in DELIMITERS if delimiter is None else ():
        layout = Layout(encoding, candidate, newline)
        score = _agreement(list(_counts(head, layout, is_all=is_all)))
        if score > best_score:
            best, best_score = candidate, score
    return Layout(encoding, best, newline)


def _canonical(name: str) -> str:
    return codecs.lookup(name).name.removesuffix("-sig")


def _wide_without_mark(head: bytes) -> str | None:
    start = head[:4096]
    even, odd = start[::2], start[1::2]
    if len(odd) < 2:
        return None
    shares = (even.count(0) / len(even), odd.count(0) / len(odd))
    if max(shares) < _NUL_SHARE or min(shares) > _NUL_SHARE / 10:
        return None
    return "utf-16-be" if shares[0] > shares[1] else "utf-16-le"


def _counts(head: str, layout: Layout, *, is_all: bool) -> Iterator[int]:
    """How many cells each of the first rows has."""
    row, cell, at = layout.row(), layout.cell(), 0
    for _ in range(_ROWS):
        match = row.match(head, at)
        end = match.end() if match else at
        if end >= len(head) and not is_all:
            return
        if end < len(head) and head[end] != layout.newline:
            return
        if text := head[at:end].strip():
            yield sum(1 for _ in cells_of(text, cell))
        if end >= len(head):
            return
        at = end + 1


def cells_of(text: str, cell: re.Pattern[str]) -> Iterator[re.Match[str]]:
    """The cells of one whole row."""
    at = 0
    while match := cell.match(text, at):
        yield match
        if match[4] is None:
            return
        at = match.end()


def _agreement(counts: list[int]) -> tuple[float, int]:
    """How well rows agree with the first one on the number of cells; more is better."""
    if not counts or counts[0] < 2:
        return 0.0, 0
    first, *others = counts
    if not others:
        return 1.0, first
    agree = sum(1.0 if count == first else 0.5 if count > first else 0.0 for count in others)
    return agree / len(others), first
