"""Bytes to records: each with its place, in bounded memory, and nothing lost in silence.

with open("sims.json", "rb") as stream:
    for item in read_records(open_plain(stream), file="sims.json", shape=shape):
        match item:
            case Record(place=place, value=value): ...
            case Broken(reason=reason, raw=raw): ...
            case Context(pointer="/info", value=info): ...

A `Shape` says where the records of a format are; `Around` tells what was said around one:

shape = Shape(
    arrays=("resourceSpans/*/scopeSpans/*/spans",),
    first=("resourceSpans/*/resource", "resourceSpans/*/scopeSpans/*/scope"),
)
around.of(record.place)["/resourceSpans/*/resource"]

`read_table` gives the rows of a CSV file and its like in the same way; `read_json_or_table` reads
whichever of the two a file is. A zip file is the files
in it: `open_members` gives a stream for each.
"""

from trace_assets.reading.archive import ArchiveError, ArchiveLimits, Member, is_zip, open_members
from trace_assets.reading.around import Around
from trace_assets.reading.compression import DecompressionError, bytes_at, head, open_plain
from trace_assets.reading.documents import read_records
from trace_assets.reading.either import read_json_or_table
from trace_assets.reading.place import (
    Broken,
    Context,
    Item,
    Limits,
    Place,
    Record,
    Repair,
    Shape,
)
from trace_assets.reading.table import Dialect, read_table

__all__ = [
    "ArchiveError",
    "ArchiveLimits",
    "Around",
    "Broken",
    "Context",
    "DecompressionError",
    "Dialect",
    "Item",
    "Limits",
    "Member",
    "Place",
    "Record",
    "Repair",
    "Shape",
    "bytes_at",
    "head",
    "is_zip",
    "open_members",
    "open_plain",
    "read_json_or_table",
    "read_records",
    "read_table",
]
