"""Where bytes that are no JSON end, so that what follows them is read as if they were not there.

Each function leaves the cursor where it is and returns a length, or None when no end shows
within as many bytes as may be held.
"""

import re

from trace_assets.reading.scan import End, Scan
from trace_assets.reading.window import SPACE, Window

_BRACKETS = b"{["
_NEXT_BRACKET = re.compile(rb"[{\[\n]")
_LINE_WITH_DOCUMENT = re.compile(rb"\n(?=[{\[])")
_OPENING_BYTES = 200
_NEWLINE = re.compile(rb"\n")
_REST_OF_LINE = re.compile(rb"[ \t\r]*+([^ \t\r])")
_NEXT_LINE = re.compile(rb"\n([ \t]*+)([^ \t])")
_NEXT_TEXT = re.compile(rb"(?:[ \t\r]*+\n)++(.)")


class Layout:
    """How the items of one array stand in the text, from the first of them.

    In a document that was written with line breaks, an item's indentation says where the
    next one starts, however broken the item is: JSON strings hold no line breaks. In one
    without, the items' first key must do.
    """

    def __init__(self) -> None:
        self.indent: bytes | None = None
        self.opening = b""

    def learn(self, window: Window) -> None:
        """Note the white space before the first item, at the cursor, and how it starts."""
        while window.ahead < _OPENING_BYTES and window.grow():
            pass
        _, newline, indent = window.space_before().rpartition(b"\n")
        self.indent = indent if newline else None
        item = window.data[window.at : window.at + _OPENING_BYTES]
        colon = item.find(b":")
        self.opening = item[: colon + 1] if item[:1] == b"{" and colon > 0 else b""

    def next_line(self, window: Window, limit: int) -> re.Pattern[bytes] | None:
        """What the line break before the next item, or before the array's end, looks like."""
        if self.indent is None or not self._is_kept_by(window, limit):
            return None
        less = max(len(self.indent) - 1, 0)
        same = re.escape(self.indent)
        return re.compile(rb"\n(?:%s(?=[^ \t\r\n}\]])|(?P<last>[ \t]{0,%d}(?=\])))" % (same, less))

    def _is_kept_by(self, window: Window, limit: int) -> bool:
        """Whether the inside of the item at the cursor is indented more than the item."""
        while not (match := _NEXT_LINE.search(window.data, window.at)):
            if window.ahead > limit or not window.grow():
                return True
        deeper = len(match[1]) - len(self.indent or b"")
        return deeper != 0 or match[2] in b"{[]"


def item_length(window: Window, layout: Layout, *, error_at: int, limit: int) -> int | None:
    """The length of a broken item of an array or object."""
    scan = Scan(is_item=True)
    end, scanned = End.NOT_YET, 0
    line = layout.next_line(window, limit)
    while True:
        if end is End.NOT_YET:
            end, index = scan.feed(window.data, window.at + scanned, len(window.data))
            scanned = index - window.at
        by_brackets = scanned if end is End.FOUND else None
        length = _first_end(window, by_brackets, line)
        if length is None and end is End.LOST and line is None:
            length = _by_opening(window, layout, error_at)
        if length is not None:
            return length
        if window.ahead > limit:
            return by_brackets
        if not window.grow():
            return by_brackets or _by_opening(window, layout, error_at) or window.ahead


def _first_end(
    window: Window, by_brackets: int | None, line: re.Pattern[bytes] | None
) -> int | None:
    """The nearer of the end by brackets and the end by indentation."""
    by_line = line.search(window.data, window.at) if line else None
    if by_line and (by_brackets is None or by_line.start() < window.at + by_brackets):
        is_last = by_line.group("last") is not None
        item = window.data[window.at : by_line.start()].rstrip(SPACE)
        return len(item) if is_last else len(item.removesuffix(b","))
    if by_brackets is None or (line and window.data[window.at + by_brackets] == ord("}")):
        return None  # a stray bracket inside the item: its line tells better
    return by_brackets


