"""What a trace consumed: tokens and money, as the log says."""

from typing import Any, NamedTuple

_INPUT = ("input_tokens", "prompt_tokens", "num_prompt_tokens")
_OUTPUT = ("output_tokens", "completion_tokens", "num_completion_tokens")


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

    __slots__ = ("_cost", "_input", "_output")

    def __init__(self) -> None:
        self._input: int | None = None
        self._output: int | None = None
        self._cost: float | None = None

    def add(self, usage: Any, cost: Any = None) -> None:
        """Add the usage object of one model call, under the names of any provider, and its cost."""
        if isinstance(usage, dict):
            for name in _INPUT:
                if type(count := usage.get(name)) is int:  # a bool is no count
                    self._input = count + (self._input or 0)
                    break
            for name in _OUTPUT:
                if type(count := usage.get(name)) is int:
                    self._output = count + (self._output or 0)
                    break
        if type(cost) is float or type(cost) is int:
            self._cost = cost + (self._cost or 0)

    def include(self, other: Usage) -> None:
        """Add a sum."""
        self.add(
            {"input_tokens": other.input_tokens, "output_tokens": other.output_tokens},
            other.cost_usd,
        )

    def usage(self) -> Usage:
        """The sum so far."""
        return Usage(self._input, self._output, self._cost)
