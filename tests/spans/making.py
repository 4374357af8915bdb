"""Small spans to test with, and what a reader makes of the trace that they become."""

from typing import Any

from trace_assets.judge import judge_value
from trace_assets.spans import Assembled, ModelCall, Span, ToolCall, events_of
from trace_assets.trace import Trace, load

START = 1_767_323_045_000_000_000
"""2026-01-02T03:04:05Z"""


def at(second: int) -> int:
    return START + second * 1_000_000_000


def span(span_id: str | None, start: int, end: int, parent: str | None = None, **more: Any) -> Span:
    """A span between two seconds."""
    fields = {"name": f"name of {span_id}", **more}
    return Span(span_id, parent_id=parent, start=at(start), end=at(end), **fields)


def agent(span_id: str, start: int, end: int, parent: str | None = None) -> Span:
    return span(span_id, start, end, parent, span_type="agent", name=span_id)


def model(
    span_id: str,
    start: int,
    parent: str | None = None,
    *,
    sees: list[Any],
    says: list[Any],
    **more: Any,
) -> Span:
    """A model call of one second."""
    call = ModelCall("gpt", sees, says, **more)
    return span(span_id, start, start + 1, parent, call=call)


def tool(
    span_id: str, start: int, parent: str | None = None, *, call: ToolCall, **more: Any
) -> Span:
    """A tool call of one second."""
    return span(span_id, start, start + 1, parent, call=call, **more)


def system(text: str) -> dict[str, Any]:
    return {"role": "system", "content": text}


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def says(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def asks(*calls: tuple[str, str, str]) -> dict[str, Any]:
    """An assistant message with calls: id, name, arguments."""
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": own, "type": "function", "function": {"name": name, "arguments": arguments}}
            for own, name, arguments in calls
        ],
    }


def answer(call_id: str, text: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": text}


def trace_of(made: Assembled) -> dict[str, Any]:
    """The trace that a format makes of it."""
    extra = {"span_defects": made.defects} if made.defects else {}
    return {
        "FORMAT": "open_responses",
        "items": made.items,
        "metadata": {"trace_id": "t", **made.metadata, "extra": extra},
        "events": made.events,
    }


def made_of(*spans: Span) -> Assembled:
    """What the spans become, after readers have taken it: gate, rules, and sorting anew."""
    made = events_of(spans, "t")
    check(made)
    return made


def check(made: Assembled) -> None:
    value = trace_of(made)
    judgement = judge_value(value)
    if judgement.reason != "empty_trace":
        assert (judgement.reason, judgement.problems) == ("", [])
    sorted_again = Trace.from_events(made.events)
    assert [event.id for event in sorted_again.events or []] == [e["id"] for e in made.events]


def loaded(made: Assembled) -> Trace:
    return load(trace_of(made))


def told(made: Assembled) -> list[str]:
    """Each event in a word or two."""
    return [_told(event) for event in made.events]


def _told(event: dict[str, Any]) -> str:
    match event:
        case {"type": "span_begin", "span_id": own}:
            return f"begin {own}"
        case {"type": "span_end", "span_id": own}:
            return f"end {own}"
        case {"type": "model_call_event", "metadata": {"span_id": own}}:
            return f"model {own}"
        case {"type": "function_call_event", "metadata": {"span_id": own}}:
            return f"tool {own}"
        case {"type": "error", "message": message}:
            return f"error {message}"
        case {"type": "custom", "name": name}:
            return f"custom {name}"
        case _:
            raise AssertionError(event)


def event(made: Assembled, word: str) -> dict[str, Any]:
    """The event that `told` tells so."""
    return made.events[told(made).index(word)]
