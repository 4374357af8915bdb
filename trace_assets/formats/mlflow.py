"""MLflow traces: what an application's traced functions, models and tools did.

Source: https://github.com/mlflow/mlflow, `mlflow/entities/trace.py`, `trace_info.py`, `span.py`.
Observed: `{info, data: {spans}}` of `Trace.to_json`, one per line or in a list; `{spans}` of the
artifact file `traces.json`, which has no info; rows of `search_traces()` with the trace as JSON in
`trace`; `{trace_info, spans}` of the REST API. Spans of schema 3 (`span_id`,
`start_time_unix_nano`, `status`), and of schema 2 (`context`, `parent_id`, `start_time`,
`status_code`); their attributes hold JSON as text. Inputs and outputs of a model's span are
requests and responses of whatever library was traced.
Residue: other attributes of a span, read where they are JSON, are in its event's metadata; `info`
and what stands around the trace is in `metadata.extra`.
Dropped on purpose: messages that a later call repeats; `mlflow.traceRequestId` and `trace_id` of a
span; attributes that repeat a value of the span's inputs; in a row of `search_traces()`, `spans`
and those columns that repeat the trace's own info.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

import msgspec

from trace_assets import spans
from trace_assets.formats import Claim, Converted, Format, UnknownShapeError
from trace_assets.reading import Record, Shape
from trace_assets.spans import ModelCall, Note, Span, ToolCall, take_dict, take_id, take_text
from trace_assets.spans import take_time as take
from trace_assets.trace import build

COLUMNS = ("trace_name", "session_id", "user_id", "experiment_id", "state")

SHAPE = Shape(arrays=("traces",), whole=("info", "spans", "trace_info", "trace"))

_MARK = "mlflow."


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
        _has_mark(_pairs(info.get(key))) for key in ("trace_metadata", "request_metadata", "tags")
    )


def _has_mark(keys: Mapping[str, Any]) -> bool:
    return any(key.startswith(_MARK) for key in keys)


def _pairs(value: Any) -> dict[str, Any]:
    """Attributes, tags or metadata: an object, or a list of `{key, value}`; else nothing."""
    match value:
        case {**pairs}:
            return pairs
        case [{"key": str()}, *_] as each:
            return {pair["key"]: pair.get("value") for pair in each if _is_pair(pair)}
        case _:
            return {}


def _is_pair(value: Any) -> bool:
    match value:
        case {"key": str(), **rest}:
            return rest.keys() <= {"value"}
        case _:
            return False


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
    read = [_span(each, f"{log.pointer}/{number}") for number, each in enumerate(log.spans)]
    trace_id = _trace_id(log, read) or build.record_id(record.raw)
    columns = _columns(log.info)
    extra: dict[str, Any] = build.joined(log.info, log.around, prefix="around_")
    made = spans.events_of([each.span for each in read], trace_id)
    if made.defects:
        extra = build.joined(extra, {"span_defects": made.defects}, prefix="found_")
    root = next((each for each in read if not each.span.parent_id), None)
    items = made.items
    if root is not None and root.span.call is None:
        items = spans.told_around(items, root.given, root.made, trace_id)
    error = root.span.error if root else None
    metadata = {
        "trace_id": trace_id,
        **made.metadata,
        **({} if error is None else {"error": error}),
        "extra": extra,
    }
    return Converted(
        trace={
            "FORMAT": "open_responses",
            "items": items,
            "metadata": metadata,
            "events": made.events,
        },
        columns=columns,
    )


def _read(value: Any) -> _Log:
    match value:
        case {"trace": str() as text, **row} if (inner := _decoded(text)) is not text:
            row.pop("spans", None)
            log = _log(inner)
            return log._replace(around={**log.around, **_news(row, log.info)})
        case {"trace": {**inner}, **around}:
            log = _log(inner)
            return log._replace(around={**log.around, **around})
        case _:
            return _log(value)


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
    return {key: value for key, value in row.items() if _decoded(value) not in known}


def _trace_id(log: _Log, read: Sequence["_Read"]) -> str | None:
    own = take_id(log.info, "trace_id") or take_id(log.info, "request_id")
    return own or next((each.trace_id for each in read if each.trace_id), None)


def _columns(info: dict[str, Any]) -> dict[str, Any]:
    metadata = _pairs(info.get("trace_metadata") or info.get("request_metadata"))
    experiment = info.get("experiment_id")
    match info:
        case {"trace_location": {"mlflow_experiment": {"experiment_id": experiment}}}:
            pass
        case _:
            pass
    found = {
        "trace_name": _pairs(info.get("tags")).get("mlflow.traceName"),
        "session_id": metadata.get("mlflow.trace.session"),
        "user_id": metadata.get("mlflow.trace.user"),
        "experiment_id": experiment,
        "state": info.get("state", info.get("status")),
    }
    return {name: value if isinstance(value, str) else None for name, value in found.items()}


# --- spans -----------------------------------------------------------------------------------


class _Read(NamedTuple):
    """A span, and what it says that is not only its own."""

    span: Span
    trace_id: str | None
    given: Any
    made: Any


def _span(value: Any, pointer: str) -> _Read:
    match value:
        case {**rest}:
            pass
        case _:
            raise UnknownShapeError(pointer, "expected a span, found no object")
    context = take_dict(rest, "context")
    attributes = _attributes(rest)
    trace_id = take_id(attributes, "mlflow.traceRequestId")
    take_id(rest, "trace_id", "traceId")
    take_id(context, "trace_id", "request_id")
    kind = take_text(attributes, "mlflow.spanType") or take_text(rest, "span_type")
    given = _first(attributes, rest, "mlflow.spanInputs", "inputs")
    made = _first(attributes, rest, "mlflow.spanOutputs", "outputs")
    name = take_text(rest, "name")
    own_id = take_id(rest, "span_id", "spanId") or take_id(context, "span_id")
    parent = take_id(rest, "parent_span_id", "parentSpanId", "parent_id")
    start = take(rest, "start_time_unix_nano", "startTimeUnixNano", "start_time")
    end = take(rest, "end_time_unix_nano", "endTimeUnixNano", "end_time")
    notes = [*_notes(rest)]
    call = _call(kind, name or "", given, made, attributes)
    if call is None:
        told = {"inputs": given, "outputs": made}
        known = {key: each for key, each in told.items() if each is not None}
        attributes = build.joined(attributes, known, prefix="span_")
    metadata = build.joined(attributes, {**context, **rest}, prefix="span_")
    span = Span(
        id=own_id,
        name=name or kind or "span",
        parent_id=parent,
        span_type=_type_of(kind, is_call=call is not None),
        start=start,
        end=end,
        error=_error(rest, notes, is_call=call is not None),
        call=call,
        notes=notes,
        metadata=metadata,
    )
    return _Read(span, trace_id, given, made)


def _type_of(kind: str | None, *, is_call: bool) -> str | None:
    match kind:
        case "AGENT":
            return "agent"
        case "TOOL" if is_call:  # the event's type says it
            return None
        case _:
            return kind


def _attributes(rest: dict[str, Any]) -> dict[str, Any]:
    """Take out the attributes, with the JSON in them read."""
    value = rest.get("attributes")
    pairs = _pairs(value)
    if not pairs or (isinstance(value, list) and len(cast("list[Any]", value)) != len(pairs)):
        return {}
    del rest["attributes"]
    return {key: _decoded(_plain(each)) for key, each in pairs.items()}


def _plain(value: Any) -> Any:
    """An attribute of OTLP, which says the kind of its value."""
    match value:
        case {"stringValue": str() as text, **rest} | {"string_value": str() as text, **rest}:
            return text if not rest else value
        case _:
            return value


def _decoded(value: Any) -> Any:
    """The text, list or object that a text is the JSON of; numbers stay as they are written."""
    if not isinstance(value, str) or not value.startswith(('"', "{", "[")):
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError):
        return value


def _first(attributes: dict[str, Any], rest: dict[str, Any], own: str, plain: str) -> Any:
    """Take inputs or outputs from the attribute, or from the span where it has them."""
    return attributes.pop(own) if own in attributes else rest.pop(plain, None)


def _notes(rest: dict[str, Any]) -> Iterator[Note]:
    if not isinstance(rest.get("events"), list):
        return
    events: list[Any] = rest.pop("events")
    for event in events:
        match event:
            case {"name": str(name), "attributes": {**data}, **others}:
                time = take(others, "time_unix_nano", "timeUnixNano", "timestamp")
                yield Note(name, time, build.joined(data, others, prefix="event_"))
            case {"name": str(name), **others}:
                time = take(others, "time_unix_nano", "timeUnixNano", "timestamp")
                yield Note(name, time, others)
            case _:
                yield Note("event", None, {"event": event})


def _error(rest: dict[str, Any], notes: Sequence[Note], *, is_call: bool) -> str | None:
    """Why a span failed; an exception among its notes says it where the status does not."""
    match rest:
        case {"status": {"code": str(code), "message": str(text)}}:
            pass
        case {"status_code": str(code), "status_message": str() | None as text}:
            pass
        case {"status": {"code": str(code)}} | {"status_code": str(code)}:
            text = ""
        case _:
            return None
    if not code.endswith("ERROR"):
        return None
    if text:
        return text
    caught = next(filter(None, map(_exception, notes)), None)
    if caught and not is_call:
        return None  # the note is an error event of its own
    return caught or code


def _exception(note: Note) -> str | None:
    match note.data:
        case {"exception.message": str(message)}:
            return message
        case _:
            return None


# --- calls -----------------------------------------------------------------------------------


def _call(
    kind: str | None, name: str, given: Any, made: Any, attributes: dict[str, Any]
) -> ModelCall | ToolCall | None:
    match kind:
        case "CHAT_MODEL" | "LLM":
            return _model(given, made, attributes)
        case "TOOL" if name:
            answer = spans.answer(made)
            return ToolCall(
                name=name,
                original_call_id=answer.call_id,
                arguments=given,
                result=answer.result,
                error=answer.error,
                rest=answer.rest,
            )
        case _:
            return None


def _model(given: Any, made: Any, attributes: dict[str, Any]) -> ModelCall:
    _drop_copies(attributes, given)
    asked, said = spans.opened(given, "user"), spans.opened(made, "assistant")
    request = {} if asked is None else asked.rest
    response = {} if said is None else said.rest
    model = take_text(attributes, "mlflow.llm.model") or take_text(response, "model")
    tools = attributes.pop("mlflow.chat.tools", None)
    tools = _list(request.pop("tools", None) if tools is None else tools)
    usage = take_dict(attributes, "mlflow.chat.tokenUsage") or take_dict(response, "usage")
    if request.get("tools") is not None and request["tools"] == tools:
        del request["tools"]
    rest = {"request": request, "response": response}
    return ModelCall(
        model=model or _text(request.get("model")),
        inputs=[given] if asked is None else asked.messages,
        outputs=[made] if said is None else said.messages,
        usage=usage or None,
        tools=tools,
        rest={key: value for key, value in rest.items() if value} or None,
    )


def _drop_copies(attributes: dict[str, Any], given: Any) -> None:
    """Drop the attributes that repeat a value of the inputs: MLflow's tracing of libraries does."""
    if isinstance(given, dict):
        inputs = cast("dict[str, Any]", given)
        for key in inputs.keys() & attributes.keys():
            if attributes[key] == inputs[key]:
                del attributes[key]


def _list(value: Any) -> list[Any]:
    match value:
        case [*each]:
            return each
        case None:
            return []
        case _:
            return [value]


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


FORMAT = Format(
    name="mlflow",
    spec_url="https://github.com/mlflow/mlflow",
    detect=detect,
    shape=SHAPE,
    convert=convert,
    columns=COLUMNS,
    docs=__doc__ or "",
)
