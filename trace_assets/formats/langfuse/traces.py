"""The records of one Langfuse trace, put together."""

from collections.abc import Mapping, Sequence
from math import fsum
from typing import Any

from trace_assets import chat, spans, vocabulary
from trace_assets.formats import Assembled, Converted, Copies, Part, UnknownShapeError
from trace_assets.formats.langfuse.observations import span_of
from trace_assets.formats.langfuse.records import (
    Row,
    Told,
    id_of,
    merged,
    opened,
    text_of,
    told,
    utc,
)
from trace_assets.formats.langfuse.words import Words, words, written
from trace_assets.reading import Record
from trace_assets.reading.inside import inside
from trace_assets.trace import build

COLUMNS = ("session_id", "user_id", "trace_name", "total_cost")


def key(record: Record, context: Mapping[str, Any]) -> str | None:
    """The trace that a record is about."""
    fragment = _inner(record)
    told(record.value, context, fragment)  # what it is none of belongs in quarantine, alone
    return id_of(record.value, context, fragment)


def convert(record: Record, context: Mapping[str, Any]) -> Converted:
    """A record that names no trace: an observation by itself."""
    return _trace([told(record.value, context, _inner(record))], build.record_id(record.raw))


def assemble(parts: Sequence[Part]) -> list[Assembled | Copies]:
    """One trace of all that tells of it."""
    numbers: dict[bytes, int] = {}
    copies: list[int] = []
    for number, part in enumerate(parts):
        if numbers.setdefault(part.record.raw, number) != number:
            copies.append(number)
    kept = list(numbers.values())
    tellings = [
        told(parts[n].record.value, parts[n].context, _inner(parts[n].record)) for n in kept
    ]
    first = parts[0]
    trace_id = id_of(first.record.value, first.context, _inner(first.record)) or ""
    found: list[Assembled | Copies] = [Assembled(_trace(tellings, trace_id), kept)]
    return [*found, Copies(copies)] if copies else found


def _inner(record: Record) -> str:
    """Where a record stands in its own document."""
    number, slash, rest = record.place.fragment.partition("/")
    return rest if slash and number.isdecimal() else record.place.fragment


def _trace(tellings: Sequence[Told], trace_id: str) -> Converted:
    rows = [each.trace for each in tellings if each.trace is not None]
    trace = merged(rows) if rows else {}
    scores = [score for each in tellings for score in each.scores]
    observations = _observations(tellings)
    each = [span_of(row, trace_id) for row in observations]
    made = spans.events_of(each, trace_id)
    if not observations and not trace:
        raise UnknownShapeError(
            "", "scores of a trace that the drop does not hold", reason="no_conversation"
        )
    extra = dict(trace)
    if not spans.has_message(made.items) and (said := _outermost(trace, observations)):
        row, given, answer = said
        around = chat.ModelCall(given.pieces, answer.pieces)
        made = spans.events_of(each, trace_id, around=around)
        if row is trace:
            extra = {key: extra[key] for key in extra if key not in ("input", "output")}
            extra |= _around(given, answer)
    items = made.items
    metadata = _metadata(trace, made, trace_id)
    extra = _without_repeats(extra, observations, items)
    extra |= _ours(made, scores, extra)
    result: dict[str, Any] = {"FORMAT": "open_responses", "items": items}
    result["metadata"] = {**metadata, "extra": extra}
    if made.events:
        result["events"] = made.events
    return Converted(result, _columns(trace, made.events))


def _observations(tellings: Sequence[Told]) -> list[Row]:
    """Each observation once, in the order in which it is first told of."""
    by_id: dict[str, list[Row]] = {}
    nameless = 0
    for row in (row for telling in tellings for row in telling.observations):
        own = text_of(row.get("id"))
        nameless += own is None
        by_id.setdefault(f"/{nameless}" if own is None else f"={own}", []).append(row)
    return [merged(rows) for rows in by_id.values()]


