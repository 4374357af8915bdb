"""The eight kinds of execution event. Unknown keys go into an event's `metadata`."""

from collections.abc import Mapping
from itertools import count
from typing import Annotated, Any, Literal, cast

from pydantic import Discriminator, Field, model_validator

from trace_assets.trace.content import FunctionResult
from trace_assets.trace.items import MessageItem, TraceItem
from trace_assets.trace.values import Closed, JsonObject, Open, Status, Timestamp, absent


class GivenByTrace:
    """Marks a value that may be missing in a model, and that every saved trace has."""


_numbers = count(1)


def _new_id() -> str:
    return f"event-{next(_numbers)}"


class BaseEvent(Closed, frozen=True):
    """What all events have in common."""

    id: Annotated[str, GivenByTrace] = Field(default_factory=_new_id)
    """What other events refer to. An event without one gets one when it is created, unique in this
    process; in a trace, where saved bytes must not depend on the process, it is `event:<index>`."""

    span_id: str | None = absent()
    """The span it happened in; null at the root."""

    timestamp: Timestamp | None = absent()
    metadata: JsonObject | None = absent()
    """What the log says beyond the typed fields."""

    @model_validator(mode="before")
    @classmethod
    def _null_is_no_id(cls, value: Any) -> Any:
        match value:
            case {"id": None}:
                given = cast("Mapping[str, Any]", value)
                return {key: part for key, part in given.items() if key != "id"}
            case _:
                return value

    @property
    def has_own_id(self) -> bool:
        """True if the id was given, and False if it was made when the event was created."""
        return "id" in self.model_fields_set


class MessageEvent(BaseEvent, frozen=True):
    """A message joined the conversation."""

    type: Literal["message_event"] = "message_event"
    item: MessageItem
    model_call_id: str | None = absent()
    """The id of the ModelCallEvent that produced it."""


class FunctionCallEvent(BaseEvent, frozen=True):
    """A tool was called, and what came of it."""

    type: Literal["function_call_event"] = "function_call_event"
    call_id: str
    function: str
    arguments: str
    result: FunctionResult
    """Empty text while there is none; `error` says why there never will be."""

    status: Status
    working_time: float | None = absent()
    """Seconds."""

    error: str | None = absent()
    agent: str | None = absent()
    """The sub-agent that the call handed over to."""

    agent_span_id: str | None = absent()
    """The span of that sub-agent."""

    model_call_id: str | None = absent()
    """The id of the ModelCallEvent that asked for the call."""


class ModelUsage(Open, frozen=True):
    """Tokens of one model call. Other counts of the log are kept, as in the SDK."""

    num_completion_tokens: int | None = absent()
    num_prompt_tokens: int | None = absent()


class ModelCallEvent(BaseEvent, frozen=True):
    """A model was called with exactly this context."""

    type: Literal["model_call_event"] = "model_call_event"
    model: str
    input_context: list[TraceItem]
    output_items: list[TraceItem]
    usage: ModelUsage | None = absent()
    tools: list[str] | None = absent()
    """Names of the tools on offer."""

    total_time: float | None = absent()
    """Seconds."""

    error: str | None = absent()


class SpanBeginEvent(BaseEvent, frozen=True):
    """A span begins; the events that carry its id happen in it."""

    type: Literal["span_begin"] = "span_begin"
    span_id: str  # pyright: ignore[reportGeneralTypeIssues] here it is what begins
    parent_span_id: str | None = absent()
    name: str
    span_type: str | None = absent()
    """`agent`, `function_call`, or any other word."""


class SpanEndEvent(BaseEvent, frozen=True):
    """A span ends."""

    type: Literal["span_end"] = "span_end"
    span_id: str  # pyright: ignore[reportGeneralTypeIssues] here it is what ends


class CompactionEvent(BaseEvent, frozen=True):
    """The context was made shorter: later model calls see less than what was said."""

    type: Literal["compaction"] = "compaction"
    strategy: Literal["summary", "trim"]
    tokens_before: int | None = absent()
    tokens_after: int | None = absent()


class ErrorEvent(BaseEvent, frozen=True):
    """Something failed."""

    type: Literal["error"] = "error"
    message: str
    traceback: str | None = absent()


class CustomEvent(BaseEvent, frozen=True):
    """Anything the other kinds have no room for."""

    type: Literal["custom"] = "custom"
    name: str
    data: JsonObject


TraceEvent = Annotated[
    MessageEvent
    | FunctionCallEvent
    | ModelCallEvent
    | SpanBeginEvent
    | SpanEndEvent
    | CompactionEvent
    | ErrorEvent
    | CustomEvent,
    Discriminator("type"),
]
