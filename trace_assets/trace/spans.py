"""Spans: the tree that `span_begin`, `span_end` and `span_id` draw over a flat stream of events.

Nothing here calls itself, so that 100,000 spans inside one another are no problem.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING

from trace_assets.errors import InvalidTraceError, SpanTreeError
from trace_assets.trace.moments import Moment, moment

if TYPE_CHECKING:
    from trace_assets.trace.events import SpanBeginEvent, SpanEndEvent, TraceEvent


@dataclass(slots=True)
class SpanNode:
    """A span: its ends, and what happens directly in it, child spans as their begin event."""

    begin: "SpanBeginEvent | None"
    """None for the level that holds everything else."""

    events: "list[TraceEvent]" = field(default_factory=list["TraceEvent"])
    end: "SpanEndEvent | None" = None
    """None if the log stops before the span ends."""


SpanTree = dict[str | None, SpanNode]
"""Spans by id. The whole stream is under None, and the inside of a span under its id as well."""


def span_tree(events: "Sequence[TraceEvent]", scope: str | None = None) -> SpanTree:
    """Put each event into its span, in the order they come.

    Args:
        events: A whole stream, or the inside of the span `scope`, whose begin and end it lacks.
        scope: The span that a stream without its own begin event is the inside of.

    Raises:
        SpanTreeError: a span begins or ends twice, ends without beginning, is its own ancestor, or
            an event is in a span that never begins.
    """
    tree = _begun(events)
    top = tree[None]
    if scope is not None and scope not in tree:
        _check_scope(events, scope)
        tree[scope] = top
    for index, event in enumerate(events):
        if event.type == "span_end":
            _close(tree, event, index)
        else:
            _level(tree, event, index).events.append(event)
    _check_no_cycle(tree)
    return tree


def _begun(events: "Sequence[TraceEvent]") -> SpanTree:
    tree: SpanTree = {None: SpanNode(None)}
    for index, event in enumerate(events):
        if event.type != "span_begin":
            continue
        if event.span_id in tree:
            raise SpanTreeError(f"events[{index}].span_id: {event.span_id!r} begins a second time")
        tree[event.span_id] = SpanNode(event)
    return tree


def _check_scope(events: "Sequence[TraceEvent]", scope: str) -> None:
    if events and all(_parent(event) != scope for event in events):
        raise SpanTreeError(f"span_id: no event is in the span {scope!r}, and none begins it")


def _parent(event: "TraceEvent") -> str | None:
    return event.parent_span_id if event.type == "span_begin" else event.span_id


def _close(tree: SpanTree, event: "SpanEndEvent", index: int) -> None:
    node = tree.get(event.span_id)
    where = f"events[{index}].span_id: {event.span_id!r}"
    if node is None or node.begin is None:
        raise SpanTreeError(f"{where} ends, but no span_begin begins it")
    if node.end is not None:
        raise SpanTreeError(f"{where} ends a second time")
    node.end = event


def _level(tree: SpanTree, event: "TraceEvent", index: int) -> SpanNode:
    parent = _parent(event)
    if parent not in tree:
        key = "parent_span_id" if event.type == "span_begin" else "span_id"
        raise SpanTreeError(
            f"events[{index}].{key}: no span_begin begins {parent!r}; known: {_known(tree)}"
        )
    return tree[parent]


def _known(tree: SpanTree) -> str:
    ids = [repr(span_id) for span_id in tree if span_id is not None]
    return ", ".join(ids[:10]) + (", ..." if len(ids) > 10 else "") or "none"


def _check_no_cycle(tree: SpanTree) -> None:
    reached = {event.span_id for event in _flatten(tree) if event.type == "span_begin"}
    for span_id, node in tree.items():
        if node.begin is not None and span_id not in reached:
            raise SpanTreeError(f"span {span_id!r} is inside itself, through its parent_span_id")


def _flatten(tree: SpanTree) -> "Iterator[TraceEvent]":
    """Yield the events depth first: each span's begin, inside and end together."""
    open_levels = [(tree[None], iter(tree[None].events))]
    while open_levels:
        node, rest = open_levels[-1]
        event = next(rest, None)
        if event is None:
            open_levels.pop()
            if node.end is not None:
                yield node.end
            continue
        yield event
        if event.type == "span_begin":
            child = tree[event.span_id]
            open_levels.append((child, iter(child.events)))


def sort_events(events: "Sequence[TraceEvent]", scope: str | None = None) -> "list[TraceEvent]":
    """Order events by time within each span, every span in one piece where it begins.

    The sort is stable, and an event without a timestamp stays behind the one it came after. Sorting
    twice changes nothing.

    Raises:
        SpanTreeError: as `span_tree`.
        InvalidTraceError: some timestamps have a zone and others have none, so that nothing says
            which came first.
    """
    _check_zones(events)
    tree = span_tree(events, scope)
    for node in {id(node): node for node in tree.values()}.values():
        node.events = _by_time(node.events)
    return list(_flatten(tree))


def _by_time(events: "list[TraceEvent]") -> "list[TraceEvent]":
    if all(event.timestamp is None for event in events):
        return events
    keyed: list[tuple[tuple[Moment, ...], TraceEvent]] = []
    last: tuple[Moment, ...] = ()  # sorts before any moment
    for event in events:
        if event.timestamp is not None:
            last = (moment(event.timestamp),)
        keyed.append((last, event))
    return [event for _, event in sorted(keyed, key=itemgetter(0))]


def _check_zones(events: "Sequence[TraceEvent]") -> None:
    first: dict[bool, int] = {}
    for index, event in enumerate(events):
        if event.timestamp is not None:
            first.setdefault(moment(event.timestamp).at.tzinfo is None, index)
    if len(first) == 2:
        raise InvalidTraceError(
            [
                f"events[{first[True]}].timestamp: has no time zone, but "
                f"events[{first[False]}].timestamp has one: their order is unknown"
            ]
        )


def inside_spans(
    events: "Sequence[TraceEvent]", scope: str | None = None
) -> "Iterator[tuple[SpanBeginEvent, list[TraceEvent]]]":
    """Yield each child span's begin with the sorted events inside it, its own two ends left out.

    A span that never ends holds everything of its own that came.
    """
    children: dict[str, tuple[SpanBeginEvent, list[TraceEvent]]] = {}
    child_of: dict[str | None, str | None] = {}  # any span -> the child it is in, or None
    for event in sort_events(events, scope):
        child = child_of.get(event.span_id)
        if event.type == "span_begin":
            child = child_of.get(event.parent_span_id)
            if event.parent_span_id == scope:
                child = event.span_id
                children[child] = (event, [])
            child_of[event.span_id] = child
        if child is not None and not _is_end_of(event, child):
            children[child][1].append(event)
    yield from children.values()


def _is_end_of(event: "TraceEvent", span_id: str) -> bool:
    return event.type in {"span_begin", "span_end"} and event.span_id == span_id
