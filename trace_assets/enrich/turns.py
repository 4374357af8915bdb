"""What happened in each turn: a user message and everything up to the next one."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from trace_assets.enrich.timing import seconds_between
from trace_assets.enrich.usage import NOTHING, Usage, usage_of
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
    duration_s: float | None


class _Tally:
    """The running numbers of one turn."""

    def __init__(self, turn: int) -> None:
        self.turn = turn
        self.messages = self.tool_calls = self.tool_errors = 0
        self.usage = NOTHING
        self.first: Any = None
        self.last: Any = None

    def add(self, item: TraceItem) -> None:
        kind = item.type
        if kind == "message":
            self.messages += 1
        elif kind == "function_call":
            self.tool_calls += 1
        elif kind == "function_call_output":
            self.tool_errors += item.status == "incomplete"
        usage, cost = getattr(item, "usage", None), getattr(item, "cost", None)
        if usage is not None or cost is not None:
            self.usage = self.usage.plus(usage_of(usage, cost))
        stamp = getattr(item, "timestamp", None)
        if stamp is not None:
            self.first, self.last = self.first or stamp, stamp

    def facts(self) -> TurnFacts:
        return TurnFacts(
            self.turn,
            self.messages,
            self.tool_calls,
            self.tool_errors,
            self.usage,
            self.first,
            seconds_between(self.first, self.last),
        )


def turn_facts(trace: Trace) -> Iterator[TurnFacts]:
    """The preamble's facts, then each turn's, in order."""
    tally = _Tally(-1)
    for item in trace.items:
        if item.type == "message" and item.role == "user":
            yield tally.facts()
            tally = _Tally(tally.turn + 1)
        tally.add(item)
    yield tally.facts()
