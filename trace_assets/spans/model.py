"""What a format says of one span of its log, and what it gets back for a whole trace."""

from collections.abc import Sequence
from typing import Any, NamedTuple

Time = str | int | None
"""ISO 8601 text, which is kept as it is written, or nanoseconds since 1970. None, "" and 0 (what
OTLP writes for a time that was never set) are unknown."""

Defect = dict[str, Any]
"""One line of `metadata.extra.span_defects`: `defect` (a stable word), `span` (its id in the trace)
and what was found."""


class ModelCall(NamedTuple):
    """A span that called a model."""

    model: str | None = None
    inputs: Sequence[Any] = ()
    """The messages of the context, whole and in order, in any dialect that `chat` reads; text is
    what the user said. A message may also be the list of its pieces, as `chat.unwrap` gets them out
    of a whole request or response."""
    outputs: Sequence[Any] = ()
    """The messages that the model answered with."""
    usage: dict[str, Any] | None = None
    """Token counts as the log has them. The counts of prompt and completion are found under the
    names of the common providers; the others are kept in the event's metadata."""
    tools: Sequence[Any] = ()
    """Names or definitions of the tools on offer."""
    rest: dict[str, Any] | None = None
    """Every other key of the call."""


class ToolCall(NamedTuple):
    """A span that ran a tool."""

    name: str
    original_call_id: Any = None
    """The id that the model gave the call; None or "" where the log does not say."""
    arguments: Any = None
    """Text as it is, anything else becomes JSON; None where the log does not say."""
    result: Any = None
    """Text, or content parts in any dialect that `chat` reads; anything else becomes JSON. None: no
    result is known, which is not an empty one."""
    error: str | None = None
    """Where it is None, the span's own error counts."""
    agent: str | None = None
    """The agent that the call hands over to by name; found by itself where that agent's span is
    inside this one."""
    rest: dict[str, Any] | None = None
    """Every other key of the call."""


class Note(NamedTuple):
    """Something at one point in time inside a span; one with an error becomes an error event."""

    name: str
    time: Time = None
    data: dict[str, Any] | None = None
    error: str | None = None
    """What failed. OpenTelemetry's `exception` needs none: its attributes in `data` are read."""


class Span(NamedTuple):
    """One span as its log has it: any id may be missing, empty or wrong."""

    id: str | None
    name: str
    parent_id: str | None = None
    """None or "" at the root."""
    span_type: str | None = None
    """`agent` and `function_call` begin a conversation of their own; any other word is only kept.
    None: by `call`."""
    start: Time = None
    end: Time = None
    error: str | None = None
    """Why the span failed."""
    call: ModelCall | ToolCall | None = None
    notes: Sequence[Note] = ()
    metadata: dict[str, Any] | None = None
    """Every attribute that is mapped to no other field."""


class Repaired(NamedTuple):
    """Spans that form a forest."""

    spans: list[Span]
    """Parents before children, children by time: the order in which the events tell of them. Ids
    are unique, parents are there, times are timestamps that a trace takes."""
    defects: list[Defect]
    has_times: bool
    """Whether all times can be compared. If not, no event gets a `timestamp`: a reader would refuse
    the trace; each keeps its own in its metadata."""


class Assembled(NamedTuple):
    """One trace's events, and what can be told from them."""

    events: list[dict[str, Any]]
    """In the order that sorting by span and time gives."""
    items: list[dict[str, Any]]
    """The conversation that a person would read."""
    defects: list[Defect]
    """For `metadata.extra.span_defects`; empty if there was nothing to repair."""
    metadata: dict[str, Any]
    """What the spans say of the trace as a whole, for TraceMetadata: `agent`, `model`,
    `created_at`, `total_time`; a key that is not there is unknown."""
    repeated: int
    """How many messages of the contexts repeat what an item has already: they are dropped on
    purpose, as `chat.fold` says."""
