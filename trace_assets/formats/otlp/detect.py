"""Whether a file holds spans."""

from collections.abc import Sequence
from typing import Any, cast

from trace_assets.formats import Claim
from trace_assets.formats.otlp import cloudwatch, flat, records


def detect(documents: Sequence[Any]) -> Claim | None:
    """Claim OTLP by its wrapper, Jaeger by its own, and dumps by the ids of spans in them."""
    claims = (_wrapper(document) or _events(document) or _spans(document) for document in documents)
    return next(filter(None, claims), None)


def _wrapper(document: Any) -> Claim | None:
    match document:
        case {"resourceSpans": list() | None} | {"resource_spans": list() | None}:
            return Claim(3, "`resourceSpans`: OTLP/JSON spans")
        case {"resourceLogs": list() | None} | {"resource_logs": list() | None}:
            return Claim(3, "`resourceLogs`: OTLP/JSON log records")
        case {"resourceMetrics": list()} | {"resource_metrics": list()}:
            return Claim(3, "`resourceMetrics`: OTLP/JSON, but no spans")
        case {"trace": {"resourceSpans": list()}}:
            return Claim(3, "`trace.resourceSpans`: a trace of Tempo")
        case {"batches": [{"scopeSpans": list()} | {"instrumentationLibrarySpans": list()}, *_]}:
            return Claim(3, "`batches` with `scopeSpans`: a trace of Tempo")
        case {"data": [{"traceID": _, "spans": list(), "processes": _}, *_]}:
            return Claim(3, "`data[].spans` with `traceID` and `processes`: Jaeger")
        case {"data": [{"traceID": _, "spans": [{"operationName": _, "spanID": _}, *_]}, *_]}:
            return Claim(3, "`data[].spans` with `traceID` and `operationName`: Jaeger")
        case _:
            return None


def _events(document: Any) -> Claim | None:
    match document:
        case [{} as first, *_] | ({} as first) if cloudwatch.is_wrapped(first):
            return Claim(3, "events of CloudWatch Logs with spans or log records")
        case _:
            return None


def _spans(document: Any) -> Claim | None:
    match document:
        case {"spans": [{} as first, *_]} if _is_span(first):
            return Claim(2, "`spans` holds objects with the ids of a span and its trace")
        case {"traces": [{"spans": [{} as first, *_]}, *_]} if _is_span(first):
            return Claim(2, "`traces[].spans` holds objects with the ids of a span and its trace")
        case {"traces": [{"trace_id": _, "spans": [{"span_id": _, "attributes": {}}, *_]}, *_]}:
            return Claim(2, "`traces[]` holds a `trace_id` and spans with attributes")
        case {"rows": [{} as first, *_]} if _is_span(first):
            return Claim(2, "`rows` holds objects with the ids of a span and its trace")
        case [{} as first, *_] | ({} as first):
            record = cast("dict[str, Any]", first)
            return _span(record) or _grouped(record)
        case _:
            return None


def _span(record: dict[str, Any]) -> Claim | None:
    if "operationName" in record and {"traceID", "spanID"} <= record.keys():
        return Claim(3, "`traceID`, `spanID` and `operationName`: a span of Jaeger")
    if _is_span(record):
        return Claim(2, "objects with the ids of a span and its trace, and its attributes")
    if flat.is_bare_span(record):
        return Claim(1, "objects with the ids of a span and its trace, a name and a start")
    if records.is_log(record) and "attributes" in record:
        return Claim(2, "a log record of OTLP: `timeUnixNano` with attributes or a body")
    match record:
        case {"spanName": str(), "scopeName": str(), "attributes": dict()}:
            return Claim(2, "`spanName`, `scopeName` and `attributes` of one span")
        case _:
            return None


def _grouped(record: dict[str, Any]) -> Claim | None:
    if _wrapper(record):
        return Claim(3, "a list of OTLP/JSON documents")
    match [*record.values()]:
        case [[{} as first, *_], *others] if _is_span(first) and all(map(_is_list, others)):
            return Claim(2, "lists of objects with the ids of a span and its trace")
        case _:
            return None


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _is_span(given: Any) -> bool:
    """Whether it names both ids, even if they are empty, and what happened, as no other tool."""
    record = cast("dict[str, Any]", given)
    if not flat.names_ids(record):
        return False
    match record:
        case {"attributes": {"mlflow.spanType": _} | {"mlflow.traceRequestId": _}}:
            return False
        case {"attributes": dict() | list()}:
            return True
        case {"attributes": str(), "start_timestamp": _}:
            return True
        case _:
            return any(name.startswith("attributes.") for name in record)
