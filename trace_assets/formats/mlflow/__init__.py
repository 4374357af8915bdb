"""MLflow traces: what an application's traced functions, models and tools did.

Source: https://github.com/mlflow/mlflow, `mlflow/entities/trace.py`, `trace_info.py`, `span.py`.
Observed: `{info, data: {spans}}` of `Trace.to_json`, one per line or in a list; `{spans}` of the
artifact file `traces.json`, which has no info; rows of `search_traces()`, as JSON or as a table
(CSV), with the trace as JSON in `trace`; `{trace_info, spans}` of the REST API. Spans of schema 3
(`span_id`, `start_time_unix_nano`, `status`), and of schema 2 (`context`, `parent_id`,
`start_time`, `status_code`); their attributes hold JSON as text. Inputs and outputs of a model's
span are requests and responses of whatever library was traced.
Model, tokens and cost come from a model's span; tokens and cost that only the trace's metadata
reports are in `metadata.extra.reported_usage`. The attribute `instructions` of a model's span, as
the tracing of the OpenAI Agents SDK writes it, is the system prompt. Tags are `key:value`, without
MLflow's own.
Residue: other attributes of a span, read where they are JSON, are in its event's metadata; `info`
and what stands around the trace is in `metadata.extra`.
Dropped on purpose: messages that a later call repeats; `mlflow.traceRequestId` and `trace_id` (or
`traceId`) of a span; the types `TOOL` and `AGENT` of a span, which the types of its events say;
attributes that repeat a value of the span's inputs; in a row of `search_traces()`, the
columns that repeat the spans or the info of its trace.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from trace_assets import spans, vocabulary
from trace_assets.formats import Claim, Converted, Format, UnknownShapeError
from trace_assets.formats.mlflow.span_data import ReadSpan, decoded, pairs_of, span_of
from trace_assets.guards import Kinds, texts_at
from trace_assets.reading import Record, Shape, read_json_or_table
from trace_assets.reading.inside import inside
from trace_assets.trace import build

COLUMNS = ("trace_name", "session_id", "user_id", "experiment_id", "state")

SHAPE = Shape(arrays=("traces",), whole=("info", "spans", "trace_info", "trace"))

_MARK = "mlflow."

KNOWN_KINDS = frozenset(
    (
        "AGENT",
        "CHAIN",
        "CHAT_MODEL",
        "EMBEDDING",
        "EVALUATOR",
        "GUARDRAIL",
        "LLM",
        "MEMORY",
        "PARSER",
        "RERANKER",
        "RETRIEVER",
        "TASK",
        "TOOL",
        "UNKNOWN",
        "WORKFLOW",
    )
)
"""The values of `mlflow.spanType` that MLflow defines."""


# --- detection -------------------------------------------------------------------------------


def detect(documents: Sequence[Any]) -> Claim | None:
    """Claim logs with MLflow's attributes, and whole traces by their structure."""
    return next(filter(None, map(_claim, documents)), None)


def _claim(document: Any) -> Claim | None:
    match document:
        case {"traces": [first, *_]} | [first, *_] | {"trace": {**first}}:
            return _claim_of(first)
        case _:
            return _claim_of(document)


def _claim_of(record: Any) -> Claim | None:
    match record:
        case {"trace": str() as text, "trace_id": _} if "mlflow." in text or '"spans"' in text:
            return Claim(3, "`trace` holds a trace of MLflow as JSON beside its `trace_id`")
        case {"info": {**info}} | {"trace_info": {**info}} if _is_marked(info):
            return Claim(3, "the info of the trace has keys that begin with `mlflow.`")
        case {"info": {"request_id": _}, "data": {"spans": _}}:
            return Claim(2, "`info` with a `request_id`, and `data` with `spans`")
        case {"info": {"trace_id": _, "trace_location": _}}:
            return Claim(3, "`info` with a `trace_id` and a `trace_location`")
        case {"spans": [{"attributes": {**attributes}}, *_]} if _has_mark(attributes):
            return Claim(3, "attributes of the spans begin with `mlflow.`")
        case {"data": {"spans": [{"attributes": {**attributes}}, *_]}} if _has_mark(attributes):
            return Claim(3, "attributes of the spans begin with `mlflow.`")
        case _:
            return None


def _is_marked(info: dict[str, Any]) -> bool:
    return any(
        _has_mark(pairs_of(info.get(key))) for key in ("trace_metadata", "request_metadata", "tags")
    )


def _has_mark(keys: Mapping[str, Any]) -> bool:
    return any(key.startswith(_MARK) for key in keys)


# --- traces ----------------------------------------------------------------------------------


class _Log(NamedTuple):
    """A trace as MLflow writes it."""

    info: dict[str, Any]
    spans: list[Any]
    pointer: str
    """Where the spans are."""
    around: dict[str, Any]


