"""Facts about a whole trace."""

from trace_assets.trace.values import Closed, JsonObject, Timestamp, absent


class TraceMetadata(Closed, frozen=True):
    """What is known of a trace as a whole; everything may be unknown."""

    trace_id: str | None = absent()
    source_type: str | None = absent()
    """The kind of log it came from."""

    source_uri: str | None = absent()
    agent: str | None = absent()
    model: str | None = absent()
    tags: list[str] | None = absent()
    created_at: Timestamp | None = absent()
    total_time: float | None = absent()
    """Seconds by the clock on the wall."""

    total_tokens: int | None = absent()
    """Input and output of all model calls."""

    message_count: int | None = absent()
    error: str | None = absent()
    """What ended the trace, if an error did."""

    extra: JsonObject | None = absent()
    """Everything else."""
