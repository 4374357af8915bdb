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
"""

from trace_assets.reading.around import Around
from trace_assets.reading.compression import DecompressionError, head, open_plain
from trace_assets.reading.documents import read_records
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

__all__ = [
    "Around",
    "Broken",
    "Context",
    "DecompressionError",
    "Item",
    "Limits",
    "Place",
    "Record",
    "Repair",
    "Shape",
    "head",
    "open_plain",
    "read_records",
]
