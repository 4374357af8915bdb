"""The conversation that an event stream tells.

Two ways, as the Trace contract has them. If any message event is in the stream, the items are the
messages and calls that happened directly in the scope. Otherwise they are put together from the
contexts and outputs of its model calls, function calls filling in what no context repeats.

Derived items are named after their event: `<event id>:call` and `<event id>:output`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from trace_assets.trace.events import FunctionCallEvent, MessageEvent, TraceEvent
from trace_assets.trace.items import FunctionCall, FunctionCallOutput, TraceItem
from trace_assets.trace.transcript import Transcript


def name_events(events: Sequence[TraceEvent]) -> list[TraceEvent]:
    """Give each event without an own id the id `event:<index>`, or the next free one like it.

    References by `model_call_id` to the ids that these events had follow them.
    """
    taken = {event.id for event in events if event.has_own_id}
    named: dict[str, str] = {}
    for index, event in enumerate(events):
        if not event.has_own_id:
            name = f"event:{index}"
            while name in taken:
                name += "'"
            taken.add(name)
            named[event.id] = name
    return [_renamed(event, named) for event in events] if named else list(events)


def _renamed(event: TraceEvent, named: dict[str, str]) -> TraceEvent:
    update: dict[str, str] = {} if event.has_own_id else {"id": named[event.id]}
    match event:
        case MessageEvent(model_call_id=str(call)) | FunctionCallEvent(model_call_id=str(call)):
            update |= {"model_call_id": named[call]} if call in named else {}
        case _:
            pass
    return event.model_copy(update=update) if update else event


def derive_items(events: Sequence[TraceEvent], scope: str | None = None) -> list[TraceItem]:
    """Return the items of what happens directly in a span, or at the root."""
    direct = [event for event in events if event.span_id == scope]
    if any(event.type == "message_event" for event in events):
        return list(_from_messages(direct))
    return _from_model_calls(direct)


def _from_messages(events: Sequence[TraceEvent]) -> Iterator[TraceItem]:
    for event in events:
        match event.type:
            case "message_event":
                yield event.item
            case "function_call_event":
                yield call_of(event)
                yield from output_of(event)
            case _:
                pass


def _from_model_calls(events: Sequence[TraceEvent]) -> list[TraceItem]:
    finished: list[TraceItem] = []  # what a summary replaced: later contexts do not repeat it
    transcript = Transcript()
    for event in events:
        match event.type:
            case "model_call_event":
                transcript.merge([*event.input_context, *event.output_items])
            case "function_call_event":
                transcript.add_missing([call_of(event), *output_of(event)])
            case "compaction" if event.strategy == "summary":
                finished += transcript.items()
                transcript = Transcript()
            case _:
                pass
    return finished + transcript.items()


def call_of(event: FunctionCallEvent) -> FunctionCall:
    """Return the call that an event records."""
    return FunctionCall(
        id=f"{event.id}:call",
        call_id=event.call_id,
        name=event.function,
        arguments=event.arguments,
        status=event.status,
    )


def output_of(event: FunctionCallEvent) -> Iterator[FunctionCallOutput]:
    """Yield the output that an event records, if there is one.

    A call that did not complete has one where it left a result or an error, and keeps the error
    beside it as `error`.
    """
    if event.status == "completed" or event.result or event.error is not None:
        kept: dict[str, Any] = {}
        if event.error is not None and event.status != "completed":
            kept["error"] = event.error
        yield FunctionCallOutput(
            id=f"{event.id}:output",
            call_id=event.call_id,
            output=event.result,
            status=event.status,
            **kept,
        )
