"""Facts about a trace, computed from what its log says and never invented: unknown is None."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from trace_assets.enrich.timing import seconds_between
from trace_assets.enrich.turns import TurnFacts, turn_facts
from trace_assets.enrich.usage import Sum, Usage
from trace_assets.trace import Trace

COLUMNS = (
    "agent",
    "model",
    "turns",
    "messages",
    "tool_calls",
    "tool_errors",
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "cost_usd",
    "created_at",
    "duration_s",
    "tags",
)
"""The columns that enrichment adds to a dataset row, in order."""


class Defaults(NamedTuple):
    """What the owner of a source declares about all its traces."""

    agent: str | None = None
    model: str | None = None
    tags: tuple[str, ...] = ()


class Facts(NamedTuple):
    """What is known about one trace as a whole, and about each of its turns."""

    columns: dict[str, Any]
    """A value or None for each name of `COLUMNS`."""
    turns: list[TurnFacts]


def facts_of(trace: Trace, *, defaults: Defaults, warnings: Sequence[str] = ()) -> Facts:
    """Everything that can be told of a trace; `warnings` are the names of the rules it bends."""
    turns = list(turn_facts(trace))
    usage = _usage(trace, turns)
    metadata = trace.metadata
    own_tags = (metadata and metadata.tags) or ()
    stated = metadata and metadata.total_time
    created_at = (metadata and metadata.created_at) or _first_time(turns)
    columns = {
        "agent": (metadata and metadata.agent) or defaults.agent,
        "model": (metadata and metadata.model) or _model(trace) or defaults.model,
        "turns": len(turns) - 1,
        "messages": sum(turn.messages for turn in turns),
        "tool_calls": sum(turn.tool_calls for turn in turns),
        "tool_errors": sum(turn.tool_errors for turn in turns),
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "total_tokens": usage.total_tokens,
        "cost_usd": usage.cost_usd,
        "created_at": str(created_at) if created_at else None,
        "duration_s": stated if stated is not None else _wall_time(trace),
        "tags": list(dict.fromkeys([*own_tags, *defaults.tags, *warnings])),
    }
    return Facts(columns, turns)


def filled(metadata: dict[str, Any], facts: Facts) -> dict[str, Any]:
    """TraceMetadata with the facts in the fields that the log left empty, in the model's order."""
    columns = facts.columns
    known = {
        "agent": columns["agent"],
        "model": columns["model"],
        "tags": columns["tags"] or None,
        "created_at": columns["created_at"],
        "total_time": columns["duration_s"],
        "total_tokens": columns["total_tokens"],
        "message_count": columns["messages"],
    }
    merged = {**known, **{key: value for key, value in metadata.items() if value is not None}}
    merged["tags"] = known["tags"]  # they hold the log's own
    return {key: merged[key] for key in METADATA_FIELDS if merged.get(key) is not None}


METADATA_FIELDS = ("trace_id", "source_type", "source_uri", "agent", "model", "tags", "created_at")
METADATA_FIELDS += ("total_time", "total_tokens", "message_count", "error", "extra")


def _usage(trace: Trace, turns: list[TurnFacts]) -> Usage:
    """By model call where the log tells of them, else by what the items carry."""
    used = Sum()
    calls = [event for event in trace.events or () if event.type == "model_call_event"]
    for event in calls:
        if event.usage is not None:
            used.add(
                {
                    "input_tokens": event.usage.num_prompt_tokens,
                    "output_tokens": event.usage.num_completion_tokens,
                }
            )
    for turn in () if calls else turns:
        used.include(turn.usage)
    return used.usage()


def _model(trace: Trace) -> str | None:
    for event in trace.events or ():
        if event.type == "model_call_event":
            return event.model
    return None


def _first_time(turns: list[TurnFacts]) -> Any:
    return next((turn.started_at for turn in turns if isinstance(turn.started_at, str)), None)


def _wall_time(trace: Trace) -> float | None:
    stamps = [getattr(item, "timestamp", None) for item in trace.items]
    stamps += [event.timestamp for event in trace.events or ()]
    given = [stamp for stamp in stamps if stamp is not None]
    return seconds_between(given[0], given[-1]) if given else None
