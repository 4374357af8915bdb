"""Steps of a trace with events: one for each span, and one for each call of a model or a tool."""

from collections.abc import Sequence
from typing import Any

from trace_assets.interactions.messages import (
    Item,
    Message,
    message_of,
    messages_of,
    parsed,
    provider_of,
    usage_of,
)
from trace_assets.interactions.parts import (
    MODEL_WORDS,
    TOOL_WORDS,
    Event,
    StepEvents,
    apart,
    type_of,
)
from trace_assets.interactions.sketch import Kind, Outcome, Sketch, present
from trace_assets.interactions.times import between, from_seconds


def steps_of_events(events: Sequence[Event]) -> list[Sketch]:
    """The steps of a span-sorted stream: parents before children."""
    return [_sketch(span) for span in apart(events)]


def _sketch(span: StepEvents) -> Sketch:
    if span.call is not None:
        is_model = span.call["type"] == "model_call_event"
        step = _model_step(span, span.call) if is_model else _tool_step(span, span.call)
    elif span.begin is not None:
        step = _span_step(span, span.begin)
    else:
        step = _event_step(span)
    _take_times(step, span)
    step.metadata |= _metadata(span)
    step.tags = span.first("tags")
    step.provider = provider_of(*span.attributes)
    return step


def _model_step(span: StepEvents, call: Event) -> Sketch:
    inputs: list[Item] = call["input_context"]
    given = messages_of(inputs)
    made = messages_of(call["output_items"])
    return Sketch(
        **_identity(span, call),
        kind=_kind_of_call(span, call),
        name=_name(span) or call["model"] or "model",
        status=_status(span, "ok"),
        raw={"events": span.events},
        input_data=given[-1].content if given else None,
        output_data=_output_data(made),
        metadata=present(tools=call.get("tools")),
        users=sum(item.get("role") == "user" for item in inputs),
        model=call["model"] or None,
        usage=usage_of(call.get("usage")),
        input_messages=given,
        output_messages=made,
    )


def _kind_of_call(span: StepEvents, call: Event) -> Kind:
    """A call that names no model and no tokens may be any span with an input and an output."""
    begin = span.begin or {"span_type": span.first("span_type")}
    if call["model"] or call.get("usage") or call.get("tools"):
        return "llm"
    return "agent" if type_of(begin) == "agent" else _kind(begin) if span.span_id else "llm"


def _output_data(made: list[Message] | None) -> Any:
    contents = [message.content for message in made or ()]
    return contents[0] if len(contents) == 1 else contents or None


def _tool_step(span: StepEvents, call: Event) -> Sketch:
    outcomes: dict[str, Outcome] = {"completed": "ok", "in_progress": "incomplete"}
    return Sketch(
        **_identity(span, call),
        kind="tool",
        name=call["function"] or _name(span),
        status=_status(span, outcomes.get(call["status"], "error")),
        raw={"events": span.events},
        input_data=parsed(call["arguments"]),
        output_data=parsed(call["result"]),
        metadata=present(
            call_id=call["call_id"],
            agent=call.get("agent"),
            agent_span_id=call.get("agent_span_id"),
        ),
    )


def _span_step(span: StepEvents, begin: Event) -> Sketch:
    said = [message_of(other["item"]) for other in span.others if _is_message(other)]
    given = [message for message in said if message.role != "assistant"]
    made = [message for message in said if message.role == "assistant"]
    outcome: Outcome = "unknown" if span.end is None else "ok"
    return Sketch(
        **_identity(span, begin),
        kind=_kind(begin),
        name=begin["name"],
        status=_status(span, outcome),
        raw={"events": span.events},
        input_data=_given(span, "input", given),
        output_data=_given(span, "output", made),
        input_messages=given or None,
        output_messages=made or None,
    )


def _event_step(span: StepEvents) -> Sketch:
    """An event outside of all spans."""
    event = span.events[0]
    base = Sketch(
        **_identity(span, event),
        kind="other",
        name=event.get("name") or event["type"],
        status=_status(span, "unknown"),
        raw={"events": span.events},
        input_data=event.get("data"),
    )
    if _is_message(event):
        message = message_of(event["item"])
        base.name = message.role
        if message.role == "assistant":
            # The call of a model that made the message is a step of its own.
            base.kind = "other" if event.get("model_call_id") else "llm"
            base.status, base.output_data, base.output_messages = "ok", message.content, [message]
        else:
            base.input_data, base.input_messages = message.content, [message]
            base.users = int(message.role == "user")
    return base


def _identity(span: StepEvents, event: Event) -> dict[str, Any]:
    """The ids of a step, and of the span that it is in."""
    begin = span.begin
    return {
        "original_id": span.span_id or event.get("id") or "",
        "span_id": span.span_id,
        "parent_span_id": begin.get("parent_span_id") if begin else event.get("span_id"),
    }


def _kind(begin: Event) -> Kind:
    word = type_of(begin)
    if word == "agent":
        return "agent"
    if word in TOOL_WORDS:
        return "tool"
    return "llm" if word in MODEL_WORDS else "other"


def _name(span: StepEvents) -> str | None:
    if span.begin is not None:
        return span.begin["name"]
    name = span.first("name")
    return name if isinstance(name, str) else None


def _is_message(event: Event) -> bool:
    return event["type"] == "message_event"


# --- what the events say beside their fields -------------------------------------------------


def _given(span: StepEvents, name: str, messages: list[Message]) -> Any:
    """What went into a span or came out of it: as its log says, else the last message."""
    value = span.first(name, f"{name}.value", f"{name}s")
    if value is not None:
        return parsed(value)
    return messages[-1].content if messages else None


def _metadata(span: StepEvents) -> dict[str, Any]:
    begin, call = span.begin or {}, span.call or {}
    attributes: dict[str, Any] = {}
    for found in reversed(span.attributes):
        attributes |= found
    return present(
        span_type=begin.get("span_type") or span.first("span_type"),
        error=_errors(span) or None,
        usage=attributes.get("usage"),
        event_id=call.get("id"),
        attributes=attributes or None,
        events=span.others or None,
    )


def _errors(span: StepEvents) -> list[str]:
    """Every error of a step, in words."""
    told = [span.call["error"]] if span.call and span.call.get("error") else []
    return told + [other["message"] for other in span.others if other["type"] == "error"]


def _status(span: StepEvents, otherwise: Outcome) -> Outcome:
    return "error" if _errors(span) else otherwise


def _take_times(step: Sketch, span: StepEvents) -> None:
    first = span.begin or span.call or span.events[0]
    step.start = first.get("timestamp") or _unsorted_time(first)
    last = span.end or {}
    end = last.get("timestamp") or span.first("end") or _unsorted_time(last)
    step.duration_ns = between(step.start, end)
    if step.duration_ns is None and span.call is not None:
        step.duration_ns = from_seconds(span.call.get("total_time", span.call.get("working_time")))


def _unsorted_time(event: Event) -> Any:
    """The time of an event of a trace whose times cannot all be compared."""
    match event:
        case {"metadata": {"timestamp": stamp}}:
            return stamp
        case _:
            return None
