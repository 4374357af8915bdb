"""Facts about a trace, computed from what its log says and never invented: unknown is None."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from trace_assets import vocabulary
from trace_assets.columns import ENRICHED
from trace_assets.enrich.timing import seconds_between, time_of
from trace_assets.enrich.turns import ItemFacts, TurnFacts, item_facts
from trace_assets.enrich.usage import Usage, total
from trace_assets.trace.views import TraceMetadata

if TYPE_CHECKING:
    from trace_assets.trace import ModelCallEvent, SpanBeginEvent, Trace

COLUMNS = tuple(ENRICHED)
"""The columns that enrichment adds to a dataset row, in order."""


class Defaults(NamedTuple):
    """What the owner of a source declares about all its traces."""

    agent: str | None = None
    model: str | None = None
    tags: tuple[str, ...] = ()


class Facts(NamedTuple):
    """What is known about one trace as a whole."""

    columns: dict[str, Any]
    """A value or None for each name of `COLUMNS`."""
    items: ItemFacts

    @property
    def turns(self) -> list[TurnFacts]:
        """The preamble's facts, then each turn's; computed when asked for."""
        return list(self.items.turns())


def facts_of(
    trace: "Trace",
    *,
    defaults: Defaults,
    warnings: Sequence[str] = (),
    text_share: float | None = None,
) -> Facts:
    """Compute the facts of a trace.

    `warnings` are the names of the rules that it breaks, and the tags of the guards. `text_share`
    is the share of the prose of its records that the guards found in the items.
    """
    items = item_facts(trace.items)
    whole = items.over(-1)
    calls = [event for event in trace.events or () if event.type == "model_call_event"]
    metadata = trace.metadata
    usage = _usage(calls).completed(_with_calls(whole.usage, metadata and metadata.extra))
    if None in usage:
        usage = usage.completed(_of_spans(trace)).completed(_reported(metadata and metadata.extra))
    stamps = [*items.stamps, *(event.timestamp for event in trace.events or ())]
    own_tags = (metadata and metadata.tags) or ()
    stated = metadata and metadata.total_time
    model_of_calls = next((call.model for call in calls if call.model), None)
    columns = {
        "agent": (metadata and metadata.agent) or defaults.agent,
        "model": (metadata and metadata.model) or model_of_calls or defaults.model,
        "turns": len(items.starts),
        "messages": whole.messages,
        "tool_calls": whole.tool_calls,
        "tool_errors": whole.tool_errors,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "total_tokens": usage.total_tokens,
        "cost_usd": usage.cost_usd,
        "created_at": _created_at(trace, stamps),
        "duration_s": stated if stated is not None else _wall_time(stamps),
        "text_share": text_share,
        "tags": list(dict.fromkeys([*own_tags, *defaults.tags, *warnings])),
    }
    return Facts(columns, items)


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


METADATA_FIELDS = TraceMetadata.__struct_fields__


def _usage(calls: "Sequence[ModelCallEvent]") -> Usage:
    """The sum over the model calls of the log."""
    usages = [call.usage for call in calls if call.usage is not None]
    return total(
        [usage.num_prompt_tokens for usage in usages],
        [usage.num_completion_tokens for usage in usages],
        [vocabulary.cost(call.metadata.get("cost_usd")) for call in calls if call.metadata],
    )


def _of_spans(trace: "Trace") -> Usage:
    """What the outermost spans say that are no calls: they sum up what happened inside."""
    begun = [event for event in trace.events or () if event.type == "span_begin"]
    if not begun:
        return Usage()
    tokens = [vocabulary.find_tokens(event.metadata) for event in begun]
    costs = [vocabulary.find_cost(event.metadata) for event in begun]
    return total(
        _outermost(begun, [each.input for each in tokens]),
        _outermost(begun, [each.output for each in tokens]),
        _outermost(begun, costs),
    )


_T = TypeVar("_T", int, float)


def _outermost(begun: "Sequence[SpanBeginEvent]", values: Sequence[_T | None]) -> list[_T]:
    """The values of spans that no other span with a value is around; outer spans come first."""
    counted: set[str] = set()
    found: list[_T] = []
    for event, value in zip(begun, values, strict=True):
        if event.parent_span_id in counted:
            counted.add(event.span_id)
        elif value is not None:
            counted.add(event.span_id)
            found.append(value)
    return found


def _reported(extra: dict[str, Any] | None) -> Usage:
    """What the log reports of the trace as a whole, where neither calls nor items say it."""
    match extra:
        case {"reported_usage": {**given}}:
            return _usage_in(given)
        case _:
            return Usage()


def _with_calls(items: Usage, extra: dict[str, Any] | None) -> Usage:
    """The sum of the items and of the model calls that have no item of their own."""
    match extra:
        case {"usage_without_item": {**given}}:
            other = _usage_in(given)
        case _:
            return items
    return total(
        [items.input_tokens, other.input_tokens],
        [items.output_tokens, other.output_tokens],
        [items.cost_usd, other.cost_usd],
    )


def _usage_in(given: dict[str, Any]) -> Usage:
    return Usage(
        vocabulary.count(given.get("input_tokens")),
        vocabulary.count(given.get("output_tokens")),
        vocabulary.cost(given.get("cost_usd")),
    )


def _created_at(trace: "Trace", stamps: Sequence[Any]) -> str | None:
    """When the log says that the trace began, else the first moment that it tells."""
    stated = trace.metadata and trace.metadata.created_at
    first = stated or next(filter(time_of, stamps), None)
    return None if first is None else str(first)  # the gate's own kind of text cannot be written


def _wall_time(stamps: Sequence[Any]) -> float | None:
    given = [stamp for stamp in stamps if stamp is not None]
    return seconds_between(given[0], given[-1]) if len(given) > 1 else None  # one is no stretch
