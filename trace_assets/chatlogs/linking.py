"""Links between records that contain the ids of one another.

OpenAI's Batch API writes requests, responses and errors to three files; `custom_id` joins them. The
Responses API keeps the conversation on the server: a request contains only what is new, and
`previous_response_id` names the response that it follows.

Source: https://platform.openai.com/docs/guides/batch and
https://platform.openai.com/docs/guides/conversation-state.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

from trace_assets import vocabulary
from trace_assets.chatlogs.keys import BODY, REQUEST, RESPONSE
from trace_assets.chatlogs.shapes import decoded, has_any, layers

_BODY = frozenset(BODY)
_REQUEST, _RESPONSE = frozenset(REQUEST), frozenset(RESPONSE)
_IN_REQUEST, _IN_RESPONSE = _REQUEST | _BODY, _RESPONSE | _BODY
_SIGNS = frozenset(("previous_response_id", "conversation", "output"))
_LINKED = _REQUEST | _RESPONSE | {"previous_response_id"}
"""One of these keys is in every record with such ids."""


class Ids(NamedTuple):
    """The ids of the response of a record and of the response before it; None if not logged."""

    own: str | None = None
    previous: str | None = None
    is_stateful: bool = False
    """True if the server keeps the conversation, so that the request repeats nothing."""


def batch_id(record: Any) -> str | None:
    """The `custom_id` of a record of a batch: a request, a response or an error.

    >>> batch_id({"custom_id": "q-1", "body": {}}), batch_id({"custom_id": "q-1"})
    ('q-1', None)
    """
    match record:
        case {"custom_id": str() | int() as name, **rest} if not _OF_BATCH.isdisjoint(rest):
            return vocabulary.find_id({"id": name}, ("id",))
        case _:
            return None


_OF_BATCH = frozenset(("body", "params", "response", "result", "error"))


def response_ids(record: Any) -> Ids:
    """The ids of a record with a response of the Responses API, or of a request to it.

    >>> response_ids({"request": {"previous_response_id": "r1"}, "response": {"id": "r2"}})
    Ids(own='r2', previous='r1', is_stateful=True)
    >>> response_ids({"response": {"id": "c1", "choices": []}})
    Ids(own=None, previous=None, is_stateful=False)
    """
    if not isinstance(record, dict) or _LINKED.isdisjoint(cast("dict[str, Any]", record)):
        return Ids()
    given = cast("dict[str, Any]", record)
    responses = _layers(given, _RESPONSE, _IN_RESPONSE)
    each = (given, *_layers(given, _REQUEST, _IN_REQUEST), *responses)
    if all(map(_SIGNS.isdisjoint, each)) and not any(map(_is_of_responses, responses)):
        return Ids()  # as most are
    named = (layer.get("previous_response_id") for layer in each)
    previous = next((name for name in named if isinstance(name, str) and name), None)
    owners = [layer["id"] for layer in responses if _is_response(layer, is_linked=bool(previous))]
    owners += [given["id"]] if _is_response(given, is_linked=False) else []
    own = owners[0] if owners else None
    is_stateful = previous is not None or any(map(_names_conversation, each))
    return Ids(own, None if previous == own else previous, is_stateful)


def _layers(
    record: dict[str, Any], keys: frozenset[str], around: frozenset[str]
) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for key, value in record.items():
        if key in keys and isinstance(value, dict | str):
            found += layers(_opened(value), around)
    return found


def _is_of_responses(layer: dict[str, Any]) -> bool:
    return layer.get("object") == "response"


def _is_response(layer: dict[str, Any], *, is_linked: bool) -> bool:
    match layer:
        case {"id": str(name)} if is_linked:
            return bool(name)
        case {"id": str(name), "object": "response"} | {"id": str(name), "output": list()}:
            return bool(name)
        case _:
            return False


def _names_conversation(layer: dict[str, Any]) -> bool:
    match layer:
        case {"conversation": {"id": str()} | str()}:
            return "input" in layer or "output" in layer
        case _:
            return False


def _opened(value: Any) -> Any:
    """A body, parsed if it is JSON in a text."""
    found = decoded(value)
    if not has_any(found, _BODY):
        return found
    return {key: decoded(each) if key in BODY else each for key, each in found.items()}


class Branch(NamedTuple):
    """A path through linked responses."""

    inherited: list[int]
    """Places of the records before the branch. They belong to another conversation."""
    places: list[int]
    """Places of the records of the branch, in their order."""
    is_begun: bool
    """False if the response that the first record follows is not in the log."""


def branches(ids: Sequence[Ids], order: Sequence[int]) -> Iterator[Branch]:
    """Yield each conversation of linked responses, in the order of their first records.

    A conversation follows the newest response. An older response to the same one is the beginning
    of another conversation, which inherits what was said before.

    Args:
        ids: those of each record.
        order: the places of the records from the oldest to the newest.
    """
    place_of = {own: place for place in order if (own := ids[place].own) is not None}
    parent = {
        place: place_of[previous]
        for place in order
        if (previous := ids[place].previous) is not None and previous in place_of
    }
    children: dict[int, list[int]] = {}
    for place in order:
        if place in parent:
            children.setdefault(parent[place], []).append(place)
    seen: set[int] = set()
    # A cycle has no root: the second pass over all places begins it at its oldest record.
    for start in (*(place for place in order if place not in parent), *order):
        pending = [] if start in seen else [start]
        for first in pending:
            path = _newest_path(first, children, seen)
            is_begun = ids[first].previous is None or first in parent
            yield Branch(_ancestors(first, path, parent), path, is_begun)
            pending += [
                child for place in path for child in children.get(place, ()) if child not in seen
            ]


def _newest_path(start: int, children: Mapping[int, Sequence[int]], seen: set[int]) -> list[int]:
    path = [start]
    seen.add(start)
    while following := [child for child in children.get(path[-1], ()) if child not in seen]:
        path.append(following[-1])
        seen.add(following[-1])
    return path


def _ancestors(start: int, path: Sequence[int], parent: Mapping[int, int]) -> list[int]:
    """The places before a path, from the root on; in a cycle, those that are not on the path."""
    if start not in parent:
        return []
    met = set(path)
    found: list[int] = []
    place: int | None = parent[start]
    while place is not None and place not in met:
        met.add(place)
        found.append(place)
        place = parent.get(place)
    return found[::-1]
