"""Which agent a tool call hands over to."""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from trace_assets.spans.model import Span, ToolCall
from trace_assets.spans.scopes import is_agent


class Handover(NamedTuple):
    """The agent that a tool call hands over to, as far as the log knows it."""

    agent: str | None = None
    span_id: str | None = None


NOBODY = Handover()


def handovers(spans: Sequence[Span], parents: Sequence[int]) -> dict[int, Handover]:
    """Return what each tool call that hands over hands over to, by place.

    Its span is the first agent's inside the call; or, where there is none and the call names one,
    that of the next agent of this name to which no earlier call handed over.
    """
    found = _inside(spans, parents)
    waiting: dict[str, deque[int]] = {}
    for place, span in enumerate(spans):
        if is_agent(span):
            waiting.setdefault(span.name, deque()).append(place)
    for place, span in enumerate(spans):
        if isinstance(span.call, ToolCall) and (name := span.call.agent) is not None:
            span_id = found[place].span_id if place in found else None
            later = waiting.get(name, deque())
            while span_id is None and later:
                follower = later.popleft()
                span_id = spans[follower].id if follower > place else None
            found[place] = Handover(name, span_id)
    return found


def _inside(spans: Sequence[Span], parents: Sequence[int]) -> dict[int, Handover]:
    found: dict[int, Handover] = {}
    nearest: list[int] = []  # the tool call or agent that a span is in, -1 if in none
    for place, parent in enumerate(parents):
        is_near = parent >= 0 and (is_agent(spans[parent]) or _is_tool(spans[parent]))
        around = parent if parent < 0 or is_near else nearest[parent]
        nearest.append(around)
        if around >= 0 and _is_tool(spans[around]) and is_agent(spans[place]):
            found.setdefault(around, Handover(spans[place].name, spans[place].id))
    return found


def _is_tool(span: Span) -> bool:
    return isinstance(span.call, ToolCall)
