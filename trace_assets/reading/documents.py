"""A file as a stream of JSON documents, and the records in each.

A file may be one document, one per line, or documents one after the other. A document that
is a bare array holds a record per element; an object is one record, or is exploded as the
format's `Shape` says. Memory holds one record, never a document.
"""

from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, cast

import msgspec

from trace_assets.reading.ahead import look_ahead
from trace_assets.reading.decode import MAY_LACK_KEYS, decode_line
from trace_assets.reading.ends import Verdict, is_trailing, measure
from trace_assets.reading.ladder import Fault, looks_like_utf16
from trace_assets.reading.large import take_rest
from trace_assets.reading.paths import tree
from trace_assets.reading.place import Item, Limits, Record, Shape
from trace_assets.reading.resync import document_length
from trace_assets.reading.tell import Teller
from trace_assets.reading.walk import Walk
from trace_assets.reading.window import BOM, Window

_ANY_SHAPE = Shape()
_USUAL_LIMITS = Limits()
_NO_MORE = -1
_ARRAY, _OBJECT = b"[{"


def read_records(
    stream: BinaryIO, *, file: str, shape: Shape = _ANY_SHAPE, limits: Limits = _USUAL_LIMITS
) -> Iterator[Item]:
    """Yield the records of a stream of JSON in the order in which they stand in it.

    Nothing is passed over: what is no record comes as `Broken`, and what an exploded
    document says beside its records as `Context`. An empty stream yields nothing. `file` is
    what places name; offsets count from where the stream is now.

    Context that `shape.first` names comes before the records also where it stands behind
    them, if the stream can seek.

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
        self._file = file
        self._count = 0
        self._is_lines = False
        self._no_line_before = 0

    def read(self) -> Iterator[Item]:
        window = self._window
        yield from self._start()
        while window.skip_space() != _NO_MORE:
            item = self._line()
            if item is None:
                yield from self._document()
            else:
                yield item
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

    def _line(self) -> Item | None:
        """The line at the cursor as a record; None if it is not exactly one."""
        window = self._window
        raw = self._rest_of_line()
        if raw is None:
            return None
        try:
            value = decode_line(raw)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            if is_trailing(error):  # documents side by side: do not try this line again
                self._no_line_before = window.offset + len(raw)
            return None
        if value is MAY_LACK_KEYS or not self._is_record(value):
            return None
        self._is_lines = True
        offset = window.offset
        window.at += len(raw)
        place = self._teller.place(offset, len(raw), str(self._count))
        return Record(place, value, raw)

    def _rest_of_line(self) -> bytes | None:
        """The bytes up to the line break, if it can be seen from the cursor."""
        window = self._window
        if window.offset < self._no_line_before:
            return None
        newline = window.data.find(b"\n", window.at)
        if newline < 0 and window.ahead < self._limits.window_bytes and window.grow():
            newline = window.data.find(b"\n", window.at)
        if newline < 0 and not window.ended:
            self._no_line_before = window.offset + window.ahead
            return None
        stop = len(window.data) if newline < 0 else newline
        return window.data[window.at : stop].rstrip(b" \t\r")

    def _is_record(self, value: Any) -> bool:
        """Whether a document is one record: no array, and not exploded by the shape."""
        if isinstance(value, list):
            return False
        if not isinstance(value, dict) or self._names.isdisjoint(cast("dict[str, Any]", value)):
            return True
        return not self._explodes(cast("dict[str, Any]", value))

    def _explodes(self, keys: Iterable[str]) -> bool:
        """Whether of the keys that the shape names, one that leads to records is first."""
        return next((key not in self._shape.whole for key in keys if key in self._names), False)

    def _document(self) -> Iterator[Item]:
        """The records of the document at the cursor."""
        window, nth = self._window, self._count
        byte = window.data[window.at]
        prefix, pointer = (f"{nth}/", f"/{nth}") if nth else ("", "")
        if byte == _ARRAY:
            yield from self._walk.elements(prefix)
        elif byte == _OBJECT and self._names:
            yield from self._object(prefix, pointer)
        else:
            yield self._whole()

    def _object(self, prefix: str, pointer: str) -> Iterator[Item]:
        before: list[str] = []
        if not self._is_exploded(before):
            yield self._whole()
            return
        first = self._shape.first
        if first and set(first).isdisjoint(before):
            wanted = {f"{pointer}/{key}" for key in first}
            yield from look_ahead(self._walk, self._root, pointer, wanted)
        yield from self._walk.members(self._root, pointer, prefix)

    def _is_exploded(self, before: list[str]) -> bool:
        """Whether the object at the cursor is exploded; note the keys before its records."""
        window = self._window
        start = window.keep_from_here()
        for key in self._walk.keys_passed():
            if key in self._names:
                break
            before.append(key)
            if window.offset - start > self._limits.record_bytes:
                break
        else:
            key = ""
        window.at = start - window.base
        window.release()
        return self._explodes([key])

    def _whole(self) -> Item:
        """The document at the cursor as one record."""
        window, fragment = self._window, str(self._count)
        offset, limit = window.offset, self._limits.record_bytes
        verdict, length = measure(window, limit)
        if verdict is Verdict.LARGE:
            return self._walk.large(fragment, is_item=False)
        if verdict is not Verdict.WHOLE:
            found = document_length(
                window, starts_line=window.starts_line(), is_lines=self._is_lines, limit=limit
            )
            if found is None:
                return self._walk.large(fragment, is_item=False)
            length = found
        return self._teller.record(window.take(length), offset, fragment)
