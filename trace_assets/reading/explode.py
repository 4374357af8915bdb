"""A document that is in memory whole: its records and its context, found without a scan.

The parser cuts the document into raw values, level by level down to the records. Each value is
then sought where it must stand, so every byte is accounted for: what is no record is a bracket, a
comma, a colon, white space or a key. Where it is not so, because a key is there twice, the document
is left to the walk, which is slower and understands everything.
"""

import re
from typing import Any

import msgspec

from trace_assets.reading.decode import MAY_LACK_KEYS, decode_line
from trace_assets.reading.ladder import escaped
from trace_assets.reading.paths import Node
from trace_assets.reading.place import Context, Item, Record
from trace_assets.reading.tell import Teller

_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode
_MEMBER = re.compile(rb'[ \t\r\n]*+[{,][ \t\r\n]*+"(?:[^"\\]++|\\.)*+"[ \t\r\n]*+:[ \t\r\n]*+')
_ELEMENT = re.compile(rb"[ \t\r\n]*+[\[,][ \t\r\n]*+")
_EMPTY_OBJECT = re.compile(rb"\{[ \t\r\n]*+\}")
_EMPTY_ARRAY = re.compile(rb"\[[ \t\r\n]*+\]")
_OBJECT_END = re.compile(rb"[ \t\r\n]*+\}")
_ARRAY_END = re.compile(rb"[ \t\r\n]*+\]")
_NOT_READ = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class _UnlikeRawError(Exception):
    """The text is not exactly the raw values in their order. It never leaves this file."""


def _decoded(text: bytes) -> Any:
    try:
        return decode_line(text)
    except _NOT_READ:
        return MAY_LACK_KEYS


def raw_members(text: bytes) -> dict[str, msgspec.Raw] | None:
    """The members of the object that a text is; None if it is none."""
    try:
        return _members(text)
    except _NOT_READ:
        return None


class Explode:
    """The items of one document, in the order in which a walk would tell them."""

    def __init__(self, text: bytes, offset: int, teller: Teller) -> None:
        self.items: list[Item] = []
        self._text = text
        self._offset = offset
        self._teller = teller
        self._at = 0

    def read(self, members: dict[str, msgspec.Raw], root: Node, pointer: str, prefix: str) -> bool:
        """Find the items; False, and nothing is told, if the walk must do it."""
        number = self._teller.number
        try:
            self._object(members, root, pointer, prefix)
        except (_UnlikeRawError, *_NOT_READ):
            self.items.clear()
            self._teller.number = number
            return False
        return True

    def _object(
        self, members: dict[str, msgspec.Raw], node: Node, pointer: str, prefix: str
    ) -> None:
        if not members:
            self._pass(_EMPTY_OBJECT)
            return
        start = len(self.items)
        late: set[str] = set()
        is_behind, is_known = False, not node.first
        for key, raw in members.items():
            self._pass(_MEMBER)
            child, step = node.child(key), escaped(key)
            if child is None:
                self._context(raw, f"{pointer}/{step}")
            else:
                self._value(raw, child, f"{pointer}/{step}", prefix + step)
            is_behind = is_behind or child is not None
            if key in node.first:
                is_known = is_known or not is_behind
                late.add(f"{pointer}/{step}")
        self._pass(_OBJECT_END)
        if is_behind and late and not is_known:
            self._tell_first(late, start)

    def _tell_first(self, pointers: set[str], start: int) -> None:
        """Move context that stands behind the records of an object before all of its items."""
        first: list[Item] = []
        rest: list[Item] = []
        for item in self.items[start:]:
            is_first = isinstance(item, Context) and item.pointer in pointers
            (first if is_first else rest).append(item)
        self.items[start:] = first + rest

    def _value(self, raw: msgspec.Raw, node: Node, pointer: str, fragment: str) -> None:
        first = self._text[self._at : self._at + 1]
        if node.is_array and first == b"[":
            self._records(_elements(raw), f"{fragment}/")
        elif node.is_record and first == b"{":
            self._record(raw, fragment)
        elif node.below and first == b"{":
            self._object(_members(raw), node, pointer, f"{fragment}/")
        elif node.below and first == b"[":
            self._indexed(_elements(raw), node, pointer, f"{fragment}/")
        else:
            self._context(raw, pointer)

    def _context(self, raw: msgspec.Raw, pointer: str) -> None:
        offset, text = self._offset + self._at, self._take(raw)
        value = _decoded(text)
        if value is MAY_LACK_KEYS:
            self.items.append(self._teller.context(text, offset, pointer))
        else:
            self.items.append(Context(self._teller.file, pointer, text, value))

    def _indexed(self, elements: list[msgspec.Raw], node: Node, pointer: str, prefix: str) -> None:
        for index, raw in enumerate(elements):
            self._pass(_ELEMENT)
            step = str(index)
            child = node.child(step)
            if child is None:
                self._context(raw, f"{pointer}/{step}")
            else:
                self._value(raw, child, f"{pointer}/{step}", prefix + step)
        self._pass(_ARRAY_END if elements else _EMPTY_ARRAY)

    def _records(self, elements: list[msgspec.Raw], prefix: str) -> None:
        for index, raw in enumerate(elements):
            self._pass(_ELEMENT)
            self._record(raw, f"{prefix}{index}")
        self._pass(_ARRAY_END if elements else _EMPTY_ARRAY)

    def _record(self, raw: msgspec.Raw, fragment: str) -> None:
        offset = self._offset + self._at
        record = self._take(raw)
        value = _decoded(record)
        if value is MAY_LACK_KEYS:
            self.items.append(self._teller.record(record, offset, fragment))
        else:
            place = self._teller.place(offset, len(record), fragment)
            self.items.append(Record(place, value, record))

    def _take(self, raw: msgspec.Raw) -> bytes:
        """The bytes of a value, which must be the next ones."""
        value = bytes(raw)
        if not self._text.startswith(value, self._at):
            raise _UnlikeRawError
        self._at += len(value)
        return value

    def _pass(self, pattern: re.Pattern[bytes]) -> None:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise _UnlikeRawError
        self._at = match.end()
