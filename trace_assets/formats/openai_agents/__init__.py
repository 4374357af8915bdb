"""OpenAI Agents SDK: the traces and spans that its trace processors export.

Source: https://github.com/openai/openai-agents-python, `src/agents/tracing/` (`Trace.export`,
`Span.export`, `span_data.py`).
Observed: records `trace` and `trace.span` in any order, one per line or side by side; lists of
them; `{"data": [...]}` as the SDK sends them; `{"traces": [...]}` and lone traces with their
`spans` inside. A trace may have several roots, and its record may come last or be missing. A
function span has no call id, so that its call is found by name and arguments. A `response` span of
the SDK has no content but an id; exporters add the input and the response to it, the latter as JSON
or as Python prints it; a `generation` span has messages, or whole responses. `group_id` links
traces of one conversation; each stays a trace of its own.
Residue: what a span says beside the typed fields is in its event's metadata, every other key of the
trace record in `metadata.extra`.
Dropped on purpose: `object`, the spans' `trace_id` and the type `function`; messages that a later
call repeats; keys that an exporter copies from `span_data` to the span, plain or as
`span_data_...`, where the values are equal; of a response that Python printed, the names of its
classes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

from trace_assets import spans, vocabulary
from trace_assets.formats import (
    Assembled,
    Claim,
    Converted,
    Format,
    Gather,
    Part,
    Refused,
    UnknownShapeError,
    whole_record,
)
from trace_assets.formats.openai_agents.span_data import error_text, read_spans
from trace_assets.guards import Kinds, texts_at
from trace_assets.reading import Record, Shape
from trace_assets.trace import build

COLUMNS = ("workflow_name", "group_id")

SHAPE = Shape(arrays=("traces", "data"))

KNOWN_KINDS = frozenset(
    (
        "agent",
        "custom",
        "function",
        "generation",
        "guardrail",
        "handoff",
        "mcp_tools",
        "response",
        "speech",
        "speech_group",
        "transcription",
    )
)
"""The values of `span_data.type` that the SDK defines."""


# --- detection -------------------------------------------------------------------------------


def detect(documents: Sequence[Any]) -> Claim | None:
    """Claim logs whose records call themselves `trace` or `trace.span`."""
    return next(filter(None, map(_claim, documents)), None)


def _claim(document: Any) -> Claim | None:
    match document:
        case {"traces": [*records]} | {"data": [*records]} | [*records]:
            return next(filter(None, map(_own, records[:3])), None)
        case _:
            return _own(document)


def _own(record: Any) -> Claim | None:
    match record:
        case {"object": "trace.span", "span_data": {"type": str(kind)}}:
            return Claim(3, f"`object` is `trace.span`, with `span_data` of type `{kind[:40]}`")
        case {"object": "trace.span", "trace_id": _}:
            return Claim(3, "`object` is `trace.span`, with a `trace_id`")
        case {"object": "trace", "workflow_name": _} | {"object": "trace", "group_id": _}:
            return Claim(3, "`object` is `trace`, with a `workflow_name` or `group_id`")
        case {"spans": [{"object": "trace.span"}, *_]}:
            return Claim(3, "`spans` whose `object` is `trace.span`")
        case _:
            return None


# --- records ---------------------------------------------------------------------------------


class _Log(NamedTuple):
    """What records say of one trace."""

    traces: list[dict[str, Any]]
    spans: list[dict[str, Any]]


def _key(record: Record, _context: Mapping[str, Any]) -> str | None:
    """The trace's id; None for a record without one, which is a trace by itself."""
    match record.value:
        case {"object": "trace.span", "trace_id": str(trace_id)} if trace_id:  # most records
            return trace_id
        case _:
            pass
    log = _read(record.value)
    ids = [_id(each.get("id")) or _id(each.get("trace_id")) for each in log.traces]
    ids += [_id(each.get("trace_id")) for each in log.spans]
    return next(filter(None, ids), None)


def _id(value: Any) -> str | None:
    return spans.take_id({"id": value}, "id")


