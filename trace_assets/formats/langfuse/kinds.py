"""Where the kinds of observations are in the records of Langfuse."""

from collections.abc import Iterator
from typing import Any

from trace_assets.formats.langfuse.records import KNOWN_KINDS
from trace_assets.guards import Kinds, texts_at

_PATHS = (
    ("observations", "*", "type"),
    ("traces", "*", "observations", "*", "type"),
)


def kinds_of(value: Any) -> Iterator[str]:
    """The types of the observations of a record, in upper case."""
    for path in _PATHS:
        yield from map(str.upper, texts_at(value, path))
    match value:
        case {"type": str(kind), "traceId": _} | {"type": str(kind), "trace_id": _}:
            yield kind.upper()
        case _:
            pass


KINDS = Kinds(KNOWN_KINDS, kinds_of)
