"""Which columns of a flat log say what, for the format that reads it; see `declared_mapping`."""

from typing import Any, NamedTuple


class Mapping(NamedTuple):
    """The columns of a flat log by what they say; each is explained where it is declared."""

    conversation: str | None = None
    order: str | None = None
    id: str | None = None
    parent: str | None = None
    role: str | None = None
    text: str | None = None
    input: str | None = None
    input_context: str | None = None
    history: str | None = None
    output: str | None = None
    system: str | None = None
    messages: str | None = None
    tool_calls: str | None = None
    tool_call_id: str | None = None
    tool_name: str | None = None
    model: str | None = None
    agent: str | None = None
    time: str | None = None
    input_tokens: str | None = None
    output_tokens: str | None = None
    cost_usd: str | None = None
    duration_s: str | None = None
    duration_ms: str | None = None
    tags: str | None = None
    roles: dict[str, str] | None = None
    delimiter: str | None = None
    encoding: str | None = None
    columns: tuple[str, ...] | None = None

    def told(self) -> dict[str, Any]:
        """What is not None, JSON-ready."""
        return {name: value for name, value in self._asdict().items() if value is not None}