def _read(value: Any) -> _Log:
    match value:
        case {"object": "trace", "spans": [*inner], **rest}:
            return _Log([rest], _spans(inner))
        case {"object": "trace", **rest}:
            return _Log([rest], [])
        case {"object": "trace.span"} | {"span_data": dict(), "trace_id": _}:
            return _Log([], _spans([value]))
        case {"trace": {**trace}, "spans": [*inner], **rest}:
            own = build.joined(trace, rest, prefix="around_")
            return _Log([own], _spans(inner))
        case {"spans": [{"object": "trace.span"}, *_] as inner, **rest}:
            return _Log([rest], _spans(cast("list[Any]", inner)))
        case _:
            raise UnknownShapeError(
                "", "expected an `object` that is `trace` or `trace.span`, found neither"
            )


def _spans(values: list[Any]) -> list[dict[str, Any]]:
    for number, value in enumerate(values):
        if not isinstance(value, dict):
            raise UnknownShapeError(f"/spans/{number}", "expected a span, found no object")
    return [*values]


# --- traces ----------------------------------------------------------------------------------


def _assemble(parts: Sequence[Part]) -> Iterator[Assembled | Refused]:
    logs = [_read(part.record.value) for part in parts]
    lead = next((number for number, log in enumerate(logs) if log.traces), 0)
    if not any(log.spans for log in logs):
        message = "a trace without any span: what was said in it is not there"
        yield from (Refused(number, "no_spans", message) for number in range(len(parts)))
        return
    trace_id = _key(parts[lead].record, {}) or build.record_id(parts[lead].record.raw)
    others = [number for number in range(len(parts)) if number != lead]
    yield Assembled(_converted(logs, trace_id), [lead, *others])


def convert(record: Record, _context: Mapping[str, Any]) -> Converted:
    """A span, or a trace with its spans, whose trace has no id."""
    log = _read(record.value)
    if not log.spans:
        raise UnknownShapeError("", "a trace without an id and without spans", reason="no_spans")
    return _converted([log], build.record_id(record.raw))


def _converted(logs: Sequence[_Log], trace_id: str) -> Converted:
    told = _of_trace([trace for log in logs for trace in log.traces], trace_id)
    read = read_spans([span for log in logs for span in log.spans], trace_id)
    made = spans.events_of(read, trace_id)
    extra = {**told, **({"span_defects": made.defects} if made.defects else {})}
    error = error_text(read)
    metadata = {
        "trace_id": trace_id,
        **made.metadata,
        **({"tags": tags} if (tags := _tags(told)) else {}),
        **({} if error is None else {"error": error}),
        "extra": extra,
    }
    return Converted(
        trace={
            "FORMAT": "open_responses",
            "items": made.items,
            "metadata": metadata,
            "events": made.events,
        },
        columns={name: _cell(told.get(name)) for name in COLUMNS},
    )


def _tags(told: dict[str, Any]) -> list[str]:
    """The tags of the trace record, beside its keys or in its metadata."""
    return vocabulary.find_tags(told, told.get("metadata"))


def _cell(value: Any) -> Any:
    return value if isinstance(value, str | int) else None


def _of_trace(records: Sequence[dict[str, Any]], trace_id: str) -> dict[str, Any]:
    """What the records of a trace say of it; one that an SDK exports twice says it once."""
    told: dict[str, Any] = {}
    for record in records:
        new = {key: value for key, value in record.items() if told.get(key, record) != value}
        told = build.joined(told, new, prefix="other_")
    if told.get("id") == trace_id:
        del told["id"]
    told.pop("object", None)
    return told


def kinds_of(value: Any) -> Iterable[str]:
    """The type of a span."""
    return texts_at(value, ("span_data", "type"))


FORMAT = Format(
    name="openai_agents",
    spec_url="https://github.com/openai/openai-agents-python",
    detect=detect,
    shape=SHAPE,
    convert=convert,
    columns=COLUMNS,
    docs=__doc__ or "",
    gather=Gather(
        key=_key,
        assemble=_assemble,
        identity=whole_record,
    ),
    kinds=Kinds(KNOWN_KINDS, kinds_of),
)
