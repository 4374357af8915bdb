"""Rows of delimited text (CSV, TSV and their like) as records, each with its exact bytes.

The first row names the columns. A record's value is a `dict[str, str]` in their order; nothing is
trimmed or converted. One Context, `/table`, comes before the records and says how the file was
read: encoding, delimiter and the columns. The scanner is our own, because that of the standard
library tells no offsets and limits all cells of a process at once.
"""

import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from trace_assets.reading.dialect import Dialect, cp1252, tell_layout
from trace_assets.reading.ladder import Fault, escaped
from trace_assets.reading.place import Broken, Context, Item, Limits, Place, Record, Repair
from trace_assets.reading.rows import Damaged, Rows, Taken
from trace_assets.reading.units import Units

_ANY_DIALECT = Dialect()
_USUAL_LIMITS = Limits()
_LONE = re.compile("[\ud800-\udfff]")


def read_table(
    stream: BinaryIO,
    *,
    file: str,
    dialect: Dialect = _ANY_DIALECT,
    limits: Limits = _USUAL_LIMITS,
) -> Iterator[Item]:
    """Yield what the file says of its columns, then its rows in their order.

    A row with fewer cells than there are columns lacks the last keys, one with more has them
    under `column_7` and so on; both are noted in the record's repairs, as is text between a
    closing quote and the next delimiter. A column without a name is `column_3`, the second
    one of a name `name_2`. Blank lines are passed. A fragment is the record's number, from 0.

    A quote that is never closed makes its row `not_csv`, or `truncated` if no row can be told
    behind it.

    Raises:
        OSError: the stream cannot be read. A compressed stream that is cut or damaged is
            no such case: its last item is then a `Broken` that says so.
        LookupError: the dialect names an encoding that does not exist.
    """
    return _Table(stream, file, dialect, limits).read()


class _Columns:
    """The names of cells by their position."""

    def __init__(self, header: Sequence[str]) -> None:
        self.names: list[str] = []
        self._taken: dict[str, int] = {}  # names, and which number the next one like it may get
        self._others: list[str] = []
        for position, name in enumerate(header, 1):
            self.names.append(self._unused(name or f"column_{position}"))

    def beyond(self, count: int) -> list[str]:
        """Names for so many cells behind the last column."""
        while len(self._others) < count:
            position = len(self.names) + len(self._others) + 1
            self._others.append(self._unused(f"column_{position}"))
        return self._others[:count]

    def _unused(self, name: str) -> str:
        found, number = name, self._taken.get(name, 1)
        while found in self._taken:
            number += 1
            found = f"{name}_{number}"
        self._taken[name] = number
        self._taken.setdefault(found, 1)
        return found


class _Table:
    def __init__(self, stream: BinaryIO, file: str, dialect: Dialect, limits: Limits) -> None:
        self._units = Units(stream, limits, dialect.encoding)
        units = self._units
        layout = tell_layout(units.data, units.encoding, dialect.delimiter, is_all=units.ended)
        self._delimiter = layout.delimiter
        self._rows = Rows(units, layout, limits)
        self._file = file
        self._given = dialect.columns
        self._columns = _Columns(dialect.columns or ())
        self._number = 0

    def read(self) -> Iterator[Item]:
        rows = self._rows.read()
        self._rows.columns = len(self._columns.names)
        if self._given is not None:
            yield self._said(b"", self._given, [])
        elif (header := next(rows, None)) is not None:
            yield self._header(header)
        last = None
        for last in rows:
            yield self._broken(last, last.fault) if last.fault else self._record(last)
        if rest := self._units.undecoded:
            fault = Fault("truncated", "the file ends in the middle of a character")
            yield self._broken(Taken(self._units.offset, rest, ""), fault)
        elif (failure := self._units.failure) and not (last and last.fault):
            fault = Fault("truncated", str(failure))
            yield self._broken(Taken(self._units.offset, b"", ""), fault)

    def _header(self, row: Taken) -> Item:
        if row.fault:
            return self._broken(row, row.fault)
        decoded = self._text(row)
        if isinstance(decoded, Fault):
            return self._broken(row, decoded)
        text, repairs = decoded
        texts, damaged = self._rows.cells(text)
        self._columns = _Columns(texts)
        self._rows.columns = len(texts)
        return self._said(row.raw, texts, repairs + self._noted(damaged))

    def _noted(self, damaged: Sequence[Damaged]) -> list[Repair]:
        """Say of cells with text behind their closing quote what stood there."""
        names = self._columns.names
        beyond = self._columns.beyond(max((cell.position + 1 for cell in damaged), default=0))
        return [
            Repair(f"/{escaped((names + beyond)[cell.position])}", cell.found) for cell in damaged
        ]

    def _said(self, raw: bytes, header: Sequence[str], repairs: list[Repair]) -> Context:
        encoding = self._units.encoding
        said = {
            "encoding": encoding.name,
            "evidence": encoding.evidence,
            "delimiter": self._delimiter,
            "columns": self._columns.names,
            "header": list(header),
        }
        return Context(self._file, "/table", raw, said, tuple(repairs))

    def _record(self, row: Taken) -> Item:
        decoded = self._text(row)
        if isinstance(decoded, Fault):
            return self._broken(row, decoded)
        text, repairs = decoded
        if '"' in text or not self._delimiter:
            texts, damaged = self._rows.cells(text)
            repairs = repairs + self._noted(damaged) if damaged else repairs
        else:
            texts = text.split(self._delimiter)
        names = self._columns.names
        if len(texts) != len(names):
            if names:
                repairs = [*repairs, Repair("", f"{len(texts)} cells, not {len(names)}")]
            names = names + self._columns.beyond(len(texts) - len(names))
        value = dict(zip(names, texts, strict=False))
        return Record(self._place(row), value, row.raw, tuple(repairs))

    def _place(self, row: Taken) -> Place:
        length = len(row.raw) if row.length is None else row.length
        place = Place(self._file, self._number, row.offset, length, str(self._number))
        self._number += 1
        return place

    def _broken(self, row: Taken, fault: Fault) -> Broken:
        return Broken(self._place(row), row.raw, *fault)

    def _text(self, row: Taken) -> tuple[str, list[Repair]] | Fault:
        """A row's text, and what had to be changed in it."""
        encoding = self._units.encoding
        if row.units.isascii():
            return row.units, []
        if encoding.is_wide:
            repairs = [Repair("", f"\\u{ord(lone):04x}") for lone in _LONE.findall(row.units)]
            return (_LONE.sub("\ufffd", row.units) if repairs else row.units), repairs
        if encoding.name == "cp1252":
            return cp1252(row.units), []
        try:
            return row.raw.decode(encoding.name), []
        except UnicodeDecodeError as error:
            found = f"byte {error.start} of the row ({row.raw[error.start]:#04x})"
            if encoding.is_sure:
                return Fault("not_utf8", f"{found} is not {encoding.name}; {encoding.evidence}")
            return cp1252(row.units), [Repair("", f"{found} is not UTF-8: read as cp1252")]
