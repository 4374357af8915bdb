"""Which conversation each call belongs to: the one that a person follows, or one of a sub-agent.

The main conversation is, under each root, what happens outermost. An agent's span is no border
there: logs put the one agent that the user talks to under a root of its own, and agents that hand
over to one another side by side. A border is a tool's span, and the span of an agent inside another
agent; what is behind it is somebody else's conversation, of which this one sees the result alone.
Where the outermost agent or tool only wraps others and calls no model, the main conversation is the
next one inside that does.
"""

from collections.abc import Sequence
from typing import NamedTuple

from trace_assets.spans.model import ModelCall, Span, ToolCall

MAIN = -1
"""The main conversation; any other is the place of the span that borders it."""


class _Depth(NamedTuple):
    """Where a span stands among those that border conversations."""

    root: int
    borders: int
    """How many are around it; the outermost does not count if it is an agent's."""
    nearest: int
    """The innermost of them, MAIN if there is none."""


def conversations(spans: Sequence[Span], parents: Sequence[int]) -> list[int]:
    """Return each span's conversation. Spans come depth first; the parent of a root is -1."""
    depths = _depths(spans, parents)
    main = _main_levels(spans, depths)
    return [
        MAIN if depth.borders <= main.get(depth.root, depth.borders) else depth.nearest
        for depth in depths
    ]


def is_agent(span: Span) -> bool:
    """Whether a span is the work of one agent."""
    return span.span_type == "agent"


def _is_border(span: Span) -> bool:
    return is_agent(span) or span.span_type == "function_call" or isinstance(span.call, ToolCall)


def _depths(spans: Sequence[Span], parents: Sequence[int]) -> list[_Depth]:
    depths: list[_Depth] = []
    for place, parent in enumerate(parents):
        if parent < 0:
            depths.append(_Depth(place, 0, MAIN))
            continue
        around = depths[parent]
        if _is_border(spans[parent]):
            is_outermost_agent = around.nearest == MAIN and is_agent(spans[parent])
            borders = around.borders + (0 if is_outermost_agent else 1)
            around = _Depth(around.root, borders, parent)
        depths.append(around)
    return depths


def _main_levels(spans: Sequence[Span], depths: Sequence[_Depth]) -> dict[int, int]:
    """How many borders are around the outermost call of each root: a model's, if there is one."""
    levels: dict[int, int] = {}
    for kind in (ToolCall, ModelCall):
        found: dict[int, int] = {}
        for span, depth in zip(spans, depths, strict=True):
            if isinstance(span.call, kind):
                found[depth.root] = min(depth.borders, found.get(depth.root, depth.borders))
        levels |= found
    return levels
