"""A file as a stream of JSON documents, and the records in each.

A file may be one document, one per line, or documents one after the other. A document that
is a bare array holds a record per element; an object is one record, or is exploded as the
format's `Shape` says. Memory holds one record, or the records of one line that fits in the
window, never a longer document.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO, cast

import msgspec

from trace_assets.reading.decode import MAY_LACK_KEYS, decode_line
from trace_assets.reading.ends import Verdict, is_trailing, measure
from trace_assets.reading.explode import Explode, raw_members
from trace_assets.reading.ladder import Fault, looks_like_utf16
from trace_assets.reading.large import take_rest
from trace_assets.reading.paths import tree
from trace_assets.reading.place import Item, Limits, Place, Record, Shape
from trace_assets.reading.resync import document_length
from trace_assets.reading.tell import Teller
from trace_assets.reading.walk import Walk
from trace_assets.reading.window import BOM, SPACE, Window

_ANY_SHAPE = Shape()
_USUAL_LIMITS = Limits()
_NO_MORE = -1
_ARRAY, _OBJECT, _OBJECT_END = b"[{}"


def read_records(
    stream: BinaryIO, *, file: str, shape: Shape = _ANY_SHAPE, limits: Limits = _USUAL_LIMITS
) -> Iterator[Item]:
    """Yield the records of a stream of JSON in the order in which they stand in it.

    Nothing is passed over: what is no record comes as `Broken`, and what an exploded
    document says beside its records as `Context`. An empty stream yields nothing. `file` is
    what places name; offsets count from where the stream is now.

    Context that `shape.first` names comes before the records that it is said for also where
    it stands behind them, if the stream can seek; else if no more than `limits.ahead_bytes`
    lie between the start of its object and its own end.

    Raises:
        OSError: the stream cannot be read. A compressed stream that is cut or damaged is
            no such case: its last item is then a `Broken` that says so.
    """
    return _Documents(stream, file, shape, limits).read()


class _Documents:
    def __init__(self, stream: BinaryIO, file: str, shape: Shape, limits: Limits) -> None:
        self._window = Window(stream, limits.window_bytes)
        self._teller = Teller(file)
        self._walk = Walk(self._window, self._teller, limits)
        self._limits = limits
        self._shape = shape
        self._root = tree(shape)
        self._names = frozenset(shape.whole).union(self._root.below)
        self._count = 0
        self._is_lines = False
        self._explodes_lines = False
        self._was_one_line = False
        self._no_line_before = 0
        self._no_end_before = 0

    def read(self) -> Iterator[Item]:
        window = self._window
        yield from self._start()
        while window.skip_space() != _NO_MORE:
            if self._was_one_line and not self._is_lines:
                self._is_lines = window.starts_line()
            self._was_one_line = False
            yield from self._lines()
            if window.skip_space() != _NO_MORE:
                yield from self._document()
                self._count += 1
        if window.failure:
            fault = Fault("truncated", str(window.failure))
            yield self._teller.broken(b"", window.offset, str(self._count), fault)

    def _start(self) -> Iterator[Item]:
        """Pass a byte order mark; refuse as a whole what is no UTF-8 from the start."""
        window = self._window
        window.grow()
        if window.data.startswith(BOM):
            window.at = len(BOM)
        elif looks_like_utf16(window.data):
            kept, length, message = take_rest(window, self._limits)
            message = f"the file looks like UTF-16 or UTF-32: convert it to UTF-8{message}"
            yield self._teller.broken(kept, 0, "0", Fault("not_utf8", message), length)

    def _lines(self) -> Iterator[Item]:
        """The items of the lines from the cursor on that are one document each, if any.

        Most files are these lines, and short ones, so this loop calls as little as it can.
        """
        window = self._window
        while (stop := self._line_end()) > window.at:
            raw = window.data[window.at : stop]
            if raw[0] in SPACE:
                return
            if raw[-1] != _OBJECT_END:
                raw = raw.rstrip(SPACE)
            items = self._exploded(raw) if self._explodes_lines else None
            if items is None and (items := self._single(raw, stop)) is None:
                return
            self._count += 1
            window.at = stop
            if stop < len(window.data):
                window.at = stop + 1
                self._is_lines = True
                self._was_one_line = False
            yield from items

    def _single(self, raw: bytes, stop: int) -> Sequence[Item] | None:
        """The record that a line is; None if it is none, or not without doubt."""
        try:
            value = decode_line(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            if is_trailing(error):  # documents side by side: do not try this line again
                self._no_line_before = self._window.base + stop
            return None
        self._was_one_line = True
        if value is MAY_LACK_KEYS or isinstance(value, list):
            return None
        if isinstance(value, dict) and self._explodes(cast("dict[str, Any]", value)):
            if self._explodes_lines:
                return None
            self._explodes_lines = True
            return self._exploded(raw)
        teller = self._teller
        place = Place(teller.file, teller.number, self._window.offset, len(raw), str(self._count))
        teller.number += 1
        return (Record(place, value, raw),)

    def _exploded(self, raw: bytes) -> Sequence[Item] | None:
        """The items of a line that is exploded; None if it is not, or the walk must do it."""
        members = raw_members(raw)
        if members is None or not self._explodes(members):
            return None
        self._was_one_line = True
        prefix, pointer = self._numbered()
        explode = Explode(raw, self._window.offset, self._teller)
        return explode.items if explode.read(members, self._root, pointer, prefix) else None

    def _line_end(self) -> int:
        """The index of the next line break, or of the end; -1 if it is too far to be seen."""
        window = self._window
        if window.base + window.at < self._no_line_before:
            return -1
        newline = window.data.find(b"\n", window.at)
        while newline < 0 and window.ahead < self._limits.window_bytes and window.grow():
            newline = window.data.find(b"\n", window.at)
        if newline >= 0 or window.ended:
            return newline if newline >= 0 else len(window.data)
        self._no_line_before = window.offset + window.ahead
        return -1

    def _explodes(self, keys: Iterable[str]) -> bool:
        """Whether of the keys that the shape names, one that leads to records is first."""
        if self._names.isdisjoint(keys):
            return False
        return next(key not in self._shape.whole for key in keys if key in self._names)

    def _document(self) -> Iterator[Item]:
        """The records of the document at the cursor."""
        byte = self._window.data[self._window.at]
        prefix, pointer = self._numbered()
        if self._is_cut_line():
            yield from self._cut_line(prefix, pointer)
        elif byte == _ARRAY:
            yield from self._walk.elements(prefix)
        elif self._is_exploded(self._walk):
            yield from self._walk.members(self._root, pointer, prefix)
        else:
            yield self._whole()

    def _numbered(self) -> tuple[str, str]:
        """How fragments and pointers of this document start."""
        return (f"{self._count}/", f"/{self._count}") if self._count else ("", "")

    def _is_exploded(self, walk: Walk) -> bool:
        """Whether the document at the cursor is exploded by the shape."""
        if not self._names or walk.window.data[walk.window.at] != _OBJECT:
            return False
        _, key = walk.cursor.keys_before(self._names.__contains__)
        return self._explodes([key])

    def _cut_line(self, prefix: str, pointer: str) -> Iterator[Item]:
        """What can be told of a broken line, without reaching into the next one."""
        window, limit = self._window, self._limits.record_bytes
        length = document_length(window, starts_line=True, is_lines=True, limit=limit)
        if length is None or length > limit:
            yield self._whole()
            return
        line = Window.over(window.data[window.at : window.at + length], window.offset)
        walk = Walk(line, self._teller, self._limits)
        if self._is_exploded(walk):
            yield from walk.members(self._root, pointer, prefix)
        elif line.data[:1] == b"[" and line.data.rstrip(SPACE)[-1:] == b"]":
            yield from walk.elements(prefix)
        else:  # a line of text may start with a bracket
            yield self._whole()
        window.at += line.at

    def _is_cut_line(self) -> bool:
        """Whether the document at the cursor is one of many lines, and broken.

        Its brackets would otherwise take the lines behind it for its own content.
        """
        window = self._window
        is_suspect = self._is_lines or (not self._count and self._next_line_is_exploded())
        if not is_suspect or self._was_one_line or window.offset < self._no_line_before:
            return False
        if window.offset < self._no_end_before:
            return True
        verdict, _ = measure(window, self._limits.record_bytes)
        return verdict in (Verdict.BAD, Verdict.CUT)

    def _next_line_is_exploded(self) -> bool:
        """Whether the second line of the file is a document with records in it."""
        window = self._window
        newline = window.data.find(b"\n", window.at)
        stop = window.data.find(b"\n", newline + 1)
        if not self._names or newline < 0:
            return False
        try:
            value = decode_line(window.data[newline + 1 : stop if stop > 0 else None])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        return isinstance(value, dict) and self._explodes(cast("dict[str, Any]", value))

    def _whole(self) -> Item:
        """The document at the cursor as one record.

        A number or a string is one only if it stands alone: `2026-01-02 INFO` is no 2026.
        """
        window, fragment = self._window, str(self._count)
        offset, limit = window.offset, self._limits.record_bytes
        length: int | None = None
        if window.data[window.at] in b"{[" and offset >= self._no_end_before:
            verdict, size = measure(window, limit)
            if verdict is Verdict.WHOLE:
                length = size
                self._was_one_line = window.data.find(b"\n", window.at, window.at + size) < 0
                self._is_lines = self._is_lines and self._was_one_line
            elif verdict is Verdict.CUT:
                self._no_end_before = offset + window.ahead
        if length is None:
            length = document_length(
                window, starts_line=window.starts_line(), is_lines=self._is_lines, limit=limit
            )
        if length is None or length > limit:
            return self._walk.large(fragment, is_item=False)
        raw = window.take_trimmed(length)
        return self._teller.record(raw, offset, fragment)
