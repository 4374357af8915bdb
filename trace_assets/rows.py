"""The lines at rest: a trace as it was converted, and the row of a dataset.

Every line is one JSON object in ASCII: a raw U+2028, U+2029 or U+0085 would break the row for the
readers that split text with `str.splitlines`, the SDK's preview among them. A later stage copies
the bytes of `items` and `events` instead of building them again.
"""

import codecs
from collections.abc import Mapping
from typing import Any

from trace_assets.convert import Row
from trace_assets.trace.build import encode

BASE = ("trace_id", "source", "date", "format", "source_uri", "source_sha256")
"""The columns of every dataset row, after `trace` and before those of format and enrichment."""


def converted_line(row: Row) -> bytes:
    """A trace as its format made it, with the place of its record; ends in a newline."""
    place = row.place
    value = {
        "trace": row.trace,
        "trace_id": row.trace["metadata"]["trace_id"],
        "format": row.format,
        "source_uri": place.uri,
        "source_sha256": row.sha256,
        "place": [place.number, place.offset, place.length],
        "columns": row.columns,
    }
    return to_ascii(encode(value)) + b"\n"


def dataset_line(
    *, items: bytes, metadata: Mapping[str, Any], events: bytes | None, columns: Mapping[str, Any]
) -> bytes:
    """A dataset row around items and events that are copied as they are; ends in a newline."""
    head = b'{"trace":{"FORMAT":"open_responses","items":' + items
    middle = b',"metadata":' + to_ascii(encode(metadata))
    tail = b',"events":' + events if events else b""
    return head + middle + tail + b"}," + to_ascii(encode(columns))[1:] + b"\n"


def to_ascii(data: bytes) -> bytes:
    r"""JSON with every character above ASCII as a \u escape; the value does not change.

    >>> to_ascii('"caf\u00e9 \u2014 \U0001f600"'.encode()).decode()
    '"caf\\u00e9 \\u2014 \\ud83d\\ude00"'
    """
    if data.isascii():
        return data
    return data.decode().encode("ascii", "trace_assets.json_escape")


_ESCAPES: dict[str, str] = {}


def _escape(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)  # noqa: S101 - the codec raises no other when encoding
    run = error.object[error.start : error.end]
    escaped = _ESCAPES.get(run)
    if escaped is None:
        units = run.encode("utf-16-be")
        escaped = "".join(f"\\u{units[n]:02x}{units[n + 1]:02x}" for n in range(0, len(units), 2))
        if len(run) <= 2 and len(_ESCAPES) < 10_000:
            _ESCAPES[run] = escaped
    return escaped, error.end


codecs.register_error("trace_assets.json_escape", _escape)
