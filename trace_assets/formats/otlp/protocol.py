"""Spans and log records of OTLP/JSON, in its own camelCase or in snake_case.

Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding and the messages of
https://github.com/open-telemetry/opentelemetry-proto.
"""

from collections.abc import Mapping
from typing import Any, cast

from trace_assets.formats.otlp import ids
from trace_assets.formats.otlp.neutral import Happened, Log, Raw, failure
from trace_assets.formats.otlp.times import nanoseconds
from trace_assets.formats.otlp.values import Attributes, any_value, attributes_of
from trace_assets.spans import Time

_SPANS = "resourceSpans|resource_spans"
_SCOPES = "scopeSpans|scope_spans|instrumentationLibrarySpans|instrumentation_library_spans"
_LOGS = "resourceLogs|resource_logs"
_LOG_SCOPES = "scopeLogs|scope_logs|instrumentationLibraryLogs"
_SCOPE = "scope|instrumentationLibrary|instrumentation_library"
_RECORDS = "logRecords|log_records|logs"

SPANS = (
    f"{_SPANS}/*/{_SCOPES}/*/spans",
    f"batches/*/{_SCOPES}/*/spans",
    f"trace/{_SPANS}/*/{_SCOPES}/*/spans",
)
LOGS = (f"{_LOGS}/*/{_LOG_SCOPES}/*/{_RECORDS}",)
AROUND = (
    f"{_SPANS}/*/resource",
    f"{_SPANS}/*/{_SCOPES}/*/{_SCOPE}",
    "batches/*/resource",
    f"batches/*/{_SCOPES}/*/{_SCOPE}",
    f"trace/{_SPANS}/*/resource",
    f"trace/{_SPANS}/*/{_SCOPES}/*/{_SCOPE}",
    f"{_LOGS}/*/resource",
    f"{_LOGS}/*/{_LOG_SCOPES}/*/{_SCOPE}",
)


def span(record: dict[str, Any], context: Mapping[str, Any]) -> Raw:
    """One span."""
    rest = dict(record)
    status = rest.pop("status", None)
    status = dict(cast("Attributes", status)) if isinstance(status, dict) else {"code": status}
    error = failure(status)
    events = take(rest, "events")
    start = take(rest, "startTimeUnixNano", "start_time_unix_nano")
    end = take(rest, "endTimeUnixNano", "end_time_unix_nano")
    resource, scope = around(context)
    return Raw(
        trace_id=ids.trace_id(take(rest, "traceId", "trace_id")),
        id=ids.span_id(take(rest, "spanId", "span_id")),
        parent_id=ids.span_id(take(rest, "parentSpanId", "parent_span_id")),
        name=text(take(rest, "name")),
        start=nanoseconds(start),
        end=nanoseconds(end),
        attributes=attributes_of(take(rest, "attributes")),
        events=happenings(events, rest),
        error=error,
        rest=without_nothing(
            {**rest, "status": without_nothing(status), "links": _links(rest), "scope": scope}
        ),
        resource=resource,
    )


def log(record: dict[str, Any], context: Mapping[str, Any]) -> Log:
    """One log record."""
    rest = dict(record)
    attributes = attributes_of(take(rest, "attributes"))
    name = event_name(take(rest, "eventName", "event_name"), attributes)
    body = any_value(rest.pop("body", None))
    time = nanoseconds(rest.get("timeUnixNano", rest.get("time_unix_nano")))
    taken = "timeUnixNano" if "timeUnixNano" in rest else "time_unix_nano"
    if not time:
        time = nanoseconds(rest.get("observedTimeUnixNano", rest.get("observed_time_unix_nano")))
    else:
        rest.pop(taken)
    level = rest.get("severityText", rest.get("severity_text"))
    resource, scope = around(context)
    if isinstance(rest.get("resource"), dict):  # AWS writes each record with its resource
        resource = described(rest.pop("resource"))
    trace = ids.trace_id(take(rest, "traceId", "trace_id"))
    span = ids.span_id(take(rest, "spanId", "span_id"))
    if scope:  # AWS writes each record with its scope, too
        rest["scope"] = scope
    happened = logged(name or level, time, attributes, body, rest)
    return Log(trace, span, happened, resource)


