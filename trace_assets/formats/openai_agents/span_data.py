"""The spans of the Agents SDK as spans of a trace."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, cast

from trace_assets import chat
from trace_assets.formats.openai_agents.printed import printed
from trace_assets.spans import (
    ModelCall,
    Span,
    ToolCall,
    opened,
    take_dict,
    take_id,
    take_text,
    take_time,
)
from trace_assets.trace import build

_COPY = "span_data_"


def read_spans(records: Sequence[dict[str, Any]], trace_id: str) -> list[Span]:
    """Spans in the order of their records; the trace's id is not repeated in each."""
    read = [_span(dict(record), trace_id) for record in records]
    called = {
        name
        for span in read
        if isinstance(span.call, ModelCall)
        for name in _names(span.call.outputs)
    }
    return [_handed_over(span, called) if span.span_type == "handoff" else span for span in read]


def error_text(read: Sequence[Span]) -> str | None:
    """What ended the trace: the error of the last of its outermost agents, if it had one."""
    roots = [span for span in read if not span.parent_id]
    outer = {span.id for span in roots}
    agents = [
        span
        for span in read
        if span.span_type == "agent" and (not span.parent_id or span.parent_id in outer)
    ]
    last = max(agents or roots, key=lambda span: str(span.end or ""), default=None)
    return last.error if last else None


def _span(rest: dict[str, Any], trace_id: str) -> Span:
    """One span. The record is used up: what is left in it is the residue."""
    if rest.get("object") == "trace.span":
        del rest["object"]
    if rest.get("trace_id") == trace_id:
        del rest["trace_id"]
    data = _with_exported(take_dict(rest, "span_data"), rest)
    own_id, parent = take_id(rest, "id", "span_id"), take_id(rest, "parent_id")
    start, end = take_time(rest, "started_at"), take_time(rest, "ended_at")
    kind = take_text(data, "type") or "span"
    error = _error(rest)
    name = data.get("name")
    call = _call(kind, data)
    if call is None and isinstance(name, str):
        del data["name"]
    return Span(
        id=own_id,
        name=name if isinstance(name, str) else kind,
        parent_id=parent,
        span_type=kind if kind != "function" else None,
        start=start,
        end=end,
        error=error,
        call=call,
        metadata=build.joined(data, rest, prefix="span_"),
    )


def _with_exported(data: dict[str, Any], rest: dict[str, Any]) -> dict[str, Any]:
    """What a span is about, with what an exporter wrote of it on the span itself."""
    for key in [key for key in rest if key.startswith(_COPY)]:
        name = key.removeprefix(_COPY)
        if data.setdefault(name, rest[key]) == rest[key]:
            del rest[key]
    for key in data.keys() & rest.keys():
        if data[key] == rest[key] and data[key] is not None:
            del rest[key]
    return data


def _error(rest: dict[str, Any]) -> str | None:
    """Take out why a span failed; what its data say of it stays behind."""
    match rest.get("error"):
        case None | "":
            rest.pop("error", None)
            return None
        case str() as text:
            del rest["error"]
            return text
        case {"message": str(message), "data": {"error": str(cause)}} if cause:
            return f"{message}: {cause}"
        case {"message": str(message), **others}:
            if not any(others.values()):
                del rest["error"]
            return message
        case other:
            return build.json_text(other)


def _call(kind: str, data: dict[str, Any]) -> ModelCall | ToolCall | None:
    """Take a call out of what a span is about; None where it is about something else."""
    match kind:
        case "function":
            return _function(data)
        case "generation":
            return _generation(data)
        case "response":
            return _response(data)
        case _:
            return None


def _function(data: dict[str, Any]) -> ToolCall | None:
    match data:
        case {"name": str(name)}:
            del data["name"]
            return ToolCall(
                name=name,
                original_call_id=data.pop("call_id", None),
                arguments=data.pop("input", None),
                result=data.pop("output", None),
            )
        case _:
            return None


# --- model calls -----------------------------------------------------------------------------


