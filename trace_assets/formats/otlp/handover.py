"""Agents that took over a conversation, in the place that they have in it.

Google ADK 1 runs the agent that takes over while the span of the model call that chose it is still
open. The agent's span is then inside this model call. A model call runs no agent, so the span is
moved beside the span of the agent that handed over, which is where ADK 2 writes it.
"""

from collections.abc import Sequence

from trace_assets.formats.otlp.read_span import ReadSpan


def with_agents_moved(spans: Sequence[ReadSpan]) -> Sequence[ReadSpan]:
    """The same spans, each agent inside a model call moved out of it and of the agent around it."""
    by_id: dict[str, ReadSpan] = {}
    for one in spans:
        by_id.setdefault(one.raw.id, one)
    if not any(_is_inside_call(one, by_id) for one in spans):
        return spans
    parents: dict[str, str] = {}
    return [_moved(one, by_id, parents) for one in spans]


def _is_inside_call(one: ReadSpan, by_id: dict[str, ReadSpan]) -> bool:
    around = by_id.get(one.raw.parent_id)
    return one.kind == "agent" and around is not None and around.kind == "model"


def _moved(one: ReadSpan, by_id: dict[str, ReadSpan], parents: dict[str, str]) -> ReadSpan:
    if not _is_inside_call(one, by_id):
        return one
    original = {"original_parent_id": one.raw.parent_id}
    parent_id = _beside_agent(one.raw.parent_id, by_id, parents)
    return one._replace(raw=one.raw._replace(parent_id=parent_id, rest=one.raw.rest | original))


def _beside_agent(call_id: str, by_id: dict[str, ReadSpan], parents: dict[str, str]) -> str:
    """The parent of the outermost of the agents that handed over to one another.

    It is kept for every span on the way, so that a long chain of agents takes linear time.
    """
    seen: dict[str, None] = {}
    found = place = call_id
    while place in by_id and place not in seen:
        if place in parents:
            found = parents[place]
            break
        seen[place] = None
        one = by_id[place]
        if one.kind == "tool":
            break
        found = place = one.raw.parent_id
        if one.kind == "agent" and not _is_inside_call(one, by_id):
            break
    parents.update(dict.fromkeys(seen, found))
    return found
