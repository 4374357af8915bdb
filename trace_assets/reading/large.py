"""Passing what is too large to be held."""

from trace_assets.reading.place import Limits
from trace_assets.reading.scan import End, Scan
from trace_assets.reading.window import Window


def pass_large(window: Window, limits: Limits, *, is_item: bool) -> tuple[bytes, int, str]:
    """Move behind the value at the cursor; return its first bytes, its length and a message.

    An item whose end cannot be told takes the rest of the stream with it; a document that
    is none takes the rest of its line.
    """
    start = window.offset
    kept = window.data[window.at : window.at + limits.kept_bytes]
    is_found = _pass_value(window, is_item=is_item)
    if not is_found and not is_item:
        is_found = _pass_line(window)
    length = window.offset - start
    kept = kept[:length]  # what closes early and goes on without end is shorter than the look at it
    message = (
        f"the record has {length} bytes; more than {limits.record_bytes} are not read, "
        f"and only the first {len(kept)} are kept here"
    )
    if not is_found:
        message += "; its end was not found, so nothing behind it was read"
    return kept, length, message


def take_rest(window: Window, limits: Limits) -> tuple[bytes, int, str]:
    """Move to the end of the stream; return what is kept, its length and a message if not all."""
    while window.ahead <= limits.record_bytes and window.grow():
        pass
    if window.ended and window.ahead <= limits.record_bytes:
        rest = window.take(window.ahead)
        return rest, len(rest), ""
    start = window.offset
    kept = window.data[window.at : window.at + limits.kept_bytes]
    _pass_rest(window)
    return kept, window.offset - start, f"; only the first {len(kept)} bytes are kept here"


def _pass_rest(window: Window) -> None:
    window.at = len(window.data)
    while window.grow():
        window.at = len(window.data)


def _pass_value(window: Window, *, is_item: bool) -> bool:
    scan = Scan(is_item=is_item)
    while True:
        end, window.at = scan.feed(window.data, window.at, len(window.data))
        if end is End.FOUND:
            return True
        if end is End.LOST and not is_item:
            return False
        if end is End.LOST or not window.grow():
            _pass_rest(window)
            return False


def _pass_line(window: Window) -> bool:
    while (newline := window.data.find(b"\n", window.at)) < 0:
        window.at = len(window.data)
        if not window.grow():
            return False
    window.at = newline
    return True
