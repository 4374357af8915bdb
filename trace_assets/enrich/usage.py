"""What a trace consumed: tokens and money, as the log says."""

from math import fsum
from typing import Any, NamedTuple, cast

_INPUT = ("input_tokens", "prompt_tokens", "num_prompt_tokens")
_OUTPUT = ("output_tokens", "completion_tokens", "num_completion_tokens")

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


class Sum:
    """The running sum over model calls; what no call says stays unknown, and is not 0.

    >>> used = Sum()
    >>> used.add({"prompt_tokens": 12, "completion_tokens": 3}, None)
    >>> used.add(None, 0.5)
    >>> used.usage()
    Usage(input_tokens=12, output_tokens=3, cost_usd=0.5)
    """

    __slots__ = ("_costs", "_input", "_output")

    def __init__(self) -> None:
        self._input: int | None = None
        self._output: int | None = None
        self._costs: list[float] = []

    def add(self, usage: Any, cost: Any = None) -> None:
        """Add the usage object of one model call, under the names of any provider, and its cost."""
        if type(usage) is dict:
            counts = cast("dict[str, Any]", usage)
            self._input = _plus(self._input, counts, _INPUT)
            self._output = _plus(self._output, counts, _OUTPUT)
        if (type(cost) is float or type(cost) is int) and -_LIMIT < cost < _LIMIT:
            self._costs.append(cost)

    def usage(self) -> Usage:
        """The sum so far; costs are rounded once, at the end, so that their order does not show."""
        cost = fsum(self._costs) if self._costs else None
        return Usage(self._input, self._output, cost)


def _plus(so_far: int | None, counts: dict[str, Any], names: tuple[str, ...]) -> int | None:
    for name in names:
        count = counts.get(name)
        if type(count) is int and -_LIMIT < count < _LIMIT:  # a bool is no count
            return count + (so_far or 0)
    return so_far
