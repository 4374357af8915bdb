"""A span together with what its attributes say of it."""

from collections.abc import Sequence
from typing import NamedTuple

from trace_assets.formats.otlp.dialect import Dialect
from trace_assets.formats.otlp.neutral import Happened, Kind, Raw
from trace_assets.formats.otlp.values import Attributes
from trace_assets.spans import ModelCall, ToolCall


class Told(NamedTuple):
    """A span, and what its attributes say of it."""

    raw: Raw
    kind: Kind
    spoken: Sequence[Dialect]
    left: Attributes
    """The attributes that are mapped to nothing so far."""
    events: list[Happened]
    """The events that are no messages of `call`."""
    call: ModelCall | ToolCall | None
    agent: str | None
    """Whose work it is, where it says so."""

    @property
    def has_words(self) -> bool:
        """Whether it is a call of a model whose messages are there."""
        return isinstance(self.call, ModelCall) and bool(self.call.inputs or self.call.outputs)
