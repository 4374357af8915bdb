"""Files of a tool that exports the same records as JSON and as a table."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from trace_assets.reading.compression import head
from trace_assets.reading.documents import read_records
from trace_assets.reading.place import Item, Shape
from trace_assets.reading.table import read_table

_LOOK = 4096


def read_json_or_table(stream: BinaryIO, *, file: str, shape: Shape) -> Iterator[Item]:
    """Yield the records of a file: JSON where its first byte after white space is a bracket."""
    start = head(stream, _LOOK).removeprefix(codecs.BOM_UTF8).lstrip()
    if not start or start[:1] in (b"{", b"["):
        return read_records(stream, file=file, shape=shape)
    return read_table(stream, file=file)
