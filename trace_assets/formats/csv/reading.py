"""Rows of a table or flat JSON: told by the first byte that is no space."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from trace_assets.mapping import Mapping
from trace_assets.reading import Dialect, Item, Shape, head, read_records, read_table

_LOOK = 4096


def read(
    stream: BinaryIO, *, file: str, shape: Shape, mapping: Mapping | None = None
) -> Iterator[Item]:
    """Yield the rows of a file."""
    start = head(stream, _LOOK).removeprefix(codecs.BOM_UTF8).lstrip()
    if start[:1] in (b"{", b"["):
        return read_records(stream, file=file, shape=shape)
    dialect = Dialect()
    if mapping is not None:
        dialect = Dialect(mapping.delimiter, mapping.encoding, mapping.columns)
    return read_table(stream, file=file, dialect=dialect)
