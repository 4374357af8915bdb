"""The Trace model: what an agent and its user said and did.

- `Trace`: items, events and metadata, with `turns`, `spans()` and the lookups;
  `Trace.from_items` and `Trace.from_events` build one, `load` and `load_json` read one, and
  `model_dump_json()` writes one that loads as its equal. `problems` says what a value lacks.
- Items: `UserMessage`, `AssistantMessage`, `SystemMessage`, `DeveloperMessage` (a `Message` is any
  of them), `FunctionCall`, `FunctionCallOutput`, `CustomTaskInputMessage`,
  `CustomTaskOutputMessage`; a `TraceItem` is any of these. `extra` reads the keys they do not know.
- Content parts: `InputTextContent`, `OutputTextContent` and the others of `ContentPart`.
- Events: `MessageEvent`, `ModelCallEvent`, `FunctionCallEvent`, `SpanBeginEvent`, `SpanEndEvent`,
  `CompactionEvent`, `ErrorEvent`, `CustomEvent`; a `TraceEvent` is any of these.
- `MessageStatus`, `FunctionCallStatus`, `FunctionCallOutputStatusEnum`, `MessageRole` and
  `SYNTHETIC_MESSAGE_STATUS`: the words of statuses and roles, by the names of the SDK.
- `sort_events`, `span_tree` and `derive_items`: what `from_events` does, step by step.
- `gate`: traces checked at the speed of a JSON parser, for many of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trace_assets.trace import gate
    from trace_assets.trace.content import (
        Annotation,
        ContentPart,
        FunctionResult,
        InputFileContent,
        InputImageContent,
        InputTextContent,
        InputVideoContent,
        LogProb,
        OutputPart,
        OutputTextContent,
        ReasoningTextContent,
        RefusalContent,
        SummaryTextContent,
        TextCitation,
        TextContent,
        TopLogProb,
        UrlCitation,
    )
    from trace_assets.trace.derive import derive_items
    from trace_assets.trace.events import (
        CompactionEvent,
        CustomEvent,
        ErrorEvent,
        FunctionCallEvent,
        MessageEvent,
        ModelCallEvent,
        ModelUsage,
        SpanBeginEvent,
        SpanEndEvent,
        TraceEvent,
    )
    from trace_assets.trace.items import (
        AssistantMessage,
        CallPair,
        CustomTaskInputMessage,
        CustomTaskOutputMessage,
        DeveloperMessage,
        FunctionCall,
        FunctionCallOutput,
        Message,
        Role,
        SystemMessage,
        TraceItem,
        UserMessage,
    )
    from trace_assets.trace.loading import load, load_json, problems
    from trace_assets.trace.lookups import Turn
    from trace_assets.trace.metadata import TraceMetadata
    from trace_assets.trace.model import Trace
    from trace_assets.trace.moments import Moment, moment
    from trace_assets.trace.spans import SpanNode, SpanTree, sort_events, span_tree
    from trace_assets.trace.values import (
        SYNTHETIC_MESSAGE_STATUS,
        FunctionCallOutputStatusEnum,
        FunctionCallStatus,
        MessageRole,
        MessageStatus,
        Status,
        Timestamp,
        extra,
    )

__all__ = [
    "SYNTHETIC_MESSAGE_STATUS",
    "Annotation",
    "AssistantMessage",
    "CallPair",
    "CompactionEvent",
    "ContentPart",
    "CustomEvent",
    "CustomTaskInputMessage",
    "CustomTaskOutputMessage",
    "DeveloperMessage",
    "ErrorEvent",
    "FunctionCall",
    "FunctionCallEvent",
    "FunctionCallOutput",
    "FunctionCallOutputStatusEnum",
    "FunctionCallStatus",
    "FunctionResult",
    "InputFileContent",
    "InputImageContent",
    "InputTextContent",
    "InputVideoContent",
    "LogProb",
    "Message",
    "MessageEvent",
    "MessageRole",
    "MessageStatus",
    "ModelCallEvent",
    "ModelUsage",
    "Moment",
    "OutputPart",
    "OutputTextContent",
    "ReasoningTextContent",
    "RefusalContent",
    "Role",
    "SpanBeginEvent",
    "SpanEndEvent",
    "SpanNode",
    "SpanTree",
    "Status",
    "SummaryTextContent",
    "SystemMessage",
    "TextCitation",
    "TextContent",
    "Timestamp",
    "TopLogProb",
    "Trace",
    "TraceEvent",
    "TraceItem",
    "TraceMetadata",
    "Turn",
    "UrlCitation",
    "UserMessage",
    "derive_items",
    "extra",
    "gate",
    "load",
    "load_json",
    "moment",
    "problems",
    "sort_events",
    "span_tree",
]

_HOMES = (
    "moments",
    "lookups",
    "spans",
    "values",
    "content",
    "items",
    "events",
    "metadata",
    "model",
    "derive",
    "loading",
)
"""Where the names are, those first that do without pydantic."""


def __getattr__(name: str) -> Any:
    """Load what is asked for when it is: a conversion runs on the gate alone, without the models.

    They and pydantic take a tenth of a second to load, as long as 10 MB take to convert.
    """
    if name == "gate":
        return import_module(f"{__name__}.gate")
    if name in __all__:
        for home in _HOMES:
            module = import_module(f"{__name__}.{home}")
            if name in vars(module):
                return globals().setdefault(name, vars(module)[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
