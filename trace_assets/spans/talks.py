"""The conversations of a trace: what each model call saw and said, and what the tools answered."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from trace_assets import chat
from trace_assets.spans.links import Asked, Ran, has_id, id_text, link
from trace_assets.spans.messages import Messages
from trace_assets.spans.model import Defect, ModelCall, Span, ToolCall
from trace_assets.spans.scopes import MAIN
from trace_assets.trace.build import short_id


class Link(NamedTuple):
    """What a tool span has to do with the conversation."""

    call_id: str
    """Of the call it carried out, and of its own where no model call shows one."""
    asked: Asked | None


class Talks(NamedTuple):
    """All conversations of a trace; places are those of spans."""

    main: list[dict[str, Any]]
    """The items of the main conversation, as far as its model calls show them."""
    contexts: dict[int, tuple[list[dict[str, Any]], list[dict[str, Any]]]]
    """The items that each model call saw, and those it made. Contexts share their items."""
    first_shown: list[int]
    """The model call that shows an item of the main conversation for the first time."""
    made_by: dict[str, int]
    """Item id -> the model call that made it."""
    links: dict[int, Link]
    repeated: int
    """How many pieces of the contexts are repetitions."""


def talks(
    spans: Sequence[Span],
    belongs: Sequence[int],
    trace_id: str,
    defects: list[Defect],
    conversation: Sequence[chat.Piece] | None = None,
) -> Talks:
    """Fold the model calls of each conversation, and link the tool spans to their calls.

    The main one is as it is given, if it is: then its items are the first, and what its model calls
    show beyond it is in their contexts alone.
    """
    calls: dict[int, list[int]] = {MAIN: []}
    for place, span in enumerate(spans):
        if isinstance(span.call, ModelCall):
            calls.setdefault(belongs[place], []).append(place)
    found = Talks([], {}, [], {}, {}, 0)
    asked: list[Asked] = []
    repeated = 0
    for own, places in calls.items():
        name = trace_id if own == MAIN else f"{trace_id}/{spans[own].id}"
        given = [] if own != MAIN or conversation is None else [chat.ModelCall(conversation, ())]
        folded = chat.fold([*given, *_read(spans, places, defects)])
        repeated += folded.repeated
        items = chat.items_of(name, folded.pieces)
        shown = folded.calls[0].inputs if given else None
        calls_of_own = dict(zip(places, folded.calls[len(given) :], strict=True))
        asked += _told(found, own, calls_of_own, items, shown)
    tools = [
        Ran(place, belongs[place], span.call)
        for place, span in enumerate(spans)
        if isinstance(span.call, ToolCall)
    ]
    return found._replace(links=_links(spans, tools, asked, trace_id), repeated=repeated)


def _read(
    spans: Sequence[Span], places: Sequence[int], defects: list[Defect]
) -> Iterator[chat.ModelCall]:
    messages = Messages(defects)
    for place in places:
        if isinstance(call := spans[place].call, ModelCall):
            yield messages.pieces_of(spans[place], call)


def _told(
    found: Talks,
    conversation: int,
    calls: Mapping[int, chat.FoldedCall],
    items: list[dict[str, Any]],
    shown: list[int] | None,
) -> list[Asked]:
    """Write down what a conversation's model calls show, and return the calls they show."""
    first = [-1] * len(items)
    for place, (inputs, outputs) in calls.items():
        found.contexts[place] = ([items[n] for n in inputs], [items[n] for n in outputs])
        for number in (*inputs, *outputs):
            if first[number] < 0:
                first[number] = place
        for number in outputs:
            found.made_by.setdefault(items[number]["id"], place)
    if conversation == MAIN:
        order = _results_first(items) if shown is None else shown
        found.main.extend(items[number] for number in order)
        found.first_shown.extend(first[number] for number in order)
    return [
        Asked(item, conversation, place, is_new=found.made_by.get(item["id"]) == place)
        for item, place in zip(items, first, strict=True)
        if item["type"] == "function_call"
    ]


def _results_first(items: Sequence[dict[str, Any]]) -> list[int]:
    """The order of items with no instruction between a call and its result.

    An agent that is handed a conversation has its own system prompt before all of it; what is new
    to a reader is first the result of the call that handed over, then this prompt.
    """
    order: list[int] = []
    held: list[int] = []
    for number, item in enumerate(items):
        if order and _is_instruction(item) and _is_of_tool(items[order[-1]]):
            held.append(number)
            continue
        if item["type"] != "function_call_output":
            order += held
            held = []
        order.append(number)
    return order + held


def _is_instruction(item: dict[str, Any]) -> bool:
    return item.get("role") in ("system", "developer")


def _is_of_tool(item: dict[str, Any]) -> bool:
    return item["type"] in ("function_call", "function_call_output")


def _links(
    spans: Sequence[Span], tools: Sequence[Ran], calls: Sequence[Asked], trace_id: str
) -> dict[int, Link]:
    linked = link(tools, calls)
    taken = {str(call.item["call_id"]) for call in calls}
    links: dict[int, Link] = {}
    for ran in tools:
        asked = linked.get(ran.place)
        if asked is None:
            own = f"{trace_id}:{spans[ran.place].id}"
            call_id = _own_call_id(ran.tool, own, taken)
        else:
            call_id = str(asked.item["call_id"])
        links[ran.place] = Link(call_id, asked)
    return links


def _own_call_id(tool: ToolCall, own: str, taken: set[str]) -> str:
    """The id of a call that no model call shows: by the log's own where that names one call."""
    name = id_text(tool.original_call_id) if has_id(tool) else own
    while (call_id := short_id(name)) in taken:
        name = f"{own}:{call_id}"
    taken.add(call_id)
    return call_id
