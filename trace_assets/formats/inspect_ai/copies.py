"""Samples that a retry copied into its own log: one `uuid` is one sample."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from trace_assets.formats import Assembled, Converted, Copies, Part, Refused, UnknownShapeError
from trace_assets.reading import Record

Convert = Callable[[Record, Mapping[str, Any]], Converted]


def own_id(record: Record, _context: Mapping[str, Any]) -> str | None:
    """The id that all copies of a sample share; None for a sample that has no own id."""
    match record.value:
        case {"uuid": str(own)} | {"transcript_id": str(own)} if own:
            return own
        case _:
            return None


_SAME_IN_ANOTHER_FORM = frozenset(
    ("messages", "events", "attachments", "transcript", "output", "events_data", "message_pool")
)
"""Keys whose values a copy may write in another form, such as long texts as attachments."""


def assemble(parts: Sequence[Part], *, convert: Convert) -> Iterator[Assembled | Copies | Refused]:
    """Read the most complete copy, of equal ones the last. Differences of the others are kept."""
    order = sorted(range(len(parts)), key=lambda number: (_rank(parts[number]), number))
    while order:
        lead = order.pop()
        differences = [_differences(parts[other], parts[lead]) for other in order]
        try:
            converted = convert(parts[lead].record, parts[lead].context)
        except UnknownShapeError as error:
            yield Refused(lead, error.reason, str(error), error.pointer)
            continue
        if found := [each for each in differences if each]:
            extra = converted.trace["metadata"]["extra"]
            extra["copies" if "copies" not in extra else "copies_of_sample"] = found
        yield Assembled(converted, [lead])
        if order:
            yield Copies(sorted(order))
        return


def _rank(part: Part) -> tuple[bool, int, int]:
    """How complete a copy is: a sample without an error, with more messages and events."""
    match part.record.value:
        case {**value}:
            sizes = (_length(value.get("messages")), _length(value.get("events")))
            return (not value.get("error"), *sizes)
        case _:
            return (False, 0, 0)


def _length(value: Any) -> int:
    return len(cast("list[Any]", value)) if isinstance(value, list) else 0


def _differences(part: Part, lead: Part) -> dict[str, Any]:
    return {
        key: value
        for key, value in part.record.value.items()
        if key not in _SAME_IN_ANOTHER_FORM and lead.record.value.get(key) != value
    }
