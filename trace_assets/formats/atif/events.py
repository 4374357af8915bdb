"""What the agents of one record did, as events: a span for each agent but the first.

The events of the outermost trajectory are in no span, so that they tell the conversation that its
items are. The span of an embedded one comes behind the call that names it, else at the end of the
trajectory that holds it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

from trace_assets.formats.atif.agents import Agent

Item = dict[str, Any]
Event = dict[str, Any]

_CALL = frozenset(("type", "id", "call_id", "name", "arguments", "status"))
_OUTPUT = frozenset(("type", "id", "call_id", "output", "status", "original_call_id"))


def events_of(
    agents: Sequence[Agent], conversations: Sequence[list[Item]], trace_id: str
) -> list[Event]:
    """Return the events of all agents, `<trace_id>:e<index>`, without times.

    A step has one time at most, and readers sort events that have times: the order of the steps is
    the surer one. The time of its step is in each item.
    """
    told = _Walk(agents, conversations, trace_id).events()
    return [
        {"type": event.pop("type"), "id": f"{trace_id}:e{number}", **event}
        for number, event in enumerate(told)
    ]


class _Talk:
    """One agent's conversation, as far as it is not told yet."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = iter(items)
        self.outputs: dict[str, Item] = {}
        calls: set[str] = set()
        for item in items:
            if item["type"] == "function_call":
                calls.add(item["call_id"])
            elif item["type"] == "function_call_output":
                self.outputs.setdefault(item["call_id"], item)
        self.outputs = {name: item for name, item in self.outputs.items() if name in calls}

    def is_told(self, item: Item) -> bool:
        """Whether an item is told with its call."""
        return item["type"] == "function_call_output" and item["call_id"] in self.outputs

    def result_of(self, item: Item) -> Item:
        """What a call returned; of anything else, the item itself."""
        if item["type"] != "function_call":
            return item
        return self.outputs.get(item["call_id"], {})


class _Told(NamedTuple):
    """An agent that is being told of."""

    number: int
    talk: _Talk


class _Walk:
    """The walk through the conversations, each sub-agent's where it is named first."""

    def __init__(
        self, agents: Sequence[Agent], conversations: Sequence[list[Item]], trace_id: str
    ) -> None:
        self.agents = agents
        self.conversations = conversations
        self.spans = [trace_id + agent.pointer if agent.pointer else None for agent in agents]
        self.waiting: dict[int, list[int]] = {}  # by the number of the agent that holds them
        for number, agent in enumerate(agents):
            self.waiting.setdefault(agent.parent, []).append(number)

    def events(self) -> Iterator[Event]:
        levels = [self.told(0)]
        while levels:
            number, talk = levels[-1]
            item = next(talk.items, None)
            if item is None:
                called = self.next_of(number)
            elif talk.is_told(item):
                continue
            else:
                called = self.named_by(talk.result_of(item), number)
                yield self.event(item, talk, number, called)
            if called is not None:
                yield self.begin(called)
                levels.append(self.told(called))
            elif item is None:
                levels.pop()
                yield from self.end(number)

    def told(self, number: int) -> _Told:
        return _Told(number, _Talk(self.conversations[number]))

    def next_of(self, number: int) -> int | None:
        """Take the next sub-agent of an agent that nothing has named."""
        waiting = self.waiting.get(number)
        return waiting.pop(0) if waiting else None

    def named_by(self, item: Item, number: int) -> int | None:
        """Take the sub-agent that an item names."""
        named = _names(item.get("subagent_trajectory_ref"))
        waiting = self.waiting.get(number, []) if named else []
        for name in named:  # the surest first: one session has several trajectories
            for place, agent in enumerate(waiting):
                if name in self.agents[agent].rest.items():
                    return waiting.pop(place)
        return None

    def begin(self, number: int) -> Event:
        agent = self.agents[number]
        return _known(
            type="span_begin",
            span_id=self.spans[number],
            parent_span_id=self.spans[agent.parent],
            name=_agent_name(agent) or "",
            span_type="agent",
            metadata=agent.rest or None,
        )

    def end(self, number: int) -> Iterator[Event]:
        if self.spans[number] is not None:
            yield {"type": "span_end", "span_id": self.spans[number]}

    def event(self, item: Item, talk: _Talk, number: int, called: int | None) -> Event:
        span = self.spans[number]
        match item["type"]:
            case "message":
                return _known(type="message_event", span_id=span, item=item)
            case "function_call":
                event = _call(item, talk.result_of(item), span)
                if called is not None:
                    event["agent_span_id"] = self.spans[called]
                    event |= _known(agent=_agent_name(self.agents[called]))
                return event
            case kind:
                return _known(type="custom", span_id=span, name=kind, data=item)


def _call(item: Item, result: Item, span: str | None) -> Event:
    residue = {
        "call": {key: value for key, value in item.items() if key not in _CALL},
        "result": {key: value for key, value in result.items() if key not in _OUTPUT},
    }
    return _known(
        type="function_call_event",
        span_id=span,
        call_id=item["call_id"],
        function=item["name"],
        arguments=item["arguments"],
        result=result.get("output", ""),
        status=result["status"] if result else "in_progress",
        metadata={key: value for key, value in residue.items() if value},
    )


def _names(refs: Any) -> list[tuple[str, str]]:
    """The ids by which an item names sub-agents, as their own trajectories have them."""
    each = cast("list[Any]", refs if isinstance(refs, list) else [refs])
    return [
        (key, name)
        for key in ("trajectory_id", "session_id")
        for ref in each
        if isinstance(ref, Mapping) and isinstance(name := cast("Any", ref).get(key), str)
    ]


def _agent_name(agent: Agent) -> str | None:
    match agent.rest.get("agent"):
        case {"name": str(name)}:
            return name
        case _:
            return None


def _known(**fields: Any) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}
