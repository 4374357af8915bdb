"""One event of each kind, JSON-ready; what is None is left out.

Its `id` has its place and is empty: it is by the event's number among all.
"""

from typing import Any, NamedTuple

from trace_assets import vocabulary
from trace_assets.chat import blocks
from trace_assets.spans.agents import Handover
from trace_assets.spans.model import ModelCall, Note, Span, Time, ToolCall
from trace_assets.spans.residue import beside
from trace_assets.spans.results import error_of
from trace_assets.spans.talks import Link
from trace_assets.spans.times import seconds, text
from trace_assets.spans.usage import Spent, Tools
from trace_assets.trace.build import json_text

Event = dict[str, Any]


class Context(NamedTuple):
    """What a model call saw and made, as items, and what of its data is written down elsewhere."""

    inputs: list[dict[str, Any]]
    outputs: list[dict[str, Any]]
    tools: Tools
    spent: Spent
    repeats_usage: bool
    """True if a call inside this one reports its tokens."""
    repeats_cost: bool
    """True if a call inside this one reports its cost."""


def begin(span: Span, *, is_call: bool) -> Event:
    """Begin a span. Where a call has an event of its own, that one has the metadata."""
    return _event(
        "span_begin",
        span.id,
        span.start,
        {} if is_call else dict(span.metadata or {}),
        parent_span_id=span.parent_id,
        name=span.name,
        span_type=span.span_type or _type_of(span),
    )


def end(span: Span) -> Event:
    """End a span; one that the log never ends has no time."""
    return _event("span_end", span.id, span.end, {})


def failure(span: Span) -> Event:
    """The error that a span ended with."""
    time = span.start if span.end is None else span.end
    return _event("error", span.id, time, {}, message=span.error)


def note(span: Span, noted: Note) -> Event:
    """A point in time: an error where it tells of one, else a custom event."""
    data = dict(noted.data or {})
    if noted.error is not None:
        metadata = beside({"name": noted.name}, data)
        return _event("error", span.id, noted.time, metadata, message=noted.error)
    match (noted.name, data):
        case "exception", {"exception.message": str(message), **rest}:
            trace = rest.pop("exception.stacktrace", None)
            if not isinstance(trace, str | None):
                trace, rest["exception.stacktrace"] = None, trace
            return _event("error", span.id, noted.time, rest, message=message, traceback=trace)
        case _:
            return _event("custom", span.id, noted.time, {}, name=noted.name, data=data)


def model_call(span: Span, call: ModelCall, context: Context) -> Event:
    """What a model was given and made."""
    usage, counts, cost = context.spent
    if context.repeats_usage:
        usage, counts = {}, dict(call.usage or {})
    names, definitions = context.tools.names_and_news(call.tools)
    own = {
        **_own(span),
        **({"usage": counts} if counts else {}),
        **({} if cost is None else {"cost_usd": None if context.repeats_cost else cost}),
        **({"tools": definitions} if definitions else {}),
    }
    return _event(
        "model_call_event",
        span.parent_id,
        span.start,
        beside(own, call.rest, span.metadata),
        model=call.model or vocabulary.find_model(span.metadata) or "",
        input_context=context.inputs,
        output_items=context.outputs,
        usage=usage or None,
        tools=names or None,
        total_time=_duration(span),
        error=span.error,
    )


def tool_call(span: Span, tool: ToolCall, link: Link, handover: Handover) -> Event:
    """What a tool was given and returned."""
    error = error_of(span)
    unknown = {
        key: None
        for key, value in (("arguments", tool.arguments), ("result", tool.result))
        if value is None
    }
    own = {**_own(span), "original_call_id": tool.original_call_id, **unknown}
    if tool.error is not None and span.error is not None:
        own["span_error"] = span.error
    return _event(
        "function_call_event",
        span.parent_id,
        span.start,
        beside(own, tool.rest, span.metadata),
        call_id=link.call_id,
        function=tool.name,
        arguments="" if tool.arguments is None else json_text(tool.arguments),
        result=blocks.output(tool.result),
        status=_status(span, tool, error),
        working_time=_duration(span),
        error=error,
        agent=handover.agent,
        agent_span_id=handover.span_id,
    )


def _status(span: Span, tool: ToolCall, error: str | None) -> str:
    if error is not None:
        return "incomplete"
    return "in_progress" if tool.result is None and span.end is None else "completed"


def _own(span: Span) -> dict[str, Any]:
    """What the log says of the span of a call and a call's event has no field for."""
    own = {"span_id": span.id, "name": span.name, "span_type": span.span_type, "end": span.end}
    return {key: value for key, value in own.items() if value is not None}


def _type_of(span: Span) -> str | None:
    match span.call:
        case ModelCall():
            return "model_call"
        case ToolCall():
            return "function_call"
        case None:
            return None


def _duration(span: Span) -> float | None:
    length = seconds(text(span.start), text(span.end))
    return None if length is None or length < 0 else length


def _event(
    kind: str, span_id: str | None, time: Time, metadata: dict[str, Any], **fields: Any
) -> Event:
    event = {"type": kind, "id": "", "span_id": span_id, "timestamp": time, **fields}
    event["metadata"] = metadata or None
    return {key: value for key, value in event.items() if value is not None}
