"""Spans of Jaeger: its API's `{"data": [{"traceID", "spans", "processes"}]}`, or one by one.

Source: https://github.com/jaegertracing/jaeger-idl and Jaeger's `model/json`. Times are
microseconds, the parent is a reference, tags are typed pairs or an object.
"""

from collections.abc import Mapping
from typing import Any, cast

from trace_assets.formats.otlp import ids
from trace_assets.formats.otlp.neutral import Happened, Raw
from trace_assets.formats.otlp.protocol import take, text, without_nothing
from trace_assets.formats.otlp.times import any_time, microseconds
from trace_assets.formats.otlp.values import Attributes

SPANS = ("data/*/spans",)
AROUND = ("data/*/processes",)


def span(record: dict[str, Any], context: Mapping[str, Any]) -> Raw:
    """One span."""
    rest = dict(record)
    tags = _tags(take(rest, "tags"), rest)
    tags |= _tags(take(rest, "tag"), rest)
    started, lasted = rest.get("startTime"), rest.get("duration")
    start, length = microseconds(started), microseconds(lasted)
    parent = _parent(rest)
    end = None
    if start is not None:
        rest.pop("startTime")
        if length is not None:
            end = start + length
            rest.pop("duration")
    error = _error(tags)
    events = _events(rest)
    return Raw(
        trace_id=ids.trace_id(take(rest, "traceID", "traceId")),
        id=ids.span_id(take(rest, "spanID", "spanId")),
        parent_id=parent,
        name=text(take(rest, "operationName")),
        start=start,
        end=end,
        attributes=tags,
        events=events,
        error=error,
        resource=_process(rest, context),
        rest=without_nothing(rest),
    )


def _parent(rest: dict[str, Any]) -> str:
    """Take the parent out: a field of old versions, or the first reference of kind CHILD_OF."""
    own = ids.span_id(take(rest, "parentSpanID", "parentSpanId"))
    match rest.get("references"):
        case [{"refType": "CHILD_OF", "spanID": parent, **around}, *others] if (
            not own or ids.span_id(parent) == own
        ):
            same_trace = around.pop("traceID", None) in (rest.get("traceID"), None)
            if same_trace and not around:
                rest["references"] = others
            return ids.span_id(parent)
        case _:
            return own


def _tags(value: Any, rest: dict[str, Any]) -> Attributes:
    match value:
        case dict():
            return dict(cast("Attributes", value))
        case [*pairs] if all(_is_tag(pair) for pair in pairs):
            return _named([(pair["key"], _tag(pair)) for pair in pairs])
        case None:
            return {}
        case _:
            rest["tags"] = value
            return {}


def _named(pairs: list[tuple[str, Any]]) -> Attributes:
    found: Attributes = {}
    for name, value in pairs:
        number, free = 2, name
        while free in found:
            free, number = f"{name}#{number}", number + 1
        found[free] = value
    return found


def _is_tag(pair: Any) -> bool:
    match pair:
        case {"key": str(), **rest}:
            return rest.keys() <= {"type", "value", "vType", "vStr"}
        case _:
            return False


def _tag(pair: dict[str, Any]) -> Any:
    """The value of a tag; numbers and truth may be written as text."""
    value, kind = pair.get("value", pair.get("vStr")), str(pair.get("type")).lower()
    match kind, value:
        case "int64", str() if value.removeprefix("-").isdecimal() and len(value) <= 20:
            return int(value)
        case "bool", "true" | "false":
            return value == "true"
        case _:
            return value


def _events(rest: dict[str, Any]) -> list[Happened]:
    """Take the logs out; the field `event` of each is its name."""
    logs: Any = rest.get("logs")
    if not isinstance(logs, list) or not all(_is_log(log) for log in cast("list[Any]", logs)):
        return []
    del rest["logs"]
    events: list[Happened] = []
    for log in cast("list[dict[str, Any]]", logs):
        beside: dict[str, Any] = {}
        fields = _tags(log.get("fields"), beside) | beside
        name = fields.pop("event", fields.pop("name", None))
        time = microseconds(log.get("timestamp"))
        events.append(Happened(text(name), time or any_time(log.get("timestamp")), fields))
    return events


def _is_log(log: Any) -> bool:
    match log:
        case {"fields": _, **rest}:
            return rest.keys() <= {"timestamp"}
        case _:
            return False


def _error(tags: Attributes) -> str | None:
    """Why it failed, by the tags of OpenTelemetry or OpenTracing; "" if they do not say."""
    match tags:
        case {"otel.status_code": "ERROR", "otel.status_description": str(why)} if why:
            return why
        case {"otel.status_code": "ERROR"} | {"error": True | "true"}:
            return ""
        case _:
            return None


def _process(rest: dict[str, Any], context: Mapping[str, Any]) -> Attributes:
    """Who sent it: in the span, or in the table of its trace."""
    inner: Any = rest.pop("process", None)
    key = rest.get("processID")
    processes = context.get("/data/*/processes")
    if inner is None and isinstance(processes, dict) and isinstance(key, str):
        inner = cast("dict[str, Any]", processes).get(key)
    match inner:
        case {"serviceName": str(name), **around}:
            left: dict[str, Any] = {}
            tags = _tags(around.pop("tags", None), left)
            return without_nothing({"service.name": name, **tags, **left, **around})
        case None:
            return {}
        case _:
            return {"process": inner}
