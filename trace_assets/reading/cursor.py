"""Steps inside one document: a key, a value, or what stands where one of them should."""

import re
from collections.abc import Iterator

import msgspec

from trace_assets.reading.ends import Verdict, measure
from trace_assets.reading.paths import Leads
from trace_assets.reading.place import Limits
from trace_assets.reading.resync import Layout, item_length
from trace_assets.reading.window import Window

_KEY = re.compile(rb'("(?:[^"\\\n]++|\\.)*+")[ \t\r\n]*+:')
_PART_OF_KEY = re.compile(rb'"(?:[^"\\\n]++|\\.)*+(?:\\|"[ \t\r\n]*+)?\Z')
_COMMA = ord(",")
_ARRAY_END, _OBJECT_END = b"]}"
_NO_MORE = -1


class Cursor:
    """Moves through a window by whole keys and values, however broken they are."""

    def __init__(self, window: Window, limits: Limits) -> None:
        self.window = window
        self.limits = limits
        self._no_end_before = 0

    def key(self) -> str | None:
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

    def is_cut_in_key(self) -> bool:
        """Whether the stream ends in what could have been a key."""
        window = self.window
        return window.ended and _PART_OF_KEY.match(window.data, window.at) is not None

    def value(self, layout: Layout) -> bytes | None:
        """The bytes of the value at the cursor, which moves behind it; None if too large."""
        window, limit = self.window, self.limits.record_bytes
        verdict, length = measure(window, limit)
        if verdict is Verdict.WHOLE:
            return window.take(length)
        error_at = length if verdict is Verdict.BAD else 0
        found = item_length(window, layout, error_at=error_at, limit=limit)
        return None if found is None or found > limit else window.take_trimmed(found)

    def keys_before(self, leads: Leads) -> tuple[list[str], str]:
        """The keys of the object at the cursor up to one that leads to records, and that one.

        It is empty if there is none. The cursor stays where it is.
        """
        window = self.window
        start = window.keep_from_here()
        before: list[str] = []
        found = ""
        for key in self._keys_passed():
            if leads(key):
                found = key
                break
            before.append(key)
            if window.offset - start > self.limits.record_bytes:
                break
        window.at = start - window.base
        window.release()
        return before, found

    def _keys_passed(self) -> Iterator[str]:
        """The keys of the object at the cursor; their values are passed over."""
        window = self.window
        window.at += 1
        while window.skip_space() not in (_OBJECT_END, _NO_MORE):
            key = self.key()
            if key is not None:
                yield key
            if window.skip_space() == _NO_MORE or not self._pass_over():
                return
            if window.skip_space() == _COMMA:
                window.at += 1

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
