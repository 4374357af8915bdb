"""Log records one by one, as the console exporters of SDKs print them between spans.

Source: `LogRecord.to_json` of https://github.com/open-telemetry/opentelemetry-python. The record
has `body`, `severity_number`, `timestamp`, `observed_timestamp`, ids with `0x`, and `event_name`.
"""

from collections.abc import Mapping
from typing import Any

from trace_assets.formats.otlp import flat
from trace_assets.formats.otlp.neutral import Log
from trace_assets.formats.otlp.protocol import around, event_name, logged, take
from trace_assets.formats.otlp.times import any_time
from trace_assets.formats.otlp.values import any_value, attributes_of, opened


def is_log(record: dict[str, Any]) -> bool:
    """True for a log record as SDKs print it: a body and a level or a time, and no start.

    >>> is_log({"body": "x", "severity_number": None, "timestamp": None, "span_id": "0x1"})
    True
    >>> is_log({"body": "x", "timestamp": None, "start_time": "2026-01-02"}), is_log({"body": "x"})
    (False, False)
    """
    is_timed = any(record.get(key) is not None for key in (*flat.STARTS, *flat.STARTS_OTLP))
    return "body" in record and not is_timed and not _LOGGED.isdisjoint(record)


_LOGGED = frozenset(
    (
        "severity_number",
        "severityNumber",
        "severity_text",
        "severityText",
        "observed_timestamp",
        "observedTimestamp",
        "event_name",
        "eventName",
    )
)


def log(record: dict[str, Any], context: Mapping[str, Any]) -> Log:
    """One log record; its time is when it was observed if it has none of its own."""
    rest = {key: value for key, value in record.items() if value is not None}
    trace, own = flat.trace_of(rest), flat.span_of(rest)
    for key in (*flat.TRACE_IDS, *flat.SPAN_IDS, "context.trace_id", "context.span_id"):
        rest.pop(key, None)
    flat.leave_ids(rest)
    attributes = attributes_of(take(rest, "attributes"))
    name = event_name(take(rest, "event_name", "eventName"), attributes)
    level = rest.get("severity_text", rest.get("severityText"))
    time = any_time(take(rest, *flat.TIMES) or rest.get("observed_timestamp"))
    body = opened(any_value(rest.pop("body", None)))
    resource = flat.resource_of(rest) or around(context)[0]
    return Log(trace, own, logged(name or level, time, attributes, body, rest), resource)
