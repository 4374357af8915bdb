"""Where the rows of delimited text start and end, and what their cells are."""

import csv
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from trace_assets.reading.dialect import Layout, cells_of
from trace_assets.reading.ladder import Fault
from trace_assets.reading.place import Limits
from trace_assets.reading.units import Units

_LINE_BREAKS = ("", "\n", "\r")


class Taken(NamedTuple):
    """A row as it was taken from the file."""

    offset: int
    raw: bytes
    units: str
    fault: Fault | None = None
    length: int | None = None
    """Where not all of it is kept."""


class Damaged(NamedTuple):
    """A cell in which text follows the closing quote; the quotes are then not for certain."""

    position: int
    found: str


_NONE: Sequence[Damaged] = ()


class Rows:
    """The rows of a file."""

    def __init__(self, units: Units, layout: Layout, limits: Limits) -> None:
        self.columns = 0
        """How many cells a row should have."""
        self._units = units
        self._limit = limits.record_bytes
        self._kept = limits.kept_bytes
        self._delimiter, self._newline = layout.delimiter, layout.newline
        self._row, self._cell = layout.row(), layout.cell()

    def cells(self, text: str) -> tuple[list[str], Sequence[Damaged]]:
        """The cells of a whole row; a closing quote that text follows is left out."""
        if self._delimiter and text[-1:] not in _LINE_BREAKS:
            # Faster, and as exact where it complains of nothing: not of long cells, nor of text
            # behind quotes. Only a line break at the end it would drop without a word.
            try:
                return next(csv.reader((text,), delimiter=self._delimiter, strict=True)), _NONE
            except csv.Error:
                pass
        texts: list[str] = []
        damaged: list[Damaged] = []
        for match in cells_of(text, self._cell):
            quoted, behind, plain, delimiter = match.groups()
            if quoted is None:
                texts.append(plain)
                continue
            if behind:
                damaged.append(Damaged(len(texts), match[0].removesuffix(delimiter or "")))
            texts.append(quoted.replace('""', '"') + behind)
        return texts, damaged

    def read(self) -> Iterator[Taken]:
        """The rows that are not blank, without their line breaks."""
        units, newline = self._units, self._newline
        while True:
            end = units.data.find(newline, units.at)
            if end < 0 or units.data.find('"', units.at, end) >= 0:
                end = self._end()
            if end is None or end - units.at > self._limit:
                yield self._open()
            elif row := self._took(end):
                yield row
            if not units.ahead and not units.grow():
                return
            if units.data[units.at] == newline:
                units.take(units.at + 1)

    def _took(self, end: int) -> Taken | None:
        """The row up to an index; None if it is blank."""
        units, offset = self._units, self._units.offset
        is_dos = self._newline == "\n" and units.data[end - 1 : end] == "\r" and end > units.at
        raw, text = units.take(end - is_dos)
        if is_dos:
            units.take(end)
        if not text.strip() and (not self._delimiter or self._delimiter not in text):
            return None
        if units.failure and not units.ahead:
            return Taken(offset, raw, text, Fault("truncated", str(units.failure)))
        return Taken(offset, raw, text)

    def _end(self) -> int | None:
        """Where the row at the cursor ends; None if a quote stays open, or it is too large."""
        units = self._units
        while True:
            match = self._row.match(units.data, units.at)
            end = match.end() if match else units.at
            if end < len(units.data) and units.data[end] == self._newline:
                break
            if units.ahead > self._limit or not units.grow():
                if end < units.at + units.ahead or not units.ended:
                    return None
                break
        return None if self._is_stray(end) else end

    def _is_stray(self, end: int) -> bool:
        """Whether an open quote of the row at the cursor seems to be closed by one of another."""
        units = self._units
        line = units.data.find(self._newline, units.at, end)
        if line < 0:
            return False
        _, damaged = self.cells(units.data[units.at : end].removesuffix("\r"))
        return bool(damaged) and self._is_clean_behind(line)

    def _is_clean_behind(self, line: int) -> bool:
        """Whether the line behind a line break is a row of as many cells as columns, two at least.

        It has been seen to its end: what is open on the line before goes on behind it.
        """
        units = self._units
        stop = units.data.find(self._newline, line + 1)
        text = units.data[line + 1 : stop if stop >= 0 else len(units.data)].removesuffix("\r")
        if not self._row.fullmatch(text):
            return False
        texts, damaged = self.cells(text)
        return len(texts) == self.columns > 1 and not damaged

    def _open(self) -> Taken:
        """What stands at the cursor where a quote is never closed, or a row is too large."""
        units = self._units
        offset = units.offset
        line = units.data.find(self._newline, units.at)
        if line >= 0 and self._is_clean_behind(line):
            raw, text = units.take(line - (units.data[line - 1] == "\r"))
            message = "a quote is opened in this line and never closed; the next line is a row"
            return Taken(offset, raw, text, Fault("not_csv", message))
        if units.ended and units.ahead <= self._limit:
            raw, text = units.take(len(units.data))
            message = "a quote is opened and never closed, so the file may have been cut"
            return Taken(offset, raw, text, Fault("truncated", message))
        return self._large(offset)

    def _large(self, offset: int) -> Taken:
        """Pass a row that is too large: to the next line break outside of quotes."""
        units = self._units
        kept = b""
        is_open, is_ended = False, False
        while not is_ended:
            line = units.data.find(self._newline, units.at)
            raw, text = units.take(len(units.data) if line < 0 else line)
            is_open ^= text.count('"') % 2 == 1
            if line < 0:
                is_ended = not units.grow()
            elif is_open:
                raw += units.take(line + 1)[0]
            else:
                is_ended = True
            kept += raw[: self._kept - len(kept)]
        length = units.offset - offset
        message = (
            f"the row has {length} bytes; more than {self._limit} are not read, "
            f"and only the first {len(kept)} are kept here"
        )
        return Taken(offset, kept, "", Fault("too_large", message), length)
