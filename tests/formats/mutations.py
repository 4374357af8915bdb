"""Records of a log, damaged: keys dropped, values of another type, items repeated."""

import copy
from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import strategies as st

from trace_assets.formats import (
    Assembled,
    ContextOnlyError,
    Copies,
    Format,
    Part,
    Refused,
    UnknownShapeError,
)
from trace_assets.reading import Place, Record
from trace_assets.trace import load
from trace_assets.trace.build import encode

ODD = st.sampled_from(
    [
        None,
        "",
        "text",
        0,
        -1,
        1.5,
        True,
        [],
        [[]],
        {},
        {"type": "x"},
        [None],
        "[]",
        '{"a": 1}',
        10**30,
    ]
)


@st.composite
def mutated(draw: st.DrawFn, record: Any) -> Any:
    """A record with a few of its values replaced or gone."""
    record = copy.deepcopy(record)
    for _ in range(draw(st.integers(0, 4))):
        places = list(_places(record))
        if not places:
            break
        container, key = draw(st.sampled_from(places))
        if draw(st.booleans()):
            container[key] = copy.deepcopy(draw(ODD))  # else a value could come to hold itself
        else:
            del container[key]
    return record


def _places(value: Any) -> Iterable[tuple[Any, Any]]:
    pending = [value]
    while pending:
        match pending.pop():
            case dict() as part:
                yield from ((part, key) for key in part)
                pending.extend(part.values())
            case list() as part:
                yield from ((part, index) for index in range(len(part)))
                pending.extend(part)
            case _:
                pass


def assert_only_known_errors(format: Format, values: Sequence[Any]) -> None:
    """Convert the records as one log would be; what a format may not raise is a failure."""
    records = [
        Record(Place("log.json", number, 0, 0, str(number)), value, encode(value))
        for number, value in enumerate(values)
    ]
    format.detect(copy.deepcopy(list(values)))
    groups: dict[str, list[Part]] = {}
    for record in records:
        try:
            key = format.gather.key(record, {}) if format.gather else None
            if key is None:
                _assert_loads(format.convert(record, {}).trace)
            else:
                groups.setdefault(key, []).append(Part(record, {}))
        except (UnknownShapeError, ContextOnlyError):
            pass
    for parts in groups.values():
        _assert_assembles(format, parts)


def _assert_assembles(format: Format, parts: Sequence[Part]) -> None:
    assert format.gather
    used: list[int] = []
    try:
        for outcome in format.gather.assemble(parts):
            match outcome:
                case Assembled(converted, numbers):
                    used += numbers
                    _assert_loads(converted.trace)
                case Copies(numbers):
                    used += numbers
                case Refused(number):
                    used.append(number)
    except UnknownShapeError:
        return
    assert sorted(used) == list(range(len(parts)))


def _assert_loads(trace: dict[str, Any]) -> None:
    """The trace is JSON and one that the model takes, as far as it holds anything."""
    encode(trace)
    if trace["items"] or trace.get("events"):
        load(trace)
