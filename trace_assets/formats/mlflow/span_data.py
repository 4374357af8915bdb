"""The spans of MLflow as spans of a trace."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

from trace_assets import spans
from trace_assets.formats import UnknownShapeError
from trace_assets.reading.embedded import embedded_json
from trace_assets.spans import (
    ModelCall,
    Note,
    Opened,
    Span,
    ToolCall,
    take_dict,
    take_id,
    take_text,
)
from trace_assets.spans import take_time as take
from trace_assets.trace import build


class ReadSpan(NamedTuple):
    """A span, and what it says that is not only its own."""

    span: Span
    trace_id: str | None
    given: Any
    made: Any


def span_of(value: Any, pointer: str) -> ReadSpan:
    """Read one span; its pointer is for errors."""
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
    return ReadSpan(span, trace_id, given, made)


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
    pairs = pairs_of(value)
    if not pairs or (isinstance(value, list) and len(cast("list[Any]", value)) != len(pairs)):
        return {}
    del rest["attributes"]
    return {key: decoded(_plain(each)) for key, each in pairs.items()}


def _plain(value: Any) -> Any:
    """An attribute of OTLP, which says the kind of its value."""
    match value:
        case {"stringValue": str() as text, **rest} | {"string_value": str() as text, **rest}:
            return text if not rest else value
        case _:
            return value


def decoded(value: Any) -> Any:
    """The text, list or object that a text is the JSON of; numbers stay as they are written."""
    if not isinstance(value, str) or not value.startswith(('"', "{", "[")):
        return value
    return embedded_json(value, default=value)


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
    if asked is None and (messages := attributes.pop("mlflow.chat.messages", None)):
        asked, said = _normalised(messages, given, made)
    request = {} if asked is None else asked.rest
    response = {} if said is None else said.rest
    model = take_text(attributes, "mlflow.llm.model") or take_text(response, "model")
    model = model or _text(request.get("model")) or _model_around(attributes, response)
    tools = attributes.pop("mlflow.chat.tools", None)
    tools = _list(request.pop("tools", None) if tools is None else tools)
    usage = take_dict(attributes, "mlflow.chat.tokenUsage") or _usage(response)
    if request.get("tools") is not None and request["tools"] == tools:
        del request["tools"]
    rest = {"request": request, "response": response}
    inputs = [given] if asked is None else asked.messages
    return ModelCall(
        model=model,
        inputs=_with_instructions(inputs, attributes),
        outputs=[made] if said is None else said.messages,
        usage=usage or None,
        tools=tools,
        rest={key: value for key, value in rest.items() if value} or None,
    )


def _with_instructions(inputs: Sequence[Any], attributes: dict[str, Any]) -> Sequence[Any]:
    """Messages with the system prompt before them, which the Agents SDK's tracing has beside them.

    It has all fields of a response as attributes of the span.
    """
    if any(_is_instruction(message) for message in inputs):
        return inputs
    text = take_text(attributes, "instructions")
    return inputs if text is None else [{"role": "system", "content": text}, *inputs]


def _is_instruction(message: Any) -> bool:
    match message:
        case {"role": "system" | "developer"}:
            return True
        case _:
            return False


def _model_around(attributes: dict[str, Any], response: dict[str, Any]) -> str | None:
    """The model's name where LangChain's tracer puts it."""
    match response:
        case {"llm_output": {"model_name": str(name)}} if name:
            return name
        case _:
            pass
    match attributes:
        case {"invocation_params": {"model": str(name)}} if name:
            return name
        case {"invocation_params": {"model_name": str(name)}} if name:
            return name
        case {"metadata": {"ls_model_name": str(name)}} if name:
            return name
        case _:
            return None


def _usage(response: dict[str, Any]) -> dict[str, Any]:
    """The token counts that a response holds itself."""
    match response:
        case {"llm_output": {"token_usage": {**usage}}}:
            return usage
        case _:
            return take_dict(response, "usage") or take_dict(response, "usage_metadata")


def _normalised(messages: Any, given: Any, made: Any) -> tuple[Opened, Opened]:
    """A call whose own inputs cannot be read, by the messages that MLflow made of them."""
    each = _list(messages)
    asked = len(each)
    while asked and _is_answer(each[asked - 1]):
        asked -= 1
    return Opened(each[:asked], {"inputs": given}), Opened(each[asked:], {"outputs": made})


def _is_answer(message: Any) -> bool:
    match message:
        case {"role": "assistant"}:
            return True
        case _:
            return False


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


def pairs_of(value: Any) -> dict[str, Any]:
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
