"""What the gate makes of a trace: the Trace model over again, as structs that msgspec fills.

Models and structs are two because pydantic takes as long to load as 10 MB take to convert, and
only what the gate refuses needs it. A test holds each struct to its model: kinds, literals,
required and forbidden keys. A struct may be stricter than its model, never laxer. What fields mean
is said there. All messages are one struct: msgspec tells the members of a union by one key.
"""

# ruff: noqa: D101 - the models say what each is

import sys
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, Struct

from trace_assets.trace.lookups import Conversation
from trace_assets.trace.moments import is_moment

_Status = Literal["in_progress", "completed", "incomplete"]
_Finite = Annotated[float, Meta(ge=-sys.float_info.max, le=sys.float_info.max)]


class Timestamp(str):
    """A text that names a moment."""

    __slots__ = ()


def check(kind: type, value: object) -> object:
    """Be the hook by which msgspec asks about a type of ours: the only one is Timestamp."""
    if not isinstance(value, str) or not is_moment(value):
        raise ValueError("expected an ISO 8601 date and time")
    return kind(value)


class _Open(Struct, frozen=True, gc=False):
    pass


class _Closed(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    pass


# --- content ---------------------------------------------------------------------------------


class _Part(_Open, tag_field="type", frozen=True):
    pass


class InputText(_Part, tag="input_text", frozen=True):
    type: ClassVar = "input_text"
    text: str


class UrlCitation(_Part, tag="url_citation", frozen=True):
    type: ClassVar = "url_citation"
    url: str
    start_index: int
    end_index: int
    title: str


class TextCitation(_Part, tag="text_citation", frozen=True):
    type: ClassVar = "text_citation"
    content: str


class TopLogProb(_Open, frozen=True):
    token: str
    logprob: _Finite
    bytes: list[int]


class LogProb(_Open, frozen=True):
    token: str
    logprob: _Finite
    bytes: list[int]
    top_logprobs: list[TopLogProb]


class OutputText(_Part, tag="output_text", frozen=True):
    type: ClassVar = "output_text"
    text: str
    annotations: list[UrlCitation | TextCitation] = []
    logprobs: list[LogProb] | None = None


class Text(_Part, tag="text", frozen=True):
    type: ClassVar = "text"
    text: str


class SummaryText(_Part, tag="summary_text", frozen=True):
    type: ClassVar = "summary_text"
    text: str


class ReasoningText(_Part, tag="reasoning_text", frozen=True):
    type: ClassVar = "reasoning_text"
    text: str


class Refusal(_Part, tag="refusal", frozen=True):
    type: ClassVar = "refusal"
    refusal: str


class InputImage(_Part, kw_only=True, tag="input_image", frozen=True):
    type: ClassVar = "input_image"
    image_url: str | None = None
    detail: Literal["low", "high", "auto"]


class InputFile(_Part, tag="input_file", frozen=True):
    type: ClassVar = "input_file"
    filename: str | None = None
    file_url: str | None = None


class InputVideo(_Part, tag="input_video", frozen=True):
    type: ClassVar = "input_video"
    video_url: str


_ContentPart = (
    InputText
    | OutputText
    | Text
    | SummaryText
    | ReasoningText
    | Refusal
    | InputImage
    | InputFile
    | InputVideo
)
_Result = str | list[InputText | InputImage | InputFile]


# --- items -----------------------------------------------------------------------------------


class _Item(_Open, tag_field="type", frozen=True):
    # Unknown keys that are read often, None where missing; all others are checked and skipped.
    created_by: Any = None
    original_call_id: Any = None
    timestamp: Any = None
    usage: Any = None
    cost: Any = None
    error: Any = None
    source: Any = None


KNOWN_EXTRAS = _Item.__struct_fields__


class Message(_Item, kw_only=True, tag="message", frozen=True):
    type: ClassVar = "message"
    id: str
    status: _Status
    role: Literal["user", "assistant", "system", "developer"]
    content: list[_ContentPart]


class FunctionCall(_Item, kw_only=True, tag="function_call", frozen=True):
    type: ClassVar = "function_call"
    id: str
    call_id: str
    name: str
    arguments: str
    status: _Status


class FunctionCallOutput(_Item, kw_only=True, tag="function_call_output", frozen=True):
    type: ClassVar = "function_call_output"
    id: str
    call_id: str
    output: _Result
    status: _Status


class CustomTaskInputMessage(_Item, kw_only=True, tag="custom_task_input_message", frozen=True):
    type: ClassVar = "custom_task_input_message"
    content: Any


class CustomTaskOutputMessage(_Item, kw_only=True, tag="custom_task_output_message", frozen=True):
    type: ClassVar = "custom_task_output_message"
    content: Any


_TraceItem = (
    Message | FunctionCall | FunctionCallOutput | CustomTaskInputMessage | CustomTaskOutputMessage
)


# --- events ----------------------------------------------------------------------------------


class _AnyEvent(_Closed, tag_field="type", frozen=True):
    id: str  # the models name an event that has none
    timestamp: Timestamp | None = None
    metadata: dict[str, Any] | None = None


class _Event(_AnyEvent, frozen=True):
    span_id: str | None = None


class MessageEvent(_Event, kw_only=True, tag="message_event", frozen=True):
    type: ClassVar = "message_event"
    item: Message | CustomTaskInputMessage | CustomTaskOutputMessage
    model_call_id: str | None = None


class FunctionCallEvent(_Event, kw_only=True, tag="function_call_event", frozen=True):
    type: ClassVar = "function_call_event"
    call_id: str
    function: str
    arguments: str
    result: _Result
    status: _Status
    working_time: _Finite | None = None
    error: str | None = None
    agent: str | None = None
    agent_span_id: str | None = None
    model_call_id: str | None = None


class ModelUsage(_Open, frozen=True):
    num_completion_tokens: int | None = None
    num_prompt_tokens: int | None = None


class ModelCallEvent(_Event, kw_only=True, tag="model_call_event", frozen=True):
    type: ClassVar = "model_call_event"
    model: str
    input_context: list[_TraceItem]
    output_items: list[_TraceItem]
    usage: ModelUsage | None = None
    tools: list[str] | None = None
    total_time: _Finite | None = None
    error: str | None = None


class SpanBeginEvent(_AnyEvent, kw_only=True, tag="span_begin", frozen=True):
    type: ClassVar = "span_begin"
    span_id: str
    parent_span_id: str | None = None
    name: str
    span_type: str | None = None


class SpanEndEvent(_AnyEvent, kw_only=True, tag="span_end", frozen=True):
    type: ClassVar = "span_end"
    span_id: str


class CompactionEvent(_Event, kw_only=True, tag="compaction", frozen=True):
    type: ClassVar = "compaction"
    strategy: Literal["summary", "trim"]
    tokens_before: int | None = None
    tokens_after: int | None = None


class ErrorEvent(_Event, kw_only=True, tag="error", frozen=True):
    type: ClassVar = "error"
    message: str
    traceback: str | None = None


class CustomEvent(_Event, kw_only=True, tag="custom", frozen=True):
    type: ClassVar = "custom"
    name: str
    data: dict[str, Any]


TraceEvent = (
    MessageEvent
    | FunctionCallEvent
    | ModelCallEvent
    | SpanBeginEvent
    | SpanEndEvent
    | CompactionEvent
    | ErrorEvent
    | CustomEvent
)


# --- the trace -------------------------------------------------------------------------------


class TraceMetadata(_Closed, frozen=True):
    trace_id: str | None = None
    source_type: str | None = None
    source_uri: str | None = None
    agent: str | None = None
    model: str | None = None
    tags: list[str] | None = None
    created_at: Timestamp | None = None
    total_time: _Finite | None = None
    total_tokens: int | None = None
    message_count: int | None = None
    error: str | None = None
    extra: dict[str, Any] | None = None


class TraceView(Conversation, _Closed, kw_only=True, frozen=True):
    FORMAT: Literal["open_responses", "latticeflow"] = "open_responses"
    items: list[_TraceItem]  # pyright: ignore[reportIncompatibleVariableOverride] twins of the models
    metadata: TraceMetadata | None = None
    events: list[TraceEvent] | None = None
    span_id: str | None = None
    span_name: str | None = None
    span_type: str | None = None
