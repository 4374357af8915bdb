"""What happened in each turn: a user message and everything up to the next one."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from trace_assets.enrich.timing import seconds_between
from trace_assets.enrich.usage import Usage, used

if TYPE_CHECKING:
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


def turn_facts(trace: "Trace") -> Iterator[TurnFacts]:
    """The preamble's facts, then each turn's, in order."""
    items = trace.items
    starts = [position for position, item in enumerate(items) if is_user_message(item)]
    for turn, (start, end) in enumerate(zip([0, *starts], [*starts, len(items)], strict=True)):
        yield tally(turn - 1, items[start:end])


def is_user_message(item: "TraceItem") -> bool:
    """Whether a turn begins here."""
    return item.type == "message" and item.role == "user"


def tally(turn: int, items: "Sequence[TraceItem]") -> TurnFacts:
    """What items amount to, of one turn or of a whole trace."""
    # Every item of every trace passes here: short loops, each with one look at an item.
    kinds = [item.type for item in items]
    usages = [usage for item in items if (usage := getattr(item, "usage", None)) is not None]
    costs = [cost for item in items if (cost := getattr(item, "cost", None)) is not None]
    stamps = [stamp for item in items if (stamp := getattr(item, "timestamp", None)) is not None]
    return TurnFacts(
        turn,
        kinds.count("message"),
        kinds.count("function_call"),
        sum(item.type == "function_call_output" and item.status == "incomplete" for item in items),
        used(usages, costs),
        stamps[0] if stamps else None,
        stamps[-1] if stamps else None,
    )
