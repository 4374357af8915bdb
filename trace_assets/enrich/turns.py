"""What happened in each turn: a user message and everything up to the next one."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from trace_assets.enrich.timing import seconds_between
from trace_assets.enrich.usage import Usage, costs, input_tokens, output_tokens, total

if TYPE_CHECKING:
    from trace_assets.trace import TraceItem


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


class ItemFacts(NamedTuple):
    """What the items of a trace say, a list per question with one answer per item.

    An item counts in its turn and in the whole, and is looked at once.
    """

    kinds: list[str]
    """Their types; that of a failed output is `FAILED`."""
    starts: list[int]
    """Positions of the user messages: a turn begins at each."""
    inputs: list[int | None]
    """Tokens that a model was given."""
    outputs: list[int | None]
    """Tokens that it gave."""
    costs: list[float | None]
    """US dollars."""
    stamps: list[Any]

    def turns(self) -> Iterator[TurnFacts]:
        """The preamble's facts, then each turn's, in order."""
        ends = [*self.starts, len(self.kinds)]
        for turn, (start, end) in enumerate(zip([0, *self.starts], ends, strict=True)):
            yield self.over(turn - 1, start, end)

    def over(self, turn: int, start: int = 0, end: int | None = None) -> TurnFacts:
        """What the items between two positions amount to: those of a turn, or by default all."""
        kinds = self.kinds[start:end]
        stamps = [stamp for stamp in self.stamps[start:end] if stamp is not None]
        return TurnFacts(
            turn,
            kinds.count("message"),
            kinds.count("function_call"),
            kinds.count(FAILED),
            total(self.inputs[start:end], self.outputs[start:end], self.costs[start:end]),
            stamps[0] if stamps else None,
            stamps[-1] if stamps else None,
        )


FAILED = "failed output"


def item_facts(items: "Sequence[TraceItem]") -> ItemFacts:
    """Look at the items of a trace."""
    # Every item of every trace passes here: short loops, each with one look at an item.
    kinds = [
        FAILED if item.type == "function_call_output" and item.status == "incomplete" else item.type
        for item in items
    ]
    usages = [getattr(item, "usage", None) for item in items]
    return ItemFacts(
        kinds,
        [at for at, item in enumerate(items) if item.type == "message" and item.role == "user"],
        input_tokens(usages),
        output_tokens(usages),
        costs([getattr(item, "cost", None) for item in items], usages),
        [getattr(item, "timestamp", None) for item in items],
    )
