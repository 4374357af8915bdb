"""The outline of a trace: what rules and facts ask of it, and nothing of what was said.

Half of the time of reading a View goes into its texts, which nobody looks at who counts. An outline
is read from lines of which a View was made before, so nothing is checked here. What the fields mean
is said in the models.
"""

# ruff: noqa: D101 - the models say what each is

from typing import Any, ClassVar

from msgspec import Struct

from trace_assets.trace.views import TraceEvent, TraceMetadata


class _Item(Struct, tag_field="type", frozen=True, gc=False):
    timestamp: Any = None
    usage: Any = None
    cost: Any = None


class Message(_Item, kw_only=True, tag="message", frozen=True):
    type: ClassVar = "message"
    id: str
    role: str


class FunctionCall(_Item, kw_only=True, tag="function_call", frozen=True):
    type: ClassVar = "function_call"
    id: str
    call_id: str


class FunctionCallOutput(_Item, kw_only=True, tag="function_call_output", frozen=True):
    type: ClassVar = "function_call_output"
    id: str
    call_id: str
    status: str
    source: Any = None


class CustomTaskInputMessage(_Item, tag="custom_task_input_message", frozen=True):
    type: ClassVar = "custom_task_input_message"


class CustomTaskOutputMessage(_Item, tag="custom_task_output_message", frozen=True):
    type: ClassVar = "custom_task_output_message"


class Outline(Struct, frozen=True, gc=False):
    items: list[
        Message
        | FunctionCall
        | FunctionCallOutput
        | CustomTaskInputMessage
        | CustomTaskOutputMessage
    ]
    metadata: TraceMetadata | None = None
    events: list[TraceEvent] | None = None
