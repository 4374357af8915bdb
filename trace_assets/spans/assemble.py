"""Spans in, one trace's events and items out."""

from collections.abc import Sequence
from typing import Any

from trace_assets import chat, vocabulary
from trace_assets.spans.events import numbered
from trace_assets.spans.model import Assembled, ModelCall, Span
from trace_assets.spans.repair import repair
from trace_assets.spans.results import with_results
from trace_assets.spans.scopes import MAIN, conversations, is_agent
from trace_assets.spans.talks import talks
from trace_assets.spans.times import keys, seconds, zones_agree


def events_of(
    spans: Sequence[Span],
    trace_id: str,
    *,
    conversation: Sequence[chat.Piece] | None = None,
    around: chat.ModelCall | None = None,
) -> Assembled:
    """Turn the spans of one trace, in any order and condition, into its events and items.

    In linear time but for sorting. Event ids are `<trace_id>:e<index>`. Contexts of model calls
    share their items with one another and with the trace: change none in place. What is odd is
    kept and told in `defects`: an input or output that is no message in any dialect is a custom
    item, under `unknown_message`; for the others see `repair`.

    Where the log tells the conversation as a whole beside its spans, its pieces are `conversation`:
    the items are these and no others, and model calls that repeat them share them. What the whole
    program was given and made is `around`: it counts as a call of a model around all spans, without
    an event.
    """
    repaired = repair(spans)
    ordered = repaired.spans
    places = {span.id: place for place, span in enumerate(ordered)}
    parents = [-1 if span.parent_id is None else places[span.parent_id] for span in ordered]
    belongs = conversations(ordered, parents)
    defects = repaired.defects[:]
    told = talks(ordered, parents, belongs, trace_id, defects, conversation, around)
    return Assembled(
        events=numbered(repaired, parents, told, trace_id),
        items=told.main
        if conversation is not None
        else with_results(told, ordered, parents, belongs, trace_id),
        defects=defects,
        metadata=_metadata(ordered, belongs),
        repeated=told.repeated,
    )


def has_message(items: Sequence[dict[str, Any]]) -> bool:
    """Return whether somebody says something in a conversation."""
    return any(item["type"] == "message" for item in items)


def _metadata(spans: Sequence[Span], belongs: Sequence[int]) -> dict[str, Any]:
    agents = (span.name for span in spans if is_agent(span))
    models = (
        span.call.model or vocabulary.find_model(span.metadata)
        for span, conversation in zip(spans, belongs, strict=True)
        if isinstance(span.call, ModelCall) and conversation == MAIN
    )
    first, last = _extent(spans)
    known = {
        "agent": next(agents, None),
        "model": next(filter(None, models), None),
        "created_at": first,
        "total_time": None if (length := seconds(first, last)) is None or length < 0 else length,
    }
    return {key: value for key, value in known.items() if value is not None}


def _extent(spans: Sequence[Span]) -> tuple[str | None, str | None]:
    """The first start and the last end; unknown where they cannot be compared."""
    starts = [span.start for span in spans if isinstance(span.start, str)]
    ends = [span.end for span in spans if isinstance(span.end, str)]
    if not zones_agree(starts + ends):
        return None, None
    by_start, by_end = keys(starts), keys(ends)
    first = min(range(len(starts)), key=by_start.__getitem__, default=None)
    last = max(range(len(ends)), key=by_end.__getitem__, default=None)
    return None if first is None else starts[first], None if last is None else ends[last]
