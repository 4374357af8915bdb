"""Which kind of span or log record a record is, and what brings those of one trace together."""

from collections.abc import Mapping
from typing import Any, cast

from trace_assets import vocabulary
from trace_assets.formats import UnknownShapeError
from trace_assets.formats.otlp import flat, flat_logs, jaeger, protocol
from trace_assets.formats.otlp.neutral import Log, Raw
from trace_assets.reading import Record

SESSIONS = tuple(
    dict.fromkeys(
        ("gen_ai.conversation.id", "session.id", *vocabulary.CONVERSATION, *vocabulary.SESSION)
    )
)
"""The attributes that name a conversation over several traces, the most certain one first."""

_STARTS = ("startTimeUnixNano", "start_time_unix_nano", "endTimeUnixNano", "end_time_unix_nano")
_LOGGED = ("timeUnixNano", "time_unix_nano", "observedTimeUnixNano", "observed_time_unix_nano")


def read(value: Any, context: Mapping[str, Any]) -> Raw | Log:
    """A record as a span or a log record.

    Raises:
        UnknownShapeError: it is neither.
    """
    if not isinstance(value, dict):
        raise UnknownShapeError("", f"expected a span, found {type(value).__name__}")
    record = cast("dict[str, Any]", value)
    if is_log(record):
        return protocol.log(record, context)
    if flat_logs.is_log(record):
        return flat_logs.log(record, context)
    if not is_span(record):
        keys = ", ".join(f"`{key[:40]}`" for key in list(record)[:8])
        raise UnknownShapeError("", f"expected a span, found an object with {keys or 'no keys'}")
    if "operationName" in record and not _has_context(record):
        return jaeger.span(record, context)
    if any(key in record for key in _STARTS) and not _is_dump(record, context):
        return protocol.span(record, context)
    return _with_resource(flat.span(record, context), context)


def key(record: Record, context: Mapping[str, Any]) -> str | None:
    """The id of the trace that a record belongs to; None where it has none."""
    value = record.value
    if isinstance(value, dict):
        found = flat.trace_of(cast("dict[str, Any]", value))
        if found:
            return found
    match read(value, context):
        case Raw(trace_id=found):
            return found or None
        case Log() as log:
            return log.trace_id or session_of(log) or None


def session_of(log: Log) -> str:
    """The conversation that a log record without a trace names; "" where there is none."""
    sources = (log.what.attributes, log.resource)
    return next(filter(None, (vocabulary.find_id(source, SESSIONS) for source in sources)), "")


def is_log(record: dict[str, Any]) -> bool:
    """Whether a record is a log record of OTLP."""
    if any(key in record for key in _STARTS) or not any(key in record for key in _LOGGED):
        return False
    return any(key in record for key in ("body", "eventName", "event_name", "severityNumber")) or (
        isinstance(record.get("attributes"), list)
    )


def is_span(record: dict[str, Any]) -> bool:
    """Whether a record says of a span which one it is, or what it was."""
    if flat.span_of(record) or flat.trace_of(record):
        return bool(_SAYING.intersection(record)) or any(
            name.startswith("attributes.") for name in record
        )
    has_name = any(isinstance(record.get(name), str) for name in ("name", "spanName", "span_name"))
    return has_name and isinstance(record.get("attributes"), dict | list)


_SAYING = frozenset(
    (
        *_STARTS,
        "name",
        "span_name",
        "spanName",
        "operationName",
        "attributes",
        "start_time",
        "startTime",
        "start_timestamp",
        "tags",
    )
)


def _is_dump(record: dict[str, Any], context: Mapping[str, Any]) -> bool:
    """Whether a span with OTLP's times was written by something else than OTLP."""
    is_bare = "attributes" not in record and "start_time_unix_nano" in record and not context
    return is_bare or _has_context(record) or isinstance(record.get("attributes"), dict)


def _has_context(record: dict[str, Any]) -> bool:
    return any(isinstance(record.get(key), dict) for key in ("context", "spanContext"))


def _with_resource(span: Raw, context: Mapping[str, Any]) -> Raw:
    """A span without times of its own in an OTLP document has its resource all the same."""
    if span.resource or not context:
        return span
    resource, scope = protocol.around(context)
    rest = {**span.rest, "scope": scope} if scope else span.rest
    return span._replace(resource=resource, rest=rest)
