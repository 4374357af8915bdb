"""Inside one document: the elements of arrays and the members of objects, one at a time."""

from collections.abc import Generator, Iterator

from trace_assets.reading.cursor import Cursor
from trace_assets.reading.ladder import Fault, escaped
from trace_assets.reading.large import pass_large
from trace_assets.reading.paths import Node
from trace_assets.reading.place import Broken, Context, Item, Limits
from trace_assets.reading.resync import Layout, item_length
from trace_assets.reading.tell import ContextTeller, Teller
from trace_assets.reading.window import Window

_COMMA = ord(",")
_ARRAY, _ARRAY_END, _OBJECT, _OBJECT_END = b"[]{}"
_NO_MORE = -1

Items = Generator[Item, None, bool]
"""Yields what is found; returns whether the closing bracket was."""


class Walk:
    """A way through the documents of one file."""

    def __init__(
        self, window: Window, teller: Teller, limits: Limits, *, looks_ahead: bool = True
    ) -> None:
        self.window = window
        self.teller = teller
        self.limits = limits
        self.cursor = Cursor(window, limits)
        self._looks_ahead = looks_ahead
        self._told: set[int] = set()  # offsets of the context that was told ahead of its turn
        self._said_cut = False

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
        if node.first and self._looks_ahead:
            yield from self._first(node, pointer)
        window.at += 1
        if window.skip_space() == _OBJECT_END:
            window.at += 1
            return True
        while window.skip_space() != _NO_MORE:
            key = self.cursor.key()
            if key is None:
                if self.cursor.is_cut_in_key():
                    break
                yield self._stray(prefix, "a key in quotes, and a colon")
            elif not (yield from self._value(node.child(key), escaped(key), pointer, prefix)):
                return False
            byte = yield from self._separator(_OBJECT_END, prefix)
            if byte != _COMMA:
                return byte == _OBJECT_END
        yield from self.cut(prefix)
        return False

    def item(self, fragment: str, layout: Layout) -> Item:
        """The value at the cursor as a record."""
        offset = self.window.offset
        raw = self.cursor.value(layout)
        if raw is None:
            item = self.large(fragment, is_item=True)
        elif raw:
            item = self.teller.record(raw, offset, fragment)
        else:
            item = self._missing(offset, fragment)
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

    def _first(self, node: Node, pointer: str) -> Iterator[Context]:
        """What must be known before the records of the object at the cursor.

        Nothing if some of it stands before them anyway, or if it cannot be looked for. The
        records are passed at the speed of the parser's own skipping.
        """
        before, key = self.cursor.keys_before(node.child)
        if not key or not node.first.isdisjoint(before):
            return
        wanted = {f"{pointer}/{escaped(key)}" for key in node.first}
        fork = self.window.fork(self.limits.ahead_bytes)
        quiet = ContextTeller(self.teller.file, wanted, self._told)
        for item in Walk(fork, quiet, self.limits, looks_ahead=False).members(node, pointer, ""):
            if isinstance(item, Context) and item.pointer:
                yield item
            if not wanted:
                break
        self.window.rejoin(fork)

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
        elif node and node.below and byte == _ARRAY:
            return (yield from self._indexed(node, f"{pointer}/{key}", f"{prefix}{key}/"))
        else:
            yield from self._context(f"{pointer}/{key}", prefix + key)
        return True

    def _indexed(self, node: Node, pointer: str, prefix: str) -> Items:
        """The records and the context in the array at the cursor, which leads to records."""
        window, index = self.window, 0
        window.at += 1
        if window.skip_space() == _ARRAY_END:
            window.at += 1
            return True
        while True:
            key = str(index)
            if not (yield from self._value(node.child(key), key, pointer, prefix)):
                return False
            index += 1
            byte = yield from self._separator(_ARRAY_END, f"{prefix}{index}")
            if byte != _COMMA:
                return byte == _ARRAY_END

    def _context(self, pointer: str, fragment: str) -> Iterator[Item]:
        offset = self.window.offset
        raw = self.cursor.value(Layout())
        if raw is None:
            yield self._noting_the_end(self.large(fragment, is_item=True))
        elif not raw:
            yield self._missing(offset, fragment)
        elif offset in self._told:
            self._told.remove(offset)
        else:
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

    def _missing(self, offset: int, fragment: str) -> Item:
        return self.teller.broken(b"", offset, fragment, Fault("not_json", "a value is missing"))

    def _noting_the_end(self, item: Item) -> Item:
        """Note whether a broken item has told already that the stream ends too early."""
        self._said_cut = isinstance(item, Broken) and self.window.skip_space() == _NO_MORE
        return item
