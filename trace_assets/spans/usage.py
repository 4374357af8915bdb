"""What a model call used, and the tools on offer, under the names that the trace has for them."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from trace_assets import vocabulary
from trace_assets.spans.model import ModelCall, Span
from trace_assets.trace.build import encode


def usage_of(counts: dict[str, Any] | None) -> tuple[dict[str, int], dict[str, Any]]:
    """Return the usage that the trace knows, and the counts it has no name for.

    >>> usage_of({"input_tokens": 12, "output_tokens": 3, "cached_tokens": 10})
    ({'num_prompt_tokens': 12, 'num_completion_tokens': 3}, {'cached_tokens': 10})
    """
    rest = dict(counts or {})
    usage = _as_usage(vocabulary.input_tokens(rest), vocabulary.output_tokens(rest))
    for key, names in _NAMES.items():
        name = next((each for each in names if key in usage and rest.get(each) == usage[key]), None)
        if name is not None:
            del rest[name]
    return usage, rest


_NAMES = {
    "num_prompt_tokens": vocabulary.INPUT_NAMES,
    "num_completion_tokens": vocabulary.OUTPUT_NAMES,
}


class Spent(NamedTuple):
    """What one model call used; None or an empty value where the log does not say."""

    usage: dict[str, int]
    """The counts that the trace has names for."""
    others: dict[str, Any]
    """The other keys of the log's usage object."""
    cost: float | None
    """US dollars."""


def spent(span: Span) -> Spent | None:
    """What the model call of a span used; None for any other span.

    A format gives the usage object. Where it gives none, or one without counts, the counts are
    looked for in the other keys of the call and its span, where the cost is, too.
    """
    match span.call:
        case ModelCall() as call:
            pass
        case _:
            return None
    usage, others = usage_of(call.usage)
    if not usage:
        found = next(
            (each for each in map(vocabulary.find_tokens, _places(span, call)) if each.is_known),
            None,
        )
        usage = _as_usage(found.input, found.output) if found else {}
    prices = map(vocabulary.find_cost, (call.usage, *_places(span, call)))
    return Spent(usage, others, next((price for price in prices if price is not None), None))


def _places(span: Span, call: ModelCall) -> Iterator[Any]:
    """Where a log may have the facts of a call, the most certain place first."""
    yield span.metadata
    match call.rest:
        case {"response": {**response}}:
            yield response
        case _:
            yield call.rest


def _as_usage(given: int | None, made: int | None) -> dict[str, int]:
    counts = {"num_prompt_tokens": given, "num_completion_tokens": made}
    return {name: count for name, count in counts.items() if count is not None}


class Tools:
    """The tools on offer in the calls of one trace, each definition told once.

    Agents send the same long definitions with every call.
    """

    def __init__(self) -> None:
        self._told: set[bytes] = set()

    def names_and_news(self, tools: Sequence[Any]) -> tuple[list[str], list[Any]]:
        """Return the names of all, and the definitions that no earlier call had."""
        names: list[str] = []
        news: list[Any] = []
        for tool in tools:
            name = _name(tool)
            if name is not None:
                names.append(name)
            if not isinstance(tool, str) and self._is_new(tool):
                news.append(tool)
        return names, news

    def _is_new(self, tool: Any) -> bool:
        try:
            written = encode(tool)
        except (TypeError, ValueError, RecursionError):
            return True
        if written in self._told:
            return False
        self._told.add(written)
        return True


def _name(tool: Any) -> str | None:
    match tool:
        case str():
            return tool
        case (
            {"name": str(name)}
            | {"function": {"name": str(name)}}
            | {"toolSpec": {"name": str(name)}}
        ):
            return name
        case {"type": str(name)}:
            return name
        case _:
            return None