def _generation(data: dict[str, Any]) -> ModelCall:
    given = [*_messages(data, "input")]
    made = data.pop("output", None)
    answers = cast("list[Any]", made) if isinstance(made, list) else [made]
    outputs: list[Any] = []
    responses: list[dict[str, Any]] = []
    for answer in answers:
        match answer:
            case {"output": [*items], **response}:
                outputs += items
                responses.append(response)
            case {"choices": [*_], **response} if found := opened(answer, "assistant"):
                outputs += found.messages
                responses.append({key: found.rest[key] for key in response if key in found.rest})
            case None | "":
                pass
            case _:
                outputs.append(answer)
    first = responses[0] if responses else {}
    given = [*_instructions(given, first), *given]
    return ModelCall(
        model=take_text(data, "model") or take_text(first, "model"),
        inputs=given,
        outputs=outputs,
        usage=take_dict(data, "usage") or take_dict(first, "usage") or None,
        tools=_tools(first),
        rest=_beside(responses),
    )


def _response(data: dict[str, Any]) -> ModelCall:
    response = _whole(data)
    items = response.pop("output", None)
    given = [*_messages(data, "input")]
    made = [*_messages(data, "output")]
    match items:
        case None:
            outputs = made
        case list():
            outputs = [*cast("list[Any]", items), *made]
        case _:
            outputs = [items, *made]
    return ModelCall(
        model=take_text(data, "model") or take_text(response, "model"),
        inputs=[*_instructions(given, response), *given],
        outputs=outputs,
        usage=take_dict(data, "usage") or take_dict(response, "usage") or None,
        tools=_tools(response),
        rest=_beside([response] if response else []),
    )


def _whole(data: dict[str, Any]) -> dict[str, Any]:
    """Take out the response that an exporter added, as JSON or as Python prints it."""
    match data.get("response"):
        case {**response}:
            del data["response"]
            return response
        case str() as text if (response := printed(text)) is not None:
            del data["response"]
            return response
        case _:
            return {}


def _messages(data: dict[str, Any], key: str) -> Iterator[Any]:
    match data.pop(key, None):
        case None | "":
            pass
        case [*messages]:
            yield from messages
        case other:
            found = opened(other, "user" if key == "input" else "assistant")
            yield from [other] if found is None or found.rest else found.messages


def _instructions(given: Sequence[Any], response: dict[str, Any]) -> list[Any]:
    """The system prompt of a response, which its input does not repeat."""
    match response.get("instructions"), given:
        case str() as text, [{"role": "system" | "developer", "content": said}, *_] if text == said:
            del response["instructions"]
        case str() as text, _ if text:
            del response["instructions"]
            return [{"role": "system", "content": text}]
        case [*messages], _ if messages:
            del response["instructions"]
            return messages
        case _:
            pass
    return []


def _tools(response: dict[str, Any]) -> list[Any]:
    return response.pop("tools") if isinstance(response.get("tools"), list) else []


def _beside(responses: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """What responses say beside their messages."""
    match [response for response in responses if response]:
        case []:
            return None
        case [response]:
            return {"response": response}
        case several:
            return {"responses": several}


# --- handoffs --------------------------------------------------------------------------------


def _handed_over(span: Span, called: set[str]) -> Span:
    """A handoff as the call that the model asked for it with, where one has the SDK's name."""
    match span.metadata:
        case {"to_agent": str(agent), **rest} if (name := _tool_for(agent)) in called:
            return span._replace(call=ToolCall(name, agent=agent), metadata=rest)
        case _:
            return span


def _tool_for(agent: str) -> str:
    """The SDK's name for the tool that hands over to an agent.

    >>> _tool_for("Billing Agent (EU)")
    'transfer_to_billing_agent__eu_'
    """
    return re.sub(r"[^a-z0-9_]", "_", f"transfer_to_{agent}".lower())


def _names(outputs: Sequence[Any]) -> Iterator[str]:
    """The names of the tools that a model called."""
    for output in outputs:
        match output:
            case {"type": "function_call", "name": str(name)}:
                yield name
            case [*pieces]:
                yield from (piece.name for piece in pieces if isinstance(piece, chat.Called))
            case {"tool_calls": [*calls]}:
                for call in calls:
                    match call:
                        case {"function": {"name": str(name)}}:
                            yield name
                        case _:
                            pass
            case _:
                pass
