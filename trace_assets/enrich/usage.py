"""What a trace consumed: tokens and money, as the log says."""

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeVar

Count = TypeVar("Count", int, float)

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

    def plus(self, other: "Usage") -> "Usage":
        """The sum, where an unknown adds nothing and two unknowns stay unknown."""
        return Usage(
            _add(self.input_tokens, other.input_tokens),
            _add(self.output_tokens, other.output_tokens),
            _add(self.cost_usd, other.cost_usd),
        )


NOTHING = Usage()


def usage_of(usage: Any, cost: Any = None) -> Usage:
    """Read the usage object of one model call, under the names of any provider.

    >>> usage_of({"prompt_tokens": 12, "completion_tokens": 3}, 0.5)
    Usage(input_tokens=12, output_tokens=3, cost_usd=0.5)
    """
    counts = usage if isinstance(usage, dict) else {}
    return Usage(_first(counts, _INPUT), _first(counts, _OUTPUT), _number(cost))


def total(usages: Iterable[Usage]) -> Usage:
    """The sum over model calls."""
    result = NOTHING
    for usage in usages:
        result = result.plus(usage)
    return result


def _first(counts: dict[str, Any], names: tuple[str, ...]) -> int | None:
    for name in names:
        value = counts.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
    return None


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _add(one: Count | None, other: Count | None) -> Count | None:
    if one is None:
        return other
    return one if other is None else one + other
