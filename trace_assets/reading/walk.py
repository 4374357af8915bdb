"""Inside one document: the elements of arrays and the members of objects, one at a time."""

import re
from collections.abc import Generator, Iterator

import msgspec

from trace_assets.reading.ends import Verdict, measure
from trace_assets.reading.ladder import Fault, escaped
from trace_assets.reading.large import pass_large
from trace_assets.reading.paths import Node
from trace_assets.reading.place import Broken, Item, Limits
from trace_assets.reading.resync import Layout, item_length
from trace_assets.reading.tell import Teller
from trace_assets.reading.window import Window

_KEY = re.compile(rb'("(?:[^"\\\n]++|\\.)*+")[ \t\r\n]*+:')
_PART_OF_KEY = re.compile(rb'"(?:[^"\\\n]++|\\.)*+(?:\\|"[ \t\r\n]*+)?\Z')
_COMMA = ord(",")
_ARRAY, _ARRAY_END, _OBJECT, _OBJECT_END = b"[]{}"
_NO_MORE = -1

Items = Generator[Item, None, bool]
"""Yields what is found; returns whether the closing bracket was."""


class Walk:
    """A way through the documents of one file."""

    def __init__(self, window: Window, teller: Teller, limits: Limits) -> None:
        self.window = window
        self.teller = teller
        self.limits = limits
        self.told: set[int] = set()
        """Offsets of the context that was told ahead of its turn."""
        self._said_cut = False
        self._no_end_before = 0

    def elements(self, prefix: str) -> Items:
        """The records of the array at the cursor."""
        window, layout, index = self.window, Layout(), 0
        window.at += 1
        if window.skip_space() == _ARRAY_END:
            window.at += 1
            return True
        layout.learn(window)
        while window.skip_space() != _NO_MORE:
            yield self.item(f"{prefix}{index}", layout)
            index += 1
            byte = yield from self._separator(_ARRAY_END, f"{prefix}{index}")
            if byte != _COMMA:
                return byte == _ARRAY_END
        yield from self.cut(f"{prefix}{index}")
        return False

    def members(self, node: Node, pointer: str, prefix: str) -> Items:
        """The records and the context in the object at the cursor."""
        window = self.window
        window.at += 1
        if window.skip_space() == _OBJECT_END:
            window.at += 1
            return True
        while window.skip_space() != _NO_MORE:
            key = self._key()
            if key is None:
                if window.ended and _PART_OF_KEY.match(window.data, window.at):
                    break
                yield self._stray(prefix, "a key in quotes, and a colon")
            elif not (yield from self._value(node.child(key), escaped(key), pointer, prefix)):
                return False
            byte = yield from self._separator(_OBJECT_END, prefix)
            if byte != _COMMA:
                return byte == _OBJECT_END
        yield from self.cut(prefix)
        return False

    def keys_passed(self) -> Iterator[str]:
        """The keys of the object at the cursor; their values are passed over."""
        window = self.window
        window.at += 1
        while window.skip_space() not in (_OBJECT_END, _NO_MORE):
            key = self._key()
            if key is not None:
                yield key
            if window.skip_space() == _NO_MORE or not self._pass_over():
                return
            if window.skip_space() == _COMMA:
                window.at += 1

    def item(self, fragment: str, layout: Layout) -> Item:
        """The value at the cursor as a record."""
        offset = self.window.offset
        raw = self._extent(layout)
        if raw is None:
            item = self.large(fragment, is_item=True)
        elif raw:
            item = self.teller.record(raw, offset, fragment)
        else:
            item = self.teller.broken(
                raw, offset, fragment, Fault("not_json", "a value is missing")
            )
        return self._noting_the_end(item)

    def large(self, fragment: str, *, is_item: bool) -> Item:
        """Say that what stands at the cursor is too large, and pass it."""
        offset = self.window.offset
        kept, length, message = pass_large(self.window, self.limits, is_item=is_item)
        return self.teller.broken(kept, offset, fragment, Fault("too_large", message), length)

    def cut(self, fragment: str) -> Iterator[Item]:
        """Say that the stream ended inside a document, unless its last record said so."""
        if not self._said_cut:
            self._said_cut = True
            offset, rest = self.window.offset, self.window.take(self.window.ahead)
            message = "the document ends before its closing brackets"
            yield self.teller.broken(
                rest, offset, fragment.rstrip("/"), Fault("truncated", message)
            )

    def _value(self, node: Node | None, key: str, pointer: str, prefix: str) -> Items:
        window = self.window
        byte = window.skip_space()
        if byte == _NO_MORE:
            yield from self.cut(prefix + key)
            return False
        if node and node.is_array and byte == _ARRAY:
            return (yield from self.elements(f"{prefix}{key}/"))
        if node and node.is_record and byte == _OBJECT:
            yield self.item(prefix + key, Layout())
        elif node and node.below and byte == _OBJECT:
            return (yield from self.members(node, f"{pointer}/{key}", f"{prefix}{key}/"))
        else:
            yield from self._context(f"{pointer}/{key}", prefix + key)
        return True

    def _context(self, pointer: str, fragment: str) -> Iterator[Item]:
        offset = self.window.offset
        raw = self._extent(Layout())
        if raw is None:
            yield self._noting_the_end(self.large(fragment, is_item=True))
        elif offset not in self.told:
            yield self._noting_the_end(self.teller.context(raw, offset, pointer))

    def _separator(self, closer: int, fragment: str) -> Generator[Item, None, int]:
        """Pass the comma or the closing bracket, and say what else is found before it."""
        window = self.window
        expected = f"',' or '{chr(closer)}'"
        while (byte := window.skip_space()) not in (_COMMA, closer, _NO_MORE):
            yield self._stray(fragment, expected)
        if byte == _NO_MORE:
            yield from self.cut(fragment)
        else:
            window.at += 1
        return byte

    def _stray(self, fragment: str, expected: str) -> Item:
        """Say that bytes stand where they should not."""
        window = self.window
        offset = window.offset
        length = item_length(window, Layout(), error_at=0, limit=self.limits.record_bytes)
        if length is None:
            return self.large(fragment, is_item=True)
        raw = window.take_trimmed(max(length, 1))
        message = f"expected {expected} at byte {offset} of the file, found {raw[:20]!r}"
        return self.teller.broken(raw, offset, fragment.rstrip("/"), Fault("not_json", message))

    def _key(self) -> str | None:
        """The key at the cursor, which moves behind its colon; None if it is no key."""
        window = self.window
        while not (match := _KEY.match(window.data, window.at)):
            if window.ahead > self.limits.record_bytes:
                return None
            if not _PART_OF_KEY.match(window.data, window.at) or not window.grow():
                return None
        window.at = match.end()
        try:
            return msgspec.json.decode(match[1], type=str)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return match[1][1:-1].decode(errors="backslashreplace")

    def _extent(self, layout: Layout) -> bytes | None:
        """The bytes of the value at the cursor, which moves behind it; None if too large."""
        window, limit = self.window, self.limits.record_bytes
        verdict, length = measure(window, limit)
        if verdict is Verdict.WHOLE:
            return window.take(length)
        error_at = length if verdict is Verdict.BAD else 0
        found = item_length(window, layout, error_at=error_at, limit=limit)
        return None if found is None or found > limit else window.take_trimmed(found)

    def _pass_over(self) -> bool:
        """Move behind a value or what stands for it; False if its end cannot be told.

        The search for an end may go to the end of the stream and be in vain. It is then
        not tried again on the way there, or a file of broken lines would take forever.
        """
        window, limit = self.window, self.limits.record_bytes
        verdict, length = measure(window, limit)
        if verdict is Verdict.WHOLE:
            window.at += length
            return True
        if window.offset < self._no_end_before:
            return False
        found = item_length(window, Layout(), error_at=0, limit=limit)
        if found is None or (window.ended and found == window.ahead):
            self._no_end_before = window.offset + limit
            return False
        window.at += found
        if window.skip_space() == _ARRAY_END:
            window.at += 1
        return True

    def _noting_the_end(self, item: Item) -> Item:
        """Note whether a broken item has told already that the stream ends too early."""
        self._said_cut = isinstance(item, Broken) and self.window.skip_space() == _NO_MORE
        return item
