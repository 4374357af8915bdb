"""Which call of a model each tool span carried out."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from trace_assets.reading.embedded import decode_embedded
from trace_assets.spans.model import ToolCall
from trace_assets.trace.build import json_text


class Ran(NamedTuple):
    """A tool span."""

    place: int
    conversation: int
    tool: ToolCall


class Asked(NamedTuple):
    """A function call item."""

    item: dict[str, Any]
    conversation: int
    place: int
    """The first model call to show it."""
    is_new: bool
    """Whether that model call made it. Otherwise it is in its context: it was made before."""


Key = tuple[Any, ...] | None
"""What a tool span and a call have in common if they belong together; None fits nothing."""

_KeyOf = Callable[[int, str, Any, Any], Key]
"""From conversation, name, original call id ("" if there is none) and arguments."""


def link(tools: Sequence[Ran], calls: Sequence[Asked]) -> dict[int, Asked]:
    """Return the call of each tool span, by its place; what has none is left out.

    Tools and calls come in order. The surest way to tell comes first: the call's own id (several
    spans with one id are retries), name and arguments, the name alone. The last because what a
    model writes and what a tool's span shows often differ: defaults are filled in, or the span has
    the arguments as Python prints them.
    """
    found: dict[int, Asked] = {}
    for key_of in (_by_id_and_name, _by_id, _by_id_elsewhere):
        if left := [ran for ran in tools if ran.place not in found]:
            found |= _linked(key_of, left, _unclaimed(calls, found), again=True)
    for key_of in (_by_arguments, _by_name):
        if left := [ran for ran in tools if ran.place not in found]:
            found |= _linked(key_of, left, _unclaimed(calls, found), again=False)
    return found


def _unclaimed(calls: Iterable[Asked], found: dict[int, Asked]) -> list[Asked]:
    claimed = {id(call.item) for call in found.values()}
    return [call for call in calls if id(call.item) not in claimed]


def _linked(
    key_of: _KeyOf, tools: Sequence[Ran], calls: Sequence[Asked], *, again: bool
) -> dict[int, Asked]:
    waiting: dict[Key, deque[Asked]] = {}
    for call in calls:
        waiting.setdefault(_key_of_call(key_of, call), deque()).append(call)
    waiting.pop(None, None)
    found: dict[int, Asked] = {}
    for ran in tools:
        queue = waiting.get(_key_of_tool(key_of, ran))
        if not queue:
            continue
        if again:
            found[ran.place] = queue.popleft() if len(queue) > 1 else queue[0]
        elif call := _next(queue, ran):
            found[ran.place] = call
    return found


def _next(queue: deque[Asked], ran: Ran) -> Asked | None:
    """Take the first call that can be meant: made before the tool ran, or told of after it."""
    while queue and not queue[0].is_new and queue[0].place < ran.place:
        queue.popleft()  # history by then, so not of any later tool either
    if queue and (queue[0].place < ran.place) == queue[0].is_new:
        return queue.popleft()
    return None


# --- keys ------------------------------------------------------------------------------------


def _key_of_call(key_of: _KeyOf, call: Asked) -> Key:
    item = call.item
    own_id = id_text(item.get("original_call_id"))
    return key_of(call.conversation, item["name"], own_id, item["arguments"])


def _key_of_tool(key_of: _KeyOf, ran: Ran) -> Key:
    tool = ran.tool
    return key_of(ran.conversation, tool.name, id_text(tool.original_call_id), tool.arguments)


def id_text(call_id: Any) -> str:
    """A call's id as text; "" where there is none."""
    return "" if call_id is None else json_text(call_id)


def _by_id_and_name(conversation: int, name: str, call_id: str, _arguments: Any) -> Key:
    return (conversation, call_id, name) if call_id else None


def _by_id(conversation: int, _name: str, call_id: str, _arguments: Any) -> Key:
    return (conversation, call_id) if call_id else None


def _by_id_elsewhere(_conversation: int, name: str, call_id: str, _arguments: Any) -> Key:
    # Some instruments file a tool under another span than the agent that asked for it.
    return (call_id, name) if call_id else None


def _by_arguments(conversation: int, name: str, _call_id: str, arguments: Any) -> Key:
    return (conversation, name, _canonical(arguments))


def _by_name(conversation: int, name: str, _call_id: str, _arguments: Any) -> Key:
    return (conversation, name)


_sorted = msgspec.json.Encoder(order="sorted").encode


def _canonical(arguments: Any) -> object:
    """Arguments without what does not matter to JSON; what is no JSON is equal to itself alone."""
    try:
        given = decode_embedded(arguments) if isinstance(arguments, str) else arguments
        return _sorted(given)
    except (ValueError, TypeError, RecursionError):
        return arguments if isinstance(arguments, str) else None


def has_id(tool: ToolCall) -> bool:
    """Whether the log gives the call an id."""
    return id_text(tool.original_call_id) != ""
