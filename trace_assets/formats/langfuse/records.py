"""What each record of a Langfuse log tells: of a trace, of observations, of scores.

Langfuse writes one thing in several generations and places, so that an observation may be told
several times: started and updated by events, in a trace and beside it, in exports that overlap.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple, cast

from trace_assets import vocabulary
from trace_assets.formats import UnknownShapeError
from trace_assets.reading.inside import inside
from trace_assets.trace import build

Row = dict[str, Any]

KNOWN_KINDS = frozenset(
    (
        "SPAN",
        "GENERATION",
        "EVENT",
        "AGENT",
        "TOOL",
        "CHAIN",
        "RETRIEVER",
        "EVALUATOR",
        "EMBEDDING",
        "GUARDRAIL",
    )
)
"""The types of observations that Langfuse defines."""

_NAMES = {
    "trace_id": "traceId",
    "parent_observation_id": "parentObservationId",
    "observation_id": "observationId",
    "start_time": "startTime",
    "end_time": "endTime",
    "session_id": "sessionId",
    "user_id": "userId",
    "status_message": "statusMessage",
    "provided_model_name": "providedModelName",
    "usage_details": "usageDetails",
    "tool_definitions": "toolDefinitions",
    "total_cost": "totalCost",
    "cost_details": "costDetails",
    "trace_name": "traceName",
}
"""The names of the API for those of the exports to a bucket."""

_OF_TRACE = {"sessionId": "sessionId", "userId": "userId", "traceName": "name", "tags": "tags"}
"""Keys of the trace that exports write on each of its observations, and their names there."""

_NUMBER = re.compile(r".*(?:Tokens|Cost|Usage|_cost|_tokens|_usage)|latency|observationCount")
"""Keys whose values are numbers, which a table writes as text."""


class Told(NamedTuple):
    """What a record tells, in the API's names."""

    trace: Row | None
    """What it says of the trace itself."""
    observations: list[Row]
    scores: list[Row]


def told(value: Any, context: Mapping[str, Any], fragment: str) -> Told:
    """Read a record, with what stands around it in its document.

    Raises:
        UnknownShapeError: the record is nothing that Langfuse writes.
    """
    found = _told(value, context, fragment)
    if found.trace is not None and "traces/" in fragment and "/id" in context:
        found.trace.setdefault("sessionId", context["/id"])
    return found


def _told(value: Any, context: Mapping[str, Any], fragment: str) -> Told:
    match value:
        case {"type": str(kind), "body": {**body}, **envelope} if "-" in kind:
            return _event(kind, body, envelope)
        case {"trace": {**trace}, **rest}:
            return _trace(named(trace), rest)
        case {"observations": list()} if not is_observation(value):
            return _trace(named(value), {})
        case {**row}:
            return _row(named(_from_table(row)), context, fragment)
        case _:
            raise UnknownShapeError("", f"expected an object, found {type(value).__name__}")


def _from_table(row: Row) -> Row:
    """A row of a table, whose cells are all text: numbers are read, empty cells say nothing."""
    if not all(isinstance(cell, str) for cell in row.values()):
        return row
    return {
        key: _number(cell) if _NUMBER.fullmatch(key) else cell for key, cell in row.items() if cell
    }


def _number(cell: str) -> Any:
    if cell.isascii() and cell.isdecimal() and len(cell) < _LONGEST_COUNT:
        return int(cell)
    found = vocabulary.price(cell)
    return cell if found is None else found


_LONGEST_COUNT = 16


def named(row: Row) -> Row:
    """A row in the names of the API."""
    if row.keys().isdisjoint(_NAMES):
        return dict(row)
    renamed: Row = {}
    for key, value in row.items():
        name = _NAMES.get(key, key)
        renamed[key if name in row else name] = value
    return renamed


def is_observation(row: Mapping[str, Any]) -> bool:
    """Whether a row is an observation's, by its type or by what only observations have."""
    match row:
        case {"type": str(kind)} if kind.upper() in KNOWN_KINDS:
            return True
        case {"parentObservationId": _} | {"parent_observation_id": _}:
            return True
        case {"startTime": _, "traceId": _} | {"start_time": _, "trace_id": _}:
            return True
        case _:
            return False


def is_score(row: Mapping[str, Any]) -> bool:
    """Whether a row is a score's."""
    has_value = not row.keys().isdisjoint(("value", "stringValue", "string_value"))
    belongs = not row.keys().isdisjoint(("traceId", "trace_id", "observationId", "sessionId"))
    return has_value and belongs and "name" in row and not is_observation(row)


