"""Whether one record of a span says nothing that another one does not say."""

from collections.abc import Mapping
from typing import Any

from trace_assets.formats.otlp.neutral import Happened, Raw


def is_contained(one: Raw, other: Raw) -> bool:
    """Whether all that a record says of a span is in another record of it."""
    return (
        one.name == other.name
        and one.parent_id == other.parent_id
        and one.start == other.start
        and (not one.end or one.end == other.end)
        and one.error in (None, other.error)
        and _is_part(one.attributes, other.attributes)
        and _is_part(one.rest, other.rest)
        and _is_part(one.resource, other.resource)
        and _are_among(one.events, other.events)
    )


def _is_part(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(key in other and other[key] == value for key, value in one.items())


def _are_among(one: list[Happened], other: list[Happened]) -> bool:
    """Whether all events are there, in their order."""
    left = iter(other)
    return all(event in left for event in one)