def _by_opening(window: Window, layout: Layout, error_at: int) -> int | None:
    """Up to the next thing that starts as all items do, near the error or behind it."""
    if not layout.opening or not error_at:
        return None
    pattern = re.compile(rb",[ \t\r\n]*+" + re.escape(layout.opening))
    start = window.at + max(error_at - len(layout.opening) - len(", "), 1)
    match = pattern.search(window.data, start)
    return match.start() - window.at if match else None


def document_length(window: Window, *, starts_line: bool, is_lines: bool, limit: int) -> int | None:
    """The length of a broken document in a stream of documents.

    One that starts with a bracket ends where its brackets say, if that is on the same
    line. Else its line is its end, unless it seems to be a document of many lines: then
    the next line that starts a document is. Anything else ends with its line; behind a
    document on the same line, already before the next bracket.
    """
    if window.data[window.at] not in _BRACKETS:
        return _until(window, _NEWLINE if starts_line else _NEXT_BRACKET, limit)
    scan = Scan(is_item=False)
    end, scanned = _scan_line(window, scan, limit)
    if end is End.FOUND:
        return _with_rest_of_line(window, scanned, limit)
    line_length = _until(window, _NEWLINE, limit, searched=max(scanned, 1))
    if line_length is None or end is End.LOST or is_lines:
        return line_length
    if _starts_document(window, line_length, limit):
        return line_length
    return _many_lines(window, scan, scanned, limit)


def _scan_line(window: Window, scan: Scan, limit: int) -> tuple[End, int]:
    """Scan to the document's end or to the line's; also return how far that is."""
    scanned = 0
    while True:
        start = window.at + scanned
        newline = window.data.find(b"\n", start)
        end, index = scan.feed(window.data, start, len(window.data) if newline < 0 else newline)
        scanned = index - window.at
        if end is not End.NOT_YET or newline >= 0 or window.ahead > limit or not window.grow():
            return end, scanned


def _many_lines(window: Window, scan: Scan, scanned: int, limit: int) -> int | None:
    """Go on over the line break, to the closing bracket or to a line that starts anew."""
    while True:
        start = window.at + scanned
        anew = _LINE_WITH_DOCUMENT.search(window.data, start - 1)
        stop = anew.start() if anew else len(window.data)
        end, index = scan.feed(window.data, start, stop)
        scanned = index - window.at
        if end is End.FOUND:
            return scanned
        if end is End.LOST:
            return _until(window, _LINE_WITH_DOCUMENT, limit, searched=scanned)
        if anew:
            return anew.start() - window.at
        if window.ahead > limit:
            return None
        if not window.grow():
            return window.ahead


def _until(
    window: Window, pattern: re.Pattern[bytes], limit: int, *, searched: int = 1
) -> int | None:
    """Up to what matches, or to the end of the stream; at least one byte."""
    while True:
        match = pattern.search(window.data, window.at + searched)
        if match:
            return match.start() - window.at
        searched = max(window.ahead - 1, 1)  # the pattern may look one byte further
        if window.ahead > limit:
            return None
        if not window.grow():
            return window.ahead


def _with_rest_of_line(window: Window, length: int, limit: int) -> int | None:
    """Up to the line's end if what is left of it starts no document."""
    rest = _visible(window, _REST_OF_LINE, length, limit)
    if rest is None or rest[1] in b"{[\n":
        return length
    return _until(window, _NEWLINE, limit, searched=length)


def _starts_document(window: Window, line_length: int, limit: int) -> bool:
    """Whether the next line that is not blank starts with a bracket, not indented."""
    match = _visible(window, _NEXT_TEXT, line_length, limit)
    return match is not None and match[1] in _BRACKETS


def _visible(
    window: Window, pattern: re.Pattern[bytes], distance: int, limit: int
) -> re.Match[bytes] | None:
    """Match at a distance from the cursor, having looked far enough ahead."""
    while not (match := pattern.match(window.data, window.at + distance)):
        if window.ahead > limit or not window.grow():
            return None
    return match
