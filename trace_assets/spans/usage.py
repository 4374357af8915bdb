"""Token counts and tools of a model call, under the names that the trace has for them."""

from collections.abc import Sequence
from typing import Any

from trace_assets import vocabulary
from trace_assets.trace.build import encode


def usage_of(counts: dict[str, Any] | None) -> tuple[dict[str, int], dict[str, Any]]:
    """Return the usage that the trace knows, and the counts it has no name for.

    >>> usage_of({"input_tokens": 12, "output_tokens": 3, "cached_tokens": 10})
    ({'num_prompt_tokens': 12, 'num_completion_tokens': 3}, {'cached_tokens': 10})
    """
    rest = dict(counts or {})
    found = {
        "num_prompt_tokens": vocabulary.input_tokens(rest),
        "num_completion_tokens": vocabulary.output_tokens(rest),
    }
    usage = {name: count for name, count in found.items() if count is not None}
    for count, names in (
        (found["num_prompt_tokens"], vocabulary.INPUT_NAMES),
        (found["num_completion_tokens"], vocabulary.OUTPUT_NAMES),
    ):
        for name in names:
            if count is not None and type(rest.get(name)) is int and rest[name] == count:
                del rest[name]
                break
    return usage, rest


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
