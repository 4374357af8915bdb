"""The trace itself."""

from collections.abc import Sequence
from typing import Any, Literal, Self, TypedDict, Unpack

from pydantic import ValidationError, field_validator

from trace_assets.errors import InvalidTraceError
from trace_assets.trace.complaints import lines
from trace_assets.trace.derive import derive_items, name_events
from trace_assets.trace.events import TraceEvent
from trace_assets.trace.items import TraceItem
from trace_assets.trace.lookups import Conversation
from trace_assets.trace.metadata import TraceMetadata
from trace_assets.trace.spans import inside_spans, sort_events
from trace_assets.trace.values import Closed, absent

TraceFormat = Literal["open_responses", "latticeflow"]


class TraceFields(TypedDict, total=False):
    """The fields of a trace beside its items and events."""

    FORMAT: TraceFormat
    metadata: TraceMetadata | dict[str, Any] | None
    span_name: str | None
    span_type: str | None


class Trace(Closed, Conversation, frozen=True):
    """A conversation between a user and an agent: its items, and the events they come from.

    What is written by `model_dump_json` or `model_dump(mode="json")` loads as an equal trace:
    types, roles and `FORMAT` are always written, and null only where a log's own data has it.
    Loading keeps `items` and `events` as they are; only `from_events` sorts and derives.
    """

    FORMAT: TraceFormat = "open_responses"
    items: list[TraceItem]
    metadata: TraceMetadata | None = absent()
    events: list[TraceEvent] | None = absent()
    span_id: str | None = absent()
    """The span whose inside this trace is."""

    span_name: str | None = absent()
    span_type: str | None = absent()

    @field_validator("events")
    @classmethod
    def _every_event_has_an_id(cls, events: list[TraceEvent] | None) -> list[TraceEvent] | None:
        return None if events is None else name_events(events)

    @classmethod
    def from_items(
        cls, items: Sequence[TraceItem | dict[str, Any]], **fields: Unpack[TraceFields]
    ) -> Self:
        """Build a trace that has no events.

        Raises:
            InvalidTraceError: an item or a field is not valid.
        """
        return cls._checked(**fields, items=list(items), events=None)

    @classmethod
    def from_events(
        cls,
        events: Sequence[TraceEvent | dict[str, Any]],
        *,
        span_id: str | None = None,
        **fields: Unpack[TraceFields],
    ) -> Self:
        """Build a trace from what happened: events sorted by span and time, items derived.

        Args:
            events: The whole stream, or only the inside of the span `span_id`.
            span_id: The span whose items are wanted; None for the root.
            **fields: Other fields of the trace.

        Raises:
            InvalidTraceError: an event is not valid, or some timestamps lack a time zone.
            SpanTreeError: the spans do not form a tree.
        """
        given = cls._checked(**fields, items=[], events=list(events), span_id=span_id)
        ordered = sort_events(given.events or [], span_id)
        return given.model_copy(update={"events": ordered, "items": derive_items(ordered, span_id)})

    @classmethod
    def _checked(cls, **fields: Any) -> Self:
        try:
            return cls(**fields)
        except ValidationError as error:
            raise InvalidTraceError(lines(error, known=Trace.model_fields)) from error

    def spans(self) -> list["Trace"]:
        """Return the child spans as traces of their own; empty if there are no events.

        Raises:
            SpanTreeError: the spans do not form a tree.
        """
        return [
            Trace(
                items=[],
                span_id=begin.span_id,
                span_name=begin.name,
                span_type=begin.span_type,
            ).model_copy(update={"events": inside, "items": derive_items(inside, begin.span_id)})
            for begin, inside in inside_spans(self.events or [], self.span_id)
        ]
