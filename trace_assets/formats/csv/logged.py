"""Rows of a table that are logged requests: cells with the JSON of a request and of its response.

Gateways such as LiteLLM export their tables so. A row is then read as the same record in JSON.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from trace_assets import chatlogs, vocabulary
from trace_assets.chatlogs.keys import BODY, REQUEST, RESPONSE
from trace_assets.chatlogs.shapes import is_answer, layers, messages_key
from trace_assets.formats import Assembled, Converted, Copies, Gather, Part, Refused
from trace_assets.reading import Record
from trace_assets.reading.inside import inside

_CELLS = frozenset((*REQUEST, *RESPONSE))
_BODY = frozenset(BODY)
_COUNTS = frozenset((*vocabulary.INPUT_TOKENS, *vocabulary.OUTPUT_TOKENS, *vocabulary.TOTAL_TOKENS))
_PREFIX = "log/"


def logged(record: Record) -> Record | None:
    """The record that a row is; None if it is not a logged request.

    >>> from trace_assets.reading import Place
    >>> row = {"response": '{"choices": [{"message": {"content": "Hi"}}]}', "prompt_tokens": "7"}
    >>> found = logged(Record(Place("a.csv", 0, 0, 0, "0"), row, b""))
    >>> found and found.value["prompt_tokens"]
    7
    >>> logged(Record(Place("a.csv", 0, 0, 0, "0"), {"response": "Hi"}, b""))
    """
    value: Any = record.value
    if not isinstance(value, dict):
        return None
    row = cast("dict[str, Any]", value)
    if not any(_may_be_object(row[key]) for key in _CELLS if key in row):
        return None
    opened = {key: _value(key, cell) for key, cell in row.items()}
    return record._replace(value=opened) if _is_logged(opened) else None


def gather(rows: Gather) -> Gather:
    """Read the rows of logged requests as chat logs, and all other rows as before."""
    log = chatlogs.GATHER

    def key(record: Record, context: Mapping[str, Any]) -> str | None:
        if (found := logged(record)) is None:
            return rows.key(record, context)
        own = log.key(found, context)
        return None if own is None else _PREFIX + own

    def assemble(parts: Sequence[Part]) -> Iterator[Assembled | Copies | Refused]:
        if logged(parts[0].record) is None:
            yield from rows.assemble(parts)
            return
        found = [part._replace(record=logged(part.record) or part.record) for part in parts]
        for outcome in log.assemble(found):
            match outcome:
                case Assembled(converted):
                    yield outcome._replace(converted=_as_row(converted))
                case _:
                    yield outcome

    def links(record: Record) -> Sequence[str]:
        found = logged(record)
        return () if found is None or log.links is None else log.links(found)

    return Gather(key, assemble, links=links)


def convert(rows: Callable[[Record, Mapping[str, Any]], Converted]) -> Any:
    """Convert a logged answer as a chat log, and any other row as before."""

    def converted(record: Record, context: Mapping[str, Any]) -> Converted:
        found = logged(record)
        return rows(record, context) if found is None else _as_row(chatlogs.convert(found, context))

    return converted


def _as_row(converted: Converted) -> Converted:
    """The trace with the columns of a table."""
    columns = {"conversation_id": converted.columns["conversation_id"]}
    return converted._replace(columns=columns)


def _may_be_object(cell: Any) -> bool:
    return isinstance(cell, str) and cell.lstrip()[:1] == "{"


def _value(key: str, cell: Any) -> Any:
    """The value of a cell: an object or a list, a count, or the text."""
    if not isinstance(cell, str):
        return cell
    if cell[:1] in ("{", "["):
        found = inside(cell)
        return cell if found is None else found
    return int(cell) if key in _COUNTS and cell.isdecimal() and len(cell) < 16 else cell


def _is_logged(value: dict[str, Any]) -> bool:
    """Whether a request with messages, or the response of an API, is in a cell."""
    requests = (layer for key in REQUEST for layer in layers(value.get(key), _BODY))
    responses = (layer for key in RESPONSE for layer in layers(value.get(key), _BODY))
    return any(map(is_answer, responses)) or any(map(messages_key, requests))
