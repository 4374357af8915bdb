"""A step before it knows its interaction, its final id and its tags."""

from dataclasses import dataclass, field
from typing import Any, Literal

from trace_assets.interactions.model import Message, TokenUsage

Kind = Literal["agent", "llm", "tool", "other"]

Outcome = Literal["ok", "error", "incomplete", "unknown"]
"""`incomplete` was cut short, or is still running; `unknown` is what the log does not say."""


@dataclass(kw_only=True, slots=True)
class Sketch:
    """What the trace says of one step."""

    original_id: str
    """The id of the span, event or item that the step is."""

    kind: Kind
    name: str | None
    status: Outcome
    raw: dict[str, Any]
    """The parts of the trace that the step is made from."""

    span_id: str | None = None
    """The span that the step is, which others may be in; None for an item or a single event."""

    parent_span_id: str | None = None
    users: int | None = None
    """How many user messages a model was given, or the step is: by it the turns are told apart."""

    turn: int = 0
    start: Any = None
    """A time stamp as the log wrote it."""

    heard: Any = None
    """The time stamp of the first message that the step answers, where a message has one."""

    start_ns: int | None = None
    duration_ns: int | None = None
    input_data: Any = None
    output_data: Any = None
    metadata: dict[str, Any] = field(default_factory=dict[str, Any])
    tags: Any = None
    """The log's own tags of the step, of any shape."""

    model: str | None = None
    provider: str | None = None
    usage: TokenUsage | None = None
    input_messages: list[Message] | None = None
    output_messages: list[Message] | None = None


def present(**values: Any) -> dict[str, Any]:
    """The values that are there, for metadata; null says nothing."""
    return {name: value for name, value in values.items() if value is not None and value != {}}