def _outermost(trace: Row, observations: Sequence[Row]) -> tuple[Row, Words, Words] | None:
    """Find the conversation as the trace has it, or an outermost observation."""
    outermost = (row for row in observations if not row.get("parentObservationId"))
    for row in (trace, *outermost):
        given = words(_unquoted(row.get("input")), "user", is_model=False)
        answer = words(_unquoted(row.get("output")), "assistant", is_model=False)
        if given.messages or answer.messages:
            return row, given, answer
    return None


def _around(given: Words, answer: Words) -> Row:
    """Return the parts of `input` and `output` of a trace that are not messages."""
    beside = {"request": given.rest, "response": answer.rest, "tools": given.tools + answer.tools}
    return {key: value for key, value in beside.items() if value}


def _unquoted(value: Any) -> Any:
    """A value out of its JSON text: downloads have those of a trace as JSON once more."""
    for _ in range(2):
        value = opened(_without_quotes(value))
    return value


def _without_quotes(value: Any) -> Any:
    """A text out of its quotes, if it is one in JSON."""
    if isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == '"':
        match inside(f"[{value}]"):
            case [str(text)]:
                return text
            case _:
                pass
    return value


def _metadata(trace: Row, made: spans.Assembled, trace_id: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {"trace_id": trace_id, **made.metadata}
    if build.is_time(started := utc(trace.get("timestamp"))):
        metadata["created_at"] = started
    if tags := vocabulary.tags(opened(trace.get("tags"))):
        metadata["tags"] = tags
    return metadata


def _without_repeats(
    trace: Row, observations: Sequence[Row], items: Sequence[dict[str, Any]]
) -> Row:
    """What the trace says and nothing else does."""
    said = {
        written(_unquoted(row[side]))
        for row in observations
        for side in ("input", "output")
        if row.get(side) is not None
    }
    said |= {
        written(part["text"])
        for item in items
        for part in (item["content"] if item["type"] == "message" else ())
        if "text" in part
    }
    extra = {
        name: value
        for name, value in trace.items()
        if name not in ("input", "output") or value is None or written(_unquoted(value)) not in said
    }
    match extra:
        case {"metadata": str(text)}:
            extra["metadata"] = opened(text)
        case {"metadata": {"tools": [*tools], **metadata}}:
            extra["metadata"] = {"tools": [*map(opened, tools)], **metadata}
        case _:
            pass
    return extra


def _ours(made: spans.Assembled, scores: Sequence[Row], extra: Row) -> Row:
    """What we say of the trace beside what its log says."""
    own: dict[str, Any] = {
        "span_defects": made.defects,
        "repeated_messages": made.repeated,
    }
    ours = {name: value for name, value in own.items() if value}
    if reported := _reported(extra):
        ours["reported_usage" if "reported_usage" not in extra else "reported_beside"] = reported
    if scores:
        ours["scores" if not extra.get("scores") else "scores_beside"] = list(scores)
    return ours


def _reported(trace: Row) -> dict[str, Any]:
    """The tokens and the cost of the whole trace, as exports without observations have them."""
    tokens = vocabulary.find_tokens(trace)
    found = {
        "input_tokens": tokens.input,
        "output_tokens": tokens.output,
        "cost_usd": vocabulary.find_cost(trace),
    }
    return {name: value for name, value in found.items() if value is not None}


def _columns(trace: Row, events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    calls = (event for event in events if event["type"] == "model_call_event")
    told = (call.get("metadata", {}).get("cost_usd") for call in calls)
    costs = [cost for cost in told if cost is not None]
    total = vocabulary.price(trace.get("totalCost"))
    return {
        "session_id": text_of(trace.get("sessionId")),
        "user_id": text_of(trace.get("userId")),
        "trace_name": trace["name"] if isinstance(trace.get("name"), str) else None,
        "total_cost": total if total is not None or not costs else fsum(costs),
    }
