"""Spans one by one: SDKs' console exporters, tables of Phoenix and Logfire, dumps of any kind.

Source: `ReadableSpan.to_json` of https://github.com/open-telemetry/opentelemetry-python,
`get_spans_dataframe` of https://github.com/Arize-ai/phoenix (columns such as `context.span_id` and
`attributes.llm.model_name`), the table `records` of https://logfire.pydantic.dev.
"""

from collections.abc import Mapping
from typing import Any, cast

from trace_assets.formats.otlp import ids
from trace_assets.formats.otlp.neutral import Happened, Raw, failure
from trace_assets.formats.otlp.protocol import described, take, text, without_nothing
from trace_assets.formats.otlp.times import any_time, nanoseconds
from trace_assets.formats.otlp.values import Attributes, attributes_of, opened
from trace_assets.spans import Time

SPANS = ("spans", "rows", "traces/*/spans")
AROUND = ("traces/*/trace_id",)
OF_A_SPAN = (
    "span_id",
    "spanId",
    "spanID",
    "context",
    "spanContext",
    "attributes",
    "operationName",
    "spanName",
    "span_name",
    "context.span_id",
)
"""Root keys that only a span has, so that its other keys lead to no spans."""

_CONTEXTS = ("context", "spanContext", "span_context")
_PARENT_CONTEXTS = ("parentSpanContext", "parent_span_context", "parent")
TRACE_IDS = ("trace_id", "traceId", "traceID")
SPAN_IDS = ("span_id", "spanId", "spanID")
_PARENT = ("parent_span_id", "parentSpanId", "parentSpanID", "parent_id", "parentId")
_NAME = ("name", "span_name", "spanName", "operation_name", "operationName")
STARTS = ("start_time", "startTime", "start_timestamp", "startTimestamp")
STARTS_OTLP = ("startTimeUnixNano", "start_time_unix_nano")
_END = ("end_time", "endTime", "end_timestamp", "endTimestamp")
_END_OTLP = ("endTimeUnixNano", "end_time_unix_nano")
_DURATIONS = (("duration_ns", 1), ("duration_us", 10**3), ("duration_ms", 10**6))
_ATTRIBUTES = ("attributes", "span_attributes")
TIMES = ("timestamp", "time", "timeUnixNano", "time_unix_nano", "event_timestamp")
_EVENTS = ("events", "otel_events", "span_events")
_KINDS = frozenset(
    (
        "LLM",
        "TOOL",
        "AGENT",
        "CHAIN",
        "RETRIEVER",
        "RERANKER",
        "EMBEDDING",
        "GUARDRAIL",
        "EVALUATOR",
        "PROMPT",
    )
)


def trace_of(record: dict[str, Any]) -> str:
    """The id of a span's trace, or of any record that has one; "" where there is none."""
    for key in TRACE_IDS:
        if found := ids.trace_id(record.get(key)):
            return found
    for key in _CONTEXTS:
        inner = record.get(key)
        if isinstance(inner, dict) and (found := trace_of(cast("dict[str, Any]", inner))):
            return found
    return ids.trace_id(record.get("context.trace_id"))


def span_of(record: dict[str, Any]) -> str:
    """The id of a span; "" where there is none."""
    for key in SPAN_IDS:
        if found := ids.span_id(record.get(key)):
            return found
    for key in _CONTEXTS:
        inner = record.get(key)
        if isinstance(inner, dict) and (found := span_of(cast("dict[str, Any]", inner))):
            return found
    return ids.span_id(record.get("context.span_id"))


def names_ids(record: dict[str, Any]) -> bool:
    """Whether a record has a place for the id of a span and for that of its trace, filled or not.

    >>> names_ids({"context": {"span_id": None, "trace_id": ""}}), names_ids({"span_id": "a"})
    (True, False)
    """
    inner = [cast("dict[str, Any]", record[key]) for key in _CONTEXTS if _is_object(record, key)]
    return all(
        any(key in one for one in (record, *inner) for key in keys)
        or f"context.{keys[0]}" in record
        for keys in (TRACE_IDS, SPAN_IDS)
    )


def _is_object(record: dict[str, Any], key: str) -> bool:
    return isinstance(record.get(key), dict)


def span(record: dict[str, Any], context: Mapping[str, Any]) -> Raw:
    """One span. Nulls are the empty cells of a table, and say nothing."""
    rest = {key: value for key, value in record.items() if value is not None}
    is_bare = not _has_attributes(rest)
    trace, own, parent = trace_of(rest), span_of(rest), _parent(rest)
    for key in (*TRACE_IDS, *SPAN_IDS, "context.trace_id", "context.span_id"):
        rest.pop(key, None)
    leave_ids(rest)
    attributes = _attributes(rest)
    _kind(rest, attributes)
    error = _error(rest)
    events = _events(rest)
    resource = resource_of(rest)
    start, end = _times(rest)
    name = text(take(rest, *_NAME) or attributes.pop("name", None))
    if not trace:
        trace = ids.trace_id(context.get("/traces/*/trace_id", context.get("/trace_id")))
    if is_bare:  # what a span says of itself stands beside its ids
        attributes, rest = {**rest, **attributes}, {}
    return Raw(
        trace_id=trace,
        id=own,
        parent_id=parent,
        name=name,
        start=start,
        end=end,
        attributes=attributes,
        events=events,
        error=error,
        rest=without_nothing(rest),
        resource=resource,
    )


