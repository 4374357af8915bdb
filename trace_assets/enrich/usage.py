"""What a trace consumed: tokens and money, as the log says."""

from collections.abc import Iterable
from math import fsum
from typing import Any, NamedTuple, cast

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


def used(usages: Iterable[Any], costs: Iterable[Any]) -> Usage:
    """The sum over model calls: their usage objects, under the names of any provider, and costs.

    What no call says stays unknown, and is not 0.

    >>> used([{"prompt_tokens": 12, "completion_tokens": 3}, {"prompt_tokens": 1}], [0.5])
    Usage(input_tokens=13, output_tokens=3, cost_usd=0.5)
    >>> used([{"inputTokens": 8, "outputTokens": 2}, {"promptTokenCount": 9}], [])
    Usage(input_tokens=17, output_tokens=2, cost_usd=None)
    """
    counts = [cast("dict[str, Any]", usage) for usage in usages if type(usage) is dict]
    prices = [
        cost
        for cost in costs
        if (type(cost) is float or type(cost) is int) and -_LIMIT < cost < _LIMIT
    ]
    return Usage(
        _sum(counts, _INPUT),
        _sum(counts, _OUTPUT),
        fsum(prices) if prices else None,  # rounded once, so that their order does not show
    )


def _sum(usages: Iterable[dict[str, Any]], names: tuple[str, ...]) -> int | None:
    counts: list[int] = []
    for usage in usages:
        for name in names:
            count = usage.get(name)
            if type(count) is int and -_LIMIT < count < _LIMIT:  # a bool is no count
                counts.append(count)
                break
    return sum(counts) if counts else None