def id_of(value: Any, context: Mapping[str, Any], fragment: str) -> str | None:
    """The id of the trace that a record is about; None where it says none."""
    match value:
        case {"type": "trace-create", "body": {"id": own}}:
            return text_of(own)
        case {"type": str(), "body": {**body}}:
            return text_of(body.get("traceId"))
        case {"trace": {"id": own}} | {"traceId": own} | {"trace_id": own} if text_of(own):
            return text_of(own)
        case {**row} if is_observation(row) or is_score(row):
            return _id_around(context) if fragment.startswith("observations/") else None
        case {"id": own}:
            return text_of(own)
        case _:
            return None


def text_of(own: Any) -> str | None:
    """An id as text; None where there is none."""
    match own:
        case str() if own:
            return own
        case bool():
            return None
        case int():
            return str(own)
        case _:
            return None


def _id_around(context: Mapping[str, Any]) -> str | None:
    match context:
        case {"/trace": {"id": own}} | {"/id": own}:
            return text_of(own)
        case _:
            return None


def _event(kind: str, body: Row, envelope: Row) -> Told:
    """One of an ingestion's events: it creates or updates what its body says."""
    what, _, change = kind.rpartition("-")
    row = named(body) | {"ingestion": [{"type": kind, **envelope}]}
    match what, change:
        case "trace", _:
            return Told(row, [], [])
        case "score", _:
            return Told(None, [], [row])
        case _, "create" | "update" if what == "observation" or what.upper() in KNOWN_KINDS:
            row.setdefault("type", what.upper())
            return Told(None, [row], [])
        case _:
            raise UnknownShapeError(
                "/type",
                f"expected an event of a trace, an observation or a score, found `{kind[:40]}`",
                reason="no_conversation",
            )


def _trace(trace: Row, around: Row) -> Told:
    """A trace with its observations inside, or beside it, or both."""
    observations: list[Row] = []
    for place in (trace, around):
        if isinstance(place.get("observations"), list):
            found, others = _split(place.pop("observations"))
            observations += found
            if others:
                place["observations"] = others
    return Told(build.joined(trace, around, prefix="around_"), observations, [])


def _split(values: Sequence[Any]) -> tuple[list[Row], list[Any]]:
    """The observations of a list, and what else is in it: lists of traces have ids there."""
    found = [named(cast("Row", value)) for value in values if isinstance(value, dict)]
    return found, [value for value in values if not isinstance(value, dict)]


def _row(row: Row, context: Mapping[str, Any], fragment: str) -> Told:
    if fragment.startswith("observations/"):
        return Told(_around(context), [row], [])
    if is_observation(row):
        taken = [key for key in _OF_TRACE if row.get(key)]
        of_trace = {_OF_TRACE[key]: row.pop(key) for key in taken}
        return Told(of_trace or None, [row], [])
    if is_score(row):
        return Told(None, [], [row])
    if row.keys().isdisjoint(("input", "output", "timestamp", "sessionId")):
        keys = ", ".join(f"`{key[:40]}`" for key in islice(row, 8))
        raise UnknownShapeError("", f"expected a trace, an observation or a score, found {keys}")
    return Told(row, [], [])


def _around(context: Mapping[str, Any]) -> Row | None:
    """What stands around a list of observations, of their trace."""
    match context:
        case {"/trace": {**trace}}:
            return named(trace)
        case _:
            around = {pointer.removeprefix("/"): value for pointer, value in context.items()}
            return named(around) if "id" in around else None


def merged(rows: Sequence[Row]) -> Row:
    """One row of several that tell of one thing; what a later one says otherwise counts.

    What was said before and is not said any more is kept under `earlier`.
    """
    whole = dict(rows[0])
    earlier: list[Row] = []
    for row in rows[1:]:
        before = {
            key: whole[key]
            for key, value in row.items()
            if key in whole and not _is_blank(value) and not _is_same(whole[key], value)
        }
        if "ingestion" in before:
            row = {**row, "ingestion": before.pop("ingestion") + row["ingestion"]}
        if before := {key: value for key, value in before.items() if not _is_blank(value)}:
            earlier.append(before)
        whole |= {k: v for k, v in row.items() if k not in whole or not _is_blank(v)}
    return whole | ({"earlier": earlier} if earlier else {})


def _is_blank(value: Any) -> bool:
    return value in (None, "", "{}", "[]", [], {})


def _is_same(one: Any, other: Any) -> bool:
    return one == other and type(one) is type(other)


def opened(value: Any) -> Any:
    """A value out of the text that holds it; a text that holds none stays."""
    return value if not isinstance(value, str) or (held := inside(value)) is None else held


def utc(value: Any) -> Any:
    """A time with its zone: Langfuse exports times in UTC, in its tables without saying so.

    >>> utc("2026-03-02 10:00:01.000000"), utc("2026-03-02T10:00:01Z"), utc(None)
    ('2026-03-02T10:00:01.000000Z', '2026-03-02T10:00:01Z', None)
    """
    if isinstance(value, str) and _WITHOUT_ZONE.fullmatch(value):
        return f"{value.replace(' ', 'T')}Z"
    return value


_WITHOUT_ZONE = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?")
