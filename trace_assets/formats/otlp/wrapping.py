"""Spans around calls of models that hold what these were given and made.

Agents and chains log their input and output, too. Where the calls inside tell what was said, this
repeats it, and stays what the span says of itself. Where they do not (contents were not recorded
there, or nothing inside is instrumented), the outermost span that does is read as the call.
"""

from collections.abc import Sequence

from trace_assets.formats.otlp import model_calls
from trace_assets.formats.otlp.told import Told


def with_words(told: Sequence[Told]) -> list[Told]:
    """The same spans, those read as calls that alone tell what was said. In linear time."""
    places: dict[str, int] = {}
    for place, one in enumerate(told):
        places.setdefault(one.raw.id, place)
    parents = [_parent(one, place, places) for place, one in enumerate(told)]
    speaks = _around_words(told, parents)
    found = list(told)
    pending = [place for place, parent in enumerate(parents) if parent < 0]
    children: list[list[int]] = [[] for _ in told]
    for place, parent in enumerate(parents):
        if parent >= 0:
            children[parent].append(place)
    while pending:
        place = pending.pop()
        read = None if place in speaks else _read(told[place])
        if read is None:
            pending += children[place]
        else:
            found[place] = read
    return found


def _parent(one: Told, place: int, places: dict[str, int]) -> int:
    parent = places.get(one.raw.parent_id, -1) if one.raw.parent_id else -1
    return -1 if parent == place else parent


def _around_words(told: Sequence[Told], parents: Sequence[int]) -> set[int]:
    """The calls whose messages are there, and all spans around them."""
    found: set[int] = set()
    for start, one in enumerate(told):
        place = start
        while one.has_words and place >= 0 and place not in found:
            found.add(place)
            place = parents[place]
    return found


def _read(one: Told) -> Told | None:
    match one.kind:
        case "agent" | "model":
            return model_calls.around(one, needs_both=False)
        case "other":
            return model_calls.around(one, needs_both=True)
        case _:
            return None
