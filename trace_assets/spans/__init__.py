"""Spans of tracing systems as the events and items of a trace.

A format says what each span of its log is, as a `Span` with a `ModelCall` or a `ToolCall` in it,
and gets back everything that goes into the trace:

    made = spans.events_of(list(each_span(record)), trace_id)
    trace = {"FORMAT": ..., "items": made.items, "metadata": {...}, "events": made.events}

with `made.metadata` in the metadata and `made.defects` under `metadata.extra.span_defects`.
"""

from trace_assets.spans.assemble import events_of, has_message
from trace_assets.spans.model import (
    Assembled,
    Defect,
    ModelCall,
    Note,
    Repaired,
    Span,
    Time,
    ToolCall,
)
from trace_assets.spans.opened import Answer, Opened, answer, around_of, opened
from trace_assets.spans.repair import repair
from trace_assets.spans.taking import take_dict, take_id, take_text, take_time

__all__ = [
    "Answer",
    "Assembled",
    "Defect",
    "ModelCall",
    "Note",
    "Opened",
    "Repaired",
    "Span",
    "Time",
    "ToolCall",
    "answer",
    "around_of",
    "events_of",
    "has_message",
    "opened",
    "repair",
    "take_dict",
    "take_id",
    "take_text",
    "take_time",
]