def event_name(own: Any, attributes: Attributes) -> str | None:
    """The name of an event: its own, or that in its attributes, which is taken out."""
    if isinstance(own, str) and own:
        return own
    for key in ("event.name", "otel.event.name"):
        if isinstance(attributes.get(key), str) and attributes[key]:
            return attributes.pop(key)
    return None


def logged(
    name: Any, time: Time, attributes: Attributes, body: Any, rest: dict[str, Any]
) -> Happened:
    """A log record as an event. Its name, where it has none, is its level or `log`."""
    about = without_nothing(rest)
    data = {**attributes, "body": body} if body is not None else attributes
    return Happened(
        name if isinstance(name, str) and name else "log",
        time,
        {**data, "log": about} if about else data,
    )


def happenings(events: Any, rest: dict[str, Any]) -> list[Happened]:
    """The events of a span; what is no list of these stays under its key."""
    if not isinstance(events, list) or not all(
        isinstance(one, dict) for one in cast("list[Any]", events)
    ):
        if events:
            rest["events"] = events
        return []
    return [_happened(dict(one)) for one in cast("list[dict[str, Any]]", events)]


def _happened(event: dict[str, Any]) -> Happened:
    time = take(event, "timeUnixNano", "time_unix_nano")
    attributes = attributes_of(take(event, "attributes"))
    return Happened(
        text(take(event, "name")), nanoseconds(time), {**without_nothing(event), **attributes}
    )


def around(context: Mapping[str, Any]) -> tuple[Attributes, Attributes]:
    """The resource and the scope that a document names around a record, opened."""
    resource: Attributes = {}
    scope: Attributes = {}
    for pointer, value in context.items():
        key = pointer.rpartition("/")[2]
        if key == "resource":
            resource = described(value)
        elif key in ("scope", "instrumentationLibrary", "instrumentation_library"):
            scope = described(value)
    return resource, scope


def described(value: Any) -> Attributes:
    """A resource or a scope: its attributes opened beside its other fields."""
    if not isinstance(value, dict):
        return {} if value is None else {"resource": value}
    given = cast("Attributes", value)
    fields = {key: each for key, each in given.items() if key != "attributes"}
    return {**without_nothing(fields), **attributes_of(given.get("attributes"))}


def _links(rest: dict[str, Any]) -> Any:
    """Links to other spans, their attributes opened."""
    links = rest.get("links")
    if not isinstance(links, list):
        return links  # nothing, or something that is kept as it is
    return [_link(one) for one in cast("list[Any]", links)]


def _link(link: Any) -> Any:
    match link:
        case {"attributes": [*attributes], **rest}:
            return without_nothing({**rest, "attributes": attributes_of(attributes)})
        case _:
            return link


def take(rest: dict[str, Any], *keys: str) -> Any:
    """Take a value out under the first of its spellings that is there."""
    for key in keys:
        if key in rest:
            return rest.pop(key)
    return None


def text(name: Any) -> str:
    """A name as text; "" where there is none."""
    return name if isinstance(name, str) else "" if name is None else str(name)


def without_nothing(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields without nulls and what is empty, and without counts of nothing dropped."""
    return {
        key: value
        for key, value in fields.items()
        if value is not None
        and value != ""
        and value != []
        and value != {}
        and not (value == 0 and key in _ZEROS)
    }


_ZEROS = frozenset(
    (
        "droppedAttributesCount",
        "droppedEventsCount",
        "droppedLinksCount",
        "dropped_attributes_count",
        "dropped_events_count",
        "dropped_links_count",
        "flags",
        "code",
    )
)
"""What protobuf writes a zero for, to say that there is nothing."""
