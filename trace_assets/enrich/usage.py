"""What a trace consumed: tokens and US dollars, as the log says."""

from collections.abc import Sequence
from math import fsum
from typing import Any, NamedTuple

from trace_assets import vocabulary


class Usage(NamedTuple):
    """Tokens and US dollars; None where the log does not say, which is not 0."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None

    @property
    def total_tokens(self) -> int | None:
        """Input and output together, or None unless the log gives both."""
        if self.input_tokens is None or self.output_tokens is None:
            return None
        return self.input_tokens + self.output_tokens

    def completed(self, other: "Usage") -> "Usage":
        """The same with the facts of another usage where this one has none.

        >>> Usage(5).completed(Usage(7, 2))
        Usage(input_tokens=5, output_tokens=2, cost_usd=None)
        """
        return Usage(
            other.input_tokens if self.input_tokens is None else self.input_tokens,
            other.output_tokens if self.output_tokens is None else self.output_tokens,
            other.cost_usd if self.cost_usd is None else self.cost_usd,
        )


def input_tokens(usages: Sequence[Any]) -> list[int | None]:
    """The input tokens of each usage object, under the names of any provider.

    >>> input_tokens([{"prompt_tokens": 12, "completion_tokens": 3}, None, {"promptTokenCount": 9}])
    [12, None, 9]
    """
    return [None if usage is None else vocabulary.input_tokens(usage) for usage in usages]


def output_tokens(usages: Sequence[Any]) -> list[int | None]:
    """The output tokens of each usage object."""
    return [None if usage is None else vocabulary.output_tokens(usage) for usage in usages]


def costs(given: Sequence[Any], usages: Sequence[Any]) -> list[float | None]:
    """The price of each item: its own, else the one in its usage object.

    >>> costs([0.5, None, "free"], [None, {"cost": {"total": 0.25}}, {"input_tokens": 1}])
    [0.5, 0.25, None]
    """
    return [
        found
        if own is not None and (found := vocabulary.cost(own)) is not None
        else vocabulary.find_cost(usage)
        for own, usage in zip(given, usages, strict=True)
    ]


def total(
    inputs: Sequence[int | None], outputs: Sequence[int | None], costs: Sequence[float | None]
) -> Usage:
    """The sum over model calls; what no call says stays unknown, and is not 0.

    >>> total([12, None, 1], [None], [0.5, None])
    Usage(input_tokens=13, output_tokens=None, cost_usd=0.5)
    """
    prices = [cost for cost in costs if cost is not None]
    return Usage(
        _sum(inputs),
        _sum(outputs),
        fsum(prices) if prices else None,  # rounded once, so that their order does not show
    )


def _sum(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