def is_bare_span(record: dict[str, Any]) -> bool:
    """Whether it is a span by its ids, its name and its start, without attributes of its own."""
    if _has_attributes(record):
        return False
    is_named = any(isinstance(record.get(key), str) for key in _NAME)
    is_timed = any(record.get(key) is not None for key in (*STARTS, *STARTS_OTLP))
    return is_named and is_timed and bool(span_of(record) and trace_of(record))


def _parent(rest: dict[str, Any]) -> str:
    for key in _PARENT:
        if key in rest and not isinstance(rest[key], dict | list):
            return ids.span_id(rest.pop(key))
    for key in _PARENT_CONTEXTS:
        match rest.get(key):
            case {} as inner if found := span_of(cast("dict[str, Any]", inner)):
                return found
            case str() | int() as own:
                del rest[key]
                return ids.span_id(own)
            case _:
                pass
    return ""


def leave_ids(rest: dict[str, Any]) -> None:
    """Take the ids out of the nested contexts, and the contexts that hold nothing else."""
    for key in (*_CONTEXTS, *_PARENT_CONTEXTS):
        inner = rest.get(key)
        if isinstance(inner, dict):
            left = {
                name: value
                for name, value in cast("dict[str, Any]", inner).items()
                if name not in (*TRACE_IDS, *SPAN_IDS) and value not in ("[]", None)
            }
            rest[key] = left


def _attributes(rest: dict[str, Any]) -> Attributes:
    """Take all attributes out: an object, typed pairs, tags, or columns of a table."""
    columns = [key for key in rest if key.startswith("attributes.")]
    names = (*_ATTRIBUTES, "tags") if _are_attributes(rest.get("tags")) else _ATTRIBUTES
    found = attributes_of(take(rest, *names))
    for column in columns:
        found[column.removeprefix("attributes.")] = rest.pop(column)
    return found


def _has_attributes(record: Mapping[str, Any]) -> bool:
    return any(key.startswith(_ATTRIBUTES) for key in record) or _are_attributes(record.get("tags"))


def _are_attributes(tags: Any) -> bool:
    """Whether `tags` are attributes with names, as Jaeger has them, and not a list of words."""
    match opened(tags):
        case {} | [{"key": _}, *_]:
            return True
        case _:
            return False


def _kind(rest: dict[str, Any], attributes: Attributes) -> None:
    """Put what says of which kind a span is where an instrumentation would have written it."""
    kind = rest.get("span_kind")
    if isinstance(kind, str) and kind.upper() in _KINDS:
        key = "openinference.span.kind"
        if attributes.get(key) in (None, kind):
            attributes[key] = rest.pop("span_kind")
    if "span_type" in rest and "span_type" not in attributes:
        attributes["span_type"] = rest.pop("span_type")


def _error(rest: dict[str, Any]) -> str | None:
    status: Any = rest.get("status")
    if isinstance(status, dict):
        own = dict(cast("dict[str, Any]", status))
        error = failure(own)
        code = own.get("code", own.get("status_code"))
        rest["status"] = (
            {} if code in (0, "UNSET", None) and len(own) == 1 else without_nothing(own)
        )
        return error
    for code, message in (
        ("status_code", "status_message"),
        ("otel_status_code", "otel_status_message"),
        ("status", "status_message"),
    ):
        own = {"code": rest.get(code), "message": rest.get(message)}
        if (error := failure(own)) is not None:
            if error == rest.get(message):
                del rest[message]
            return error
    return None


def _events(rest: dict[str, Any]) -> list[Happened]:
    key = next((key for key in _EVENTS if key in rest), None)
    events = None if key is None else opened(rest[key])
    if key is None or not isinstance(events, list):
        return []
    each = cast("list[Any]", events)
    if not all(isinstance(one, dict) for one in each):
        return []
    del rest[key]
    return [_happened(dict(one)) for one in each]


def _happened(event: dict[str, Any]) -> Happened:
    time = any_time(take(event, *TIMES))
    name = text(take(event, "name", "event_name"))
    attributes = attributes_of(take(event, "attributes"))
    return Happened(name, time, {**without_nothing(event), **attributes})


def resource_of(rest: dict[str, Any]) -> Attributes:
    """Take the resource out of a record: what sent it."""
    if isinstance(found := opened(rest.get("resource")), dict):
        del rest["resource"]
        return described(found)
    return attributes_of(take(rest, "resource_attributes", "otel_resource_attributes"))


def _times(rest: dict[str, Any]) -> tuple[Time, Time]:
    """Start and end; the end by the duration where only that is there, and in which unit.

    A duration beside a start in nanoseconds is one in nanoseconds.
    """
    units = _DURATIONS if rest.keys().isdisjoint(STARTS_OTLP) else (*_DURATIONS, ("duration", 1))
    start, end = _time(rest, STARTS_OTLP, STARTS), _time(rest, _END_OTLP, _END)
    if end is None and isinstance(start, int):
        for key, unit in units:
            if type(rest.get(key)) is int:
                return start, start + rest[key] * unit
    return start, end


def _time(rest: dict[str, Any], otlp: tuple[str, ...], keys: tuple[str, ...]) -> Time:
    exact = take(rest, *otlp)
    return any_time(take(rest, *keys)) if exact is None else nanoseconds(exact)
