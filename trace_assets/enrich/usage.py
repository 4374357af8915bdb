"""What a trace consumed: tokens and money, as the log says."""

from collections.abc import Sequence
from math import fsum
from typing import Any, NamedTuple

_INPUT = (
    "input_tokens",
    "prompt_tokens",
    "num_prompt_tokens",
    "inputTokens",
    "promptTokens",
    "promptTokenCount",
)
_OUTPUT = (
    "output_tokens",
    "completion_tokens",
    "num_completion_tokens",
    "outputTokens",
    "completionTokens",
    "candidatesTokenCount",
)

_LIMIT = 2**53
"""What is larger is no count and no price: the tables could not hold it."""
_LEAST = -_LIMIT


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


def input_tokens(usages: Sequence[Any]) -> list[int | None]:
    """The input tokens of each usage object, under the names of any provider.

    >>> input_tokens([{"prompt_tokens": 12, "completion_tokens": 3}, None, {"promptTokenCount": 9}])
    [12, None, 9]
    """
    return [_count(usage, _INPUT) if type(usage) is dict else None for usage in usages]


def output_tokens(usages: Sequence[Any]) -> list[int | None]:
    """The output tokens of each usage object."""
    return [_count(usage, _OUTPUT) if type(usage) is dict else None for usage in usages]


def total(
    inputs: Sequence[int | None], outputs: Sequence[int | None], costs: Sequence[Any]
) -> Usage:
    """The sum over model calls; what no call says stays unknown, and is not 0.

    >>> total([12, None, 1], [None], [0.5, "free"])
    Usage(input_tokens=13, output_tokens=None, cost_usd=0.5)
    """
    prices = [
        cost
        for cost in costs
        if (type(cost) is float or type(cost) is int) and _LEAST < cost < _LIMIT
    ]
    return Usage(
        _sum(inputs),
        _sum(outputs),
        fsum(prices) if prices else None,  # rounded once, so that their order does not show
    )


def _count(usage: Any, names: tuple[str, ...]) -> int | None:
    for name in names:
        if name in usage:
            count = usage[name]
            if type(count) is int and _LEAST < count < _LIMIT:  # a bool is no count
                return count
    return None


def _sum(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
