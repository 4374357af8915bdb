"""A span together with the facts that were read from its attributes."""

from collections.abc import Sequence
from typing import NamedTuple

from trace_assets.formats.otlp.dialect import Dialect
from trace_assets.formats.otlp.neutral import Happened, Kind, Raw
from trace_assets.formats.otlp.values import Attributes
from trace_assets.spans import ModelCall, ToolCall


class ReadSpan(NamedTuple):
    """A span, and the facts that were read from its attributes."""

    raw: Raw
    kind: Kind
    spoken: Sequence[Dialect]
    left: Attributes
    """The attributes that are not mapped so far."""
    events: list[Happened]
    """The events that are not messages of `call`."""
    call: ModelCall | ToolCall | None
    agent: str | None
    """The name of the agent, if the span has one."""

    @property
    def has_words(self) -> bool:
        """True if the span is a model call with messages."""
        return isinstance(self.call, ModelCall) and bool(self.call.inputs or self.call.outputs)
