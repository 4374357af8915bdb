"""The conversations of a trace: what each model call saw and said, and what the tools answered."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from trace_assets import chat
from trace_assets.spans.links import Asked, Ran, has_id, id_text, link
from trace_assets.spans.messages import Messages
from trace_assets.spans.model import Defect, ModelCall, Span, ToolCall
from trace_assets.spans.scopes import MAIN
from trace_assets.spans.wrappers import contains_input, is_wrapper, nested
from trace_assets.trace.build import short_id

AROUND = -1
"""The place of what a whole program was given and made, which is around all spans."""

_NO_CALL = -2
"""The number for an item that no model call has."""


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
    """The model call that shows an item of the main conversation first, or `AROUND`."""
    made_by: dict[str, int]
    """Item id -> the model call that made it."""
    links: dict[int, Link]
    repeated: int
    """How many pieces of the contexts are repetitions."""


class _Reported(NamedTuple):
    """A model call as it is folded."""

    place: int
    call: chat.ModelCall
    is_repetition: bool
    """Whether other calls contain the messages: what only this one has is in its context alone."""


def talks(
    spans: Sequence[Span],
    parents: Sequence[int],
    belongs: Sequence[int],
    trace_id: str,
    defects: list[Defect],
    conversation: Sequence[chat.Piece] | None = None,
    around: chat.ModelCall | None = None,
) -> Talks:
    """Fold the model calls of each conversation, and link the tool spans to their calls.

    The main one is as it is given, if it is: then its items are the first, and what its model calls
    show beyond it is in their contexts alone. What a program was given and made counts as the first
    call of the main one.
    """
    calls: dict[int, list[int]] = {MAIN: []}
    for place, span in enumerate(spans):
        if isinstance(span.call, ModelCall):
            calls.setdefault(belongs[place], []).append(place)
    inside = nested(spans, parents, belongs)
    found = Talks([], {}, [], {}, {}, 0)
    asked: list[Asked] = []
    repeated = 0
    for own, places in calls.items():
        name = trace_id if own == MAIN else f"{trace_id}/{spans[own].id}"
        given = [] if own != MAIN or conversation is None else [chat.ModelCall(conversation, ())]
        read = _read(spans, places, defects)
        if own == MAIN and around is not None:
            read = {AROUND: around, **read}
        reported = _reported(read, inside)
        folded = chat.fold([*given, *(each.call for each in reported)])
        repeated += folded.repeated - _read_twice(reported)
        items = chat.items_of(name, folded.pieces)
        calls_of_own = [*zip(reported, folded.calls[len(given) :], strict=True)]
        shown = folded.calls[0].inputs if given else _shown(calls_of_own, len(items))
        asked += _told(found, own, calls_of_own, items, shown, is_given=bool(given))
    tools = [
        Ran(place, belongs[place], span.call)
        for place, span in enumerate(spans)
        if isinstance(span.call, ToolCall)
    ]
    return found._replace(links=_links(spans, tools, asked, trace_id), repeated=repeated)


def _read(
    spans: Sequence[Span], places: Sequence[int], defects: list[Defect]
) -> dict[int, chat.ModelCall]:
    messages = Messages(defects)
    return {
        place: messages.pieces_of(spans[place], call)
        for place in places
        if isinstance(call := spans[place].call, ModelCall)
    }


def _reported(
    calls: Mapping[int, chat.ModelCall], inside: Mapping[int, list[int]]
) -> list[_Reported]:
    """The calls in the order in which they are folded: those that wrap others come last.

    The input of a wrapper comes first if it contains that of its first call: it may have a system
    prompt that the call has not.
    """
    reported: list[_Reported] = []
    wrappers: list[_Reported] = []
    for place, call in calls.items():
        inner = [calls[each] for each in inside.get(place, ())]
        if not inner or not is_wrapper(call, inner):
            reported.append(_Reported(place, call, is_repetition=False))
            continue
        wrappers.append(_Reported(place, call, is_repetition=True))
        if contains_input(call, inner[0]):
            reported.append(_Reported(place, call._replace(outputs=()), is_repetition=False))
    return reported + wrappers


def _read_twice(reported: Sequence[_Reported]) -> int:
    """How many pieces of wrappers are in two of the folded calls."""
    twice = {each.place for each in reported if each.is_repetition}
    again = (each for each in reported if each.place in twice and not each.is_repetition)
    return sum(len(each.call.inputs) for each in again)


def _shown(calls: Sequence[tuple[_Reported, chat.FoldedCall]], count: int) -> list[int]:
    """The items of a conversation that are not in repetitions of its calls alone."""
    if not any(reported.is_repetition for reported, _ in calls):
        return [*range(count)]
    shown = {
        number
        for reported, folded in calls
        if not reported.is_repetition
        for number in (*folded.inputs, *folded.outputs)
    }
    return sorted(shown)


def _told(
    found: Talks,
    conversation: int,
    calls: Sequence[tuple[_Reported, chat.FoldedCall]],
    items: list[dict[str, Any]],
    shown: list[int],
    *,
    is_given: bool,
) -> list[Asked]:
    """Write down what a conversation's model calls show, and return the calls they show."""
    first: dict[int, int] = {}
    for (place, _, _), (inputs, outputs) in calls:
        found.contexts[place] = ([items[n] for n in inputs], [items[n] for n in outputs])
        for number in (*inputs, *outputs):
            first.setdefault(number, place)
        for number in outputs:
            found.made_by.setdefault(items[number]["id"], place)
    if conversation == MAIN:
        order = shown if is_given else [shown[n] for n in _results_first([items[n] for n in shown])]
        found.main.extend(items[number] for number in order)
        found.first_shown.extend(first.get(number, _NO_CALL) for number in order)
    return [
        Asked(
            items[number],
            conversation,
            first.get(number, _NO_CALL),
            is_new=number in first and found.made_by.get(items[number]["id"]) == first[number],
        )
        for number in (range(len(items)) if is_given else shown)
        if items[number]["type"] == "function_call"
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
