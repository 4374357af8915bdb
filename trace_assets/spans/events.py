"""The events of one trace, depth first, from its repaired spans.

A call of a model or a tool is one event in the span that it was made in, so that an agent's span
holds its calls directly. Only where something happened inside the call (children, notes) it has a
span of its own too, right behind that event. Every other span is a `span_begin` and a `span_end`.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from trace_assets.spans import kinds
from trace_assets.spans.agents import NOBODY, handovers
from trace_assets.spans.kinds import Context, Event
from trace_assets.spans.model import ModelCall, Repaired, ToolCall
from trace_assets.spans.residue import beside
from trace_assets.spans.talks import Talks
from trace_assets.spans.times import keys, zones_agree
from trace_assets.spans.usage import Spent, Tools, spent


class _Told(NamedTuple):
    """An event, and the place of the span that it tells of."""

    place: int
    event: Event


_Entry = int | _Told
"""What is in a span: a child, by its place, or an event of its own."""


def numbered(repaired: Repaired, parents: Sequence[int], told: Talks, trace_id: str) -> list[Event]:
    """Return all events, `<trace_id>:e<index>`, linked to one another."""
    flat = list(_Stream(repaired, parents, told).events())
    ids = {
        each.place: f"{trace_id}:e{number}"
        for number, each in enumerate(flat)
        if each.event["type"] == "model_call_event"
    }
    events: list[Event] = []
    for number, (place, event) in enumerate(flat):
        event["id"] = f"{trace_id}:e{number}"
        is_tool = event["type"] == "function_call_event"
        if is_tool and (asked := told.links[place].asked) is not None:
            maker = told.made_by.get(asked.item["id"])
            event |= {} if maker not in ids else {"model_call_id": ids[maker]}
        events.append(event if repaired.has_times else _without_time(event))
    return events


def _without_time(event: Event) -> Event:
    """The same event with its timestamp in the metadata."""
    if "timestamp" not in event:
        return event
    stamp = {"timestamp": event.pop("timestamp")}
    return {**event, "metadata": beside(stamp, event.pop("metadata", None))}


class _Stream:
    """The walk over the spans."""

    def __init__(self, repaired: Repaired, parents: Sequence[int], told: Talks) -> None:
        self.spans = repaired.spans
        self.has_times = repaired.has_times
        self.told = told
        self.tools = Tools()
        self.children: list[list[int]] = [[] for _ in self.spans]
        for place, parent in enumerate(parents):
            if parent >= 0:
                self.children[parent].append(place)
        self.roots = [place for place, parent in enumerate(parents) if parent < 0]
        self.spent = [spent(span) for span in self.spans]
        has_usage = [one is not None and bool(one.usage) for one in self.spent]
        has_cost = [one is not None and one.cost is not None for one in self.spent]
        self.around_usage, self.around_cost = (
            _around(parents, has_usage),
            _around(parents, has_cost),
        )
        self.handovers = handovers(self.spans, parents)

    def events(self) -> Iterator[_Told]:
        """Yield the events in the order of their spans and times.

        A call needs no span around its event unless something happened inside it.
        """
        pending: list[_Entry] = [*reversed(self.roots)]
        while pending:
            entry = pending.pop()
            if not isinstance(entry, int):
                yield entry
                continue
            call, inside = self.call(entry), self.inside(entry)
            if call is not None:
                yield _Told(entry, call)
            if inside or call is None:
                yield _Told(entry, kinds.begin(self.spans[entry], is_call=call is not None))
                pending.append(_Told(entry, kinds.end(self.spans[entry])))
                pending += reversed(inside)

    def inside(self, place: int) -> Sequence[_Entry]:
        """What happened in a span, by time."""
        span = self.spans[place]
        own = [kinds.note(span, note) for note in span.notes]
        if span.error is not None and span.call is None:
            own.append(kinds.failure(span))
        if not own:
            return self.children[place]
        stamps = [self.spans[child].start for child in self.children[place]]
        stamps += [event.get("timestamp") for event in own]
        written = [stamp if isinstance(stamp, str) else None for stamp in stamps]
        entries = [*self.children[place], *(_Told(place, event) for event in own)]
        if not (self.has_times or zones_agree(filter(None, written))):
            return entries
        by = keys(written)
        return [entries[number] for number in sorted(range(len(entries)), key=by.__getitem__)]

    def call(self, place: int) -> Event | None:
        """The event of a call; None for any other span."""
        span = self.spans[place]
        match span.call:
            case ModelCall() as call:
                context = Context(
                    *self.told.contexts[place],
                    self.tools,
                    self.spent[place] or _NOTHING,
                    repeats_usage=self.around_usage[place],
                    repeats_cost=self.around_cost[place],
                )
                return kinds.model_call(span, call, context)
            case ToolCall() as tool:
                handover = self.handovers.get(place, NOBODY)
                return kinds.tool_call(span, tool, self.told.links[place], handover)
            case None:
                return None


_NOTHING = Spent({}, {}, None)


def _around(parents: Sequence[int], is_known: Sequence[bool]) -> Sequence[bool]:
    """Which spans have a model call inside that says what it used.

    Libraries wrap one another, and an outer call repeats the tokens and the cost of the inner one.
    """
    found = [False] * len(parents)
    for place in range(len(parents) - 1, 0, -1):  # children come after their parents
        if parents[place] >= 0 and (found[place] or is_known[place]):
            found[parents[place]] = True
    return found
