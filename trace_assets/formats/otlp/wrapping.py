"""Spans around calls of models that hold what these were given and made.

Agents and chains log their input and output, too. Where the calls inside tell what was said, this
repeats it, and stays what the span says of itself. Where they do not (contents were not recorded
there, or nothing inside is instrumented), the outermost span that does is read as the call. Where
the calls inside have only answers, the first one is given what the span around them was given.
"""

from collections.abc import Sequence
from typing import Any

from trace_assets.formats.otlp import model_calls
from trace_assets.formats.otlp.read_span import ReadSpan
from trace_assets.spans import ModelCall


def with_words(spans: Sequence[ReadSpan]) -> list[ReadSpan]:
    """The same spans, those read as calls that alone tell what was said. In linear time."""
    places: dict[str, int] = {}
    for place, one in enumerate(spans):
        places.setdefault(one.raw.id, place)
    parents = [_parent(one, place, places) for place, one in enumerate(spans)]
    speaks = _around(spans, parents, [one.has_words for one in spans])
    given = _around(spans, parents, [one.has_words and bool(_inputs(one)) for one in spans])
    found = list(spans)
    pending = [place for place, parent in enumerate(parents) if parent < 0]
    children: list[list[int]] = [[] for _ in spans]
    for place, parent in enumerate(parents):
        if parent >= 0:
            children[parent].append(place)
    while pending:
        place = pending.pop()
        if place in speaks and place not in given and spans[place].kind == "agent":
            _give(found, place, children)
        read = None if place in speaks else _read(spans[place])
        if read is None:
            pending += children[place]
        else:
            found[place] = read
    return found


def _give(found: list[ReadSpan], place: int, children: list[list[int]]) -> None:
    """Give the first call with an answer inside a span what the span was given."""
    around = model_calls.around(found[place], needs_both=False)
    inputs = _inputs(around) if around is not None else ()
    pending, calls = [*children[place]], list[int]()
    while pending and inputs:
        inside = pending.pop()
        calls += [inside] if found[inside].has_words else []
        pending += children[inside]
    if not calls:
        return
    first = min(calls, key=lambda inside: _start(found[inside]))
    call = found[first].call
    if isinstance(call, ModelCall) and not call.inputs:
        found[first] = found[first]._replace(call=call._replace(inputs=inputs))


def _start(one: ReadSpan) -> tuple[int, str]:
    start = one.raw.start
    return (start, "") if isinstance(start, int) else (0, start or "")


def _inputs(one: ReadSpan) -> Sequence[Any]:
    return one.call.inputs if isinstance(one.call, ModelCall) else ()


def _parent(one: ReadSpan, place: int, places: dict[str, int]) -> int:
    parent = places.get(one.raw.parent_id, -1) if one.raw.parent_id else -1
    return -1 if parent == place else parent


def _around(spans: Sequence[ReadSpan], parents: Sequence[int], calls: Sequence[bool]) -> set[int]:
    """The places of some calls, and of all spans around them."""
    found: set[int] = set()
    for start in range(len(spans)):
        place = start
        while calls[start] and place >= 0 and place not in found:
            found.add(place)
            place = parents[place]
    return found


def _read(one: ReadSpan) -> ReadSpan | None:
    match one.kind:
        case "agent" | "model":
            return model_calls.around(one, needs_both=False)
        case "other":
            return model_calls.around(one, needs_both=True)
        case _:
            return None
