"""Items of a trace that its events do not tell of."""

from collections.abc import Iterator, Sequence

from trace_assets.interactions.messages import Item
from trace_assets.interactions.parts import Event
from trace_assets.trace.build import encode


def untold(items: Sequence[Item], events: Sequence[Event]) -> list[Item]:
    """The items that are in no event, by id, and for calls and outputs by call id as well.

    Nothing holds a trace's items to its events: whoever wrote it may have put down more.
    """
    told = {_key(item) for event in events for item in _items_of(event)}
    calls = {event["call_id"] for event in events if event["type"] == "function_call_event"}
    return [item for item in items if _key(item) not in told and item.get("call_id") not in calls]


def _items_of(event: Event) -> Iterator[Item]:
    match event:
        case {"type": "model_call_event", "input_context": given, "output_items": made}:
            yield from given
            yield from made
        case {"type": "message_event", "item": item}:
            yield item
        case _:
            pass


def _key(item: Item) -> str | bytes:
    own = item.get("id")
    return own if isinstance(own, str) else encode(item)  # custom items have no id
