"""What happened in each turn: a user message and everything up to the next one."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from trace_assets.enrich.timing import seconds_between
from trace_assets.enrich.usage import Sum, Usage
from trace_assets.trace import Trace, TraceItem


class TurnFacts(NamedTuple):
    """One turn in numbers; turn -1 is the preamble, before the first user message."""

    turn: int
    messages: int
    tool_calls: int
    tool_errors: int
    usage: Usage
    started_at: Any
    """The first time stamp in the turn, as the log wrote it."""
    ended_at: Any
    """The last one."""

    @property
    def duration_s(self) -> float | None:
        """Wall time between the two; computed when asked for, as most readers never do."""
        return seconds_between(self.started_at, self.ended_at)


def turn_facts(trace: Trace) -> Iterator[TurnFacts]:
    """The preamble's facts, then each turn's, in order."""
    items = trace.items
    starts = [
        position
        for position, item in enumerate(items)
        if item.type == "message" and item.role == "user"
    ]
    for turn, (start, end) in enumerate(zip([0, *starts], [*starts, len(items)], strict=True)):
        yield _facts_of(turn - 1, items[start:end])


def _facts_of(turn: int, items: Sequence[TraceItem]) -> TurnFacts:
    # Every item of every trace passes here: plain local numbers, one look at each key.
    messages = tool_calls = tool_errors = 0
    used = Sum()
    stamps: list[Any] = []
    for item in items:
        kind = item.type
        if kind == "message":
            messages += 1
        elif kind == "function_call":
            tool_calls += 1
        elif kind == "function_call_output":
            tool_errors += item.status == "incomplete"
        usage, cost = getattr(item, "usage", None), getattr(item, "cost", None)
        if usage is not None or cost is not None:
            used.add(usage, cost)
        stamp = getattr(item, "timestamp", None)
        if stamp is not None:
            stamps.append(stamp)
    first, last = (stamps[0], stamps[-1]) if stamps else (None, None)
    return TurnFacts(turn, messages, tool_calls, tool_errors, used.usage(), first, last)