def convert(record: Record, _context: Mapping[str, Any]) -> Converted:
    """One trace. The record's value is used up."""
    log = _read(record.value)
    read = [span_of(each, f"{log.pointer}/{number}") for number, each in enumerate(log.spans)]
    trace_id = _trace_id(log, read) or build.record_id(record.raw)
    columns = _columns(log.info)
    reported, tags = _reported(log.info), _tags(log.info)
    extra: dict[str, Any] = build.joined(reported, log.info, prefix="info_")
    extra = build.joined(extra, log.around, prefix="around_")
    each = [each.span for each in read]
    made = spans.events_of(each, trace_id)
    if made.defects:
        extra = build.joined(extra, {"span_defects": made.defects}, prefix="found_")
    root = next((each for each in read if not each.span.parent_id), None)
    if root is not None and root.span.call is None and not spans.has_message(made.items):
        around = spans.around_of(root.given, root.made)
        made = spans.events_of(each, trace_id, around=around)
    error = root.span.error if root else None
    metadata = {
        "trace_id": trace_id,
        **made.metadata,
        **({"tags": tags} if tags else {}),
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
        columns=columns,
    )


def _read(value: Any) -> _Log:
    match value:
        case {"trace": str() as text, **row} if (inner := decoded(text)) is not text:
            log = _log(inner)
            if "spans" in row and _opened(row["spans"]) == log.spans:
                del row["spans"]
            return log._replace(around={**log.around, **_news(row, log.info)})
        case {"trace": {**inner}, **around}:
            log = _log(inner)
            return log._replace(around={**log.around, **around})
        case _:
            return _log(value)


def _opened(cell: Any) -> Any:
    """The value of a cell, which a table writes as JSON or as Python prints it."""
    return inside(cell) if isinstance(cell, str) else cell


def _log(value: Any) -> _Log:
    match value:
        case {"info": {**info}, "data": {"spans": [*each], **data}, **around}:
            return _Log(info, each, "/data/spans", {**around, **({"data": data} if data else {})})
        case {"trace_info": {**info}, "spans": [*each], **around}:
            return _Log(info, each, "/spans", around)
        case {"spans": [{"attributes": _}, *_], **around}:
            return _Log({}, value["spans"], "/spans", around)
        case {"info": dict()} | {"trace_info": dict()}:
            raise UnknownShapeError("", "a trace without its spans", reason="no_spans")
        case _:
            raise UnknownShapeError("", "expected `info` with `data`, or `spans`, found neither")


def _news(row: dict[str, Any], info: dict[str, Any]) -> dict[str, Any]:
    """What a row says that the info of its trace does not."""
    known = [*info.values()]
    return {key: value for key, value in row.items() if decoded(value) not in known}


def _trace_id(log: _Log, read: Sequence[ReadSpan]) -> str | None:
    own = spans.take_id(log.info, "trace_id") or spans.take_id(log.info, "request_id")
    return own or next((each.trace_id for each in read if each.trace_id), None)


def _metadata_of(info: dict[str, Any]) -> dict[str, Any]:
    return pairs_of(info.get("trace_metadata") or info.get("request_metadata"))


def _reported(info: dict[str, Any]) -> dict[str, Any]:
    """The tokens and the cost of the whole trace, under the key that enrichment reads."""
    metadata = _metadata_of(info)
    tokens = vocabulary.tokens(decoded(metadata.get("mlflow.trace.tokenUsage")))
    found = {
        "input_tokens": tokens.input,
        "output_tokens": tokens.output,
        "cost_usd": vocabulary.cost(decoded(metadata.get("mlflow.trace.cost"))),
    }
    known = {name: value for name, value in found.items() if value is not None}
    return {"reported_usage": known} if known else {}


def _tags(info: dict[str, Any]) -> list[str]:
    """The tags that people gave the trace, as `key:value`; MLflow's own begin with its name."""
    tags = pairs_of(info.get("tags")).items()
    return [f"{key}:{build.json_text(value)}" for key, value in tags if not key.startswith(_MARK)]


def _columns(info: dict[str, Any]) -> dict[str, Any]:
    metadata = _metadata_of(info)
    experiment = info.get("experiment_id")
    match info:
        case {"trace_location": {"mlflow_experiment": {"experiment_id": experiment}}}:
            pass
        case _:
            pass
    found = {
        "trace_name": pairs_of(info.get("tags")).get("mlflow.traceName"),
        "session_id": metadata.get("mlflow.trace.session"),
        "user_id": metadata.get("mlflow.trace.user"),
        "experiment_id": experiment,
        "state": info.get("state", info.get("status")),
    }
    return {name: value if isinstance(value, str) else None for name, value in found.items()}


SILENT = frozenset(
    ("request_preview", "response_preview", "trace_metadata", "mlflow.chat.tools", "assessments")
)
"""Previews that cut what the spans say, tools and assessments."""


def kinds_of(value: Any) -> Iterable[str]:
    """The types of the spans of a trace; MLflow writes attributes as JSON."""
    places = (("spans",), ("data", "spans"), ("trace", "data", "spans"))
    path = ("*", "attributes", "mlflow.spanType")
    return [kind.strip('"') for place in places for kind in texts_at(value, (*place, *path))]


FORMAT = Format(
    name="mlflow",
    spec_url="https://github.com/mlflow/mlflow",
    detect=detect,
    shape=SHAPE,
    convert=convert,
    columns=COLUMNS,
    docs=__doc__ or "",
    read=read_json_or_table,
    silent=SILENT,
    kinds=Kinds(KNOWN_KINDS, kinds_of),
)
