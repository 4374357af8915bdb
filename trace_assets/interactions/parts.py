"""The events of each step: a span, a call of a model or a tool, or what is in neither.

A call is one step, whichever way the log tells of it: as an event that names its own span in its
metadata, as a span with that one call in it, or as both. What else happens directly in a span
(messages, errors, notes, compactions) is part of the span's step; outside of all spans, each of
these is a step by itself. So every event is in exactly one step.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Event = dict[str, Any]
"""An event of a trace that loads in the model, as JSON has it."""

CALLS = frozenset(("model_call_event", "function_call_event"))
TOOL_WORDS = frozenset(("function_call", "function", "tool"))
MODEL_WORDS = frozenset(
    ("model_call", "llm", "generation", "chat_model", "chat", "completion", "response")
)
"""Types under which logs keep the spans of calls, in lower case."""


@dataclass(slots=True)
class StepEvents:
    """The events that one step is made from."""

    span_id: str | None = None
    """The span that the step is; None where it is none."""

    events: list[Event] = field(default_factory=list[Event])
    """All of them, in order."""

    begin: Event | None = None
    end: Event | None = None
    call: Event | None = None
    others: list[Event] = field(default_factory=list[Event])
    """What happened directly in the span."""

    @property
    def attributes(self) -> list[dict[str, Any]]:
        """The metadata of the step's own events, what is closest to the call first."""
        own = (self.call, self.begin, self.end)
        return [event["metadata"] for event in own if event and event.get("metadata")]

    def first(self, *names: str) -> Any:
        """The first attribute of these names that is not null, or None."""
        for attributes in self.attributes:
            for name in names:
                if attributes.get(name) is not None:
                    return attributes[name]
        return None


def apart(events: Sequence[Event]) -> list[StepEvents]:
    """Take a span-sorted stream apart, in linear time; parents come before their children."""
    parts = _Parts(events)
    for event in events:
        parts.add(event)
    return parts.found


class _Parts:
    """The steps so far."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.found: list[StepEvents] = []
        self._by_id: dict[str, StepEvents] = {}
        self._direct = _direct_calls(events)
        self._parents = {
            event["span_id"]: event.get("parent_span_id")
            for event in events
            if event["type"] == "span_begin"
        }

    def add(self, event: Event) -> None:
        match event:
            case {"type": "span_begin", "span_id": str(span_id)}:
                step = self._of(span_id)
                step.begin = event
            case {"type": "span_end", "span_id": str(span_id)}:
                step = self._of(span_id)
                step.end = event
            case {"type": "model_call_event" | "function_call_event"}:
                step = self._of(self._span_of_call(event))
                step.call = event
            case _:
                step = self._of(event.get("span_id"))
                step.others.append(event)
        step.events.append(event)

    def _of(self, span_id: str | None) -> StepEvents:
        """The step of a span; a new one outside of all spans."""
        step = None if span_id is None else self._by_id.get(span_id)
        if step is None:
            step = StepEvents(span_id)
            self.found.append(step)
            if span_id is not None:
                self._by_id[span_id] = step
        return step

    def _span_of_call(self, event: Event) -> str | None:
        """The span that a call is; None where it is none, and so a step by itself."""
        own, inside = _own_span(event), event.get("span_id")
        if own is not None and self._parents.get(own, inside) == inside:
            step = self._by_id.get(own)
            if step is None or step.call is None:
                return own
        step = None if inside is None else self._by_id.get(inside)
        if step is None or step.begin is None or self._direct[inside] != 1:
            return None
        words = TOOL_WORDS if event["type"] == "function_call_event" else MODEL_WORDS
        return inside if type_of(step.begin) in words else None


def type_of(begin: Event) -> str:
    """The type of a span in lower case; empty where it has none."""
    return (begin.get("span_type") or "").lower()


def _own_span(event: Event) -> str | None:
    """The span that a call's event is, by its metadata, beside the one that it is in."""
    match event.get("metadata"):
        case {"span_id": str(span_id)} if span_id and span_id != event.get("span_id"):
            return span_id
        case _:
            return None


def _direct_calls(events: Sequence[Event]) -> dict[str | None, int]:
    """How many calls are directly in each span."""
    count: dict[str | None, int] = {}
    for event in events:
        if event["type"] in CALLS:
            count[event.get("span_id")] = count.get(event.get("span_id"), 0) + 1
    return count
