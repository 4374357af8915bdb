"""What is wrong with a value that is not a trace: one line for each defect.

items[3].content[0].text: required
items[4].type: "reasoning" is unknown; known: "message", "function_call", ...
events[2].zzz: unknown key; known: id, span_id, timestamp, metadata, type, item, ...
metadata.total_tokens: expected an integer, found the string "5"
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any, cast, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from trace_assets.trace.events import TraceEvent
from trace_assets.trace.metadata import TraceMetadata

Location = tuple[int | str, ...]

_TAGGED_LISTS = {"items", "events", "content", "annotations", "input_context", "output_items"}
"""Lists of tagged values: pydantic puts the tag, a value's `type`, behind its index."""

_RESULTS = {"output", "result"}
"""Fields that are text or a tagged list: pydantic puts `text` or `parts` behind their name."""

_SHOWN = 80
"""Characters of a found value that a line shows."""

_EXPECTED = {
    "string_type": "a string",
    "int_type": "an integer",
    "int_from_float": "an integer",
    "float_type": "a number",
    "finite_number": "a finite number",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "timestamp": "an ISO 8601 date and time",
    "string_unicode": "text that UTF-8 can write",
}


def _event_models() -> tuple[type[BaseModel], ...]:
    return get_args(get_args(TraceEvent)[0])


_CLOSED: dict[str, type[BaseModel]] = {
    "metadata": TraceMetadata,
    **{model.model_fields["type"].default: model for model in _event_models()},
}
"""The models below a trace that refuse unknown keys, by what a location names them."""


def lines(error: ValidationError, *, known: Iterable[str]) -> list[str]:
    """Return a line for each defect.

    Args:
        error: What pydantic found.
        known: The keys of the value as a whole.
    """
    details = error.errors(include_url=False)
    return [f"{_where(each) or 'trace'}: {_what(each, known)}" for each in details]


def _where(details: ErrorDetails) -> str:
    steps: list[str | int] = list(_without_tags(details["loc"]))
    if details["type"].startswith("union_tag_"):
        steps.append(_discriminator(details))
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".")


def _without_tags(location: Location) -> Iterator[int | str]:
    """Yield the way to a value, without the tags that pydantic mixes in."""
    field = ""
    tag_is_next = False
    for step in location:
        if tag_is_next:
            tag_is_next = step == "message"  # whose second tag is its role
        else:
            yield step
            field = step if isinstance(step, str) else field
            tag_is_next = _has_tag(field, step)


def _has_tag(field: str, step: int | str) -> bool:
    if isinstance(step, int):
        return field in _TAGGED_LISTS or field in _RESULTS
    return field == "item" or field in _RESULTS


def _what(details: ErrorDetails, known: Iterable[str]) -> str:
    found: Any = details["input"]
    match details["type"]:
        case "missing":
            return "required"
        case "extra_forbidden":
            return f"unknown key; known: {', '.join(_known_keys(details['loc'], known))}"
        case "union_tag_not_found":
            return "required"
        case "union_tag_invalid":
            known_tags = _quoted(details, "expected_tags")
            return f"{_show(_tag(details))} is unknown; known: {known_tags}"
        case "literal_error":
            return f"expected {_quoted(details, 'expected')}; found {_show(found)}"
        case kind if kind in _EXPECTED:
            return f"expected {_expected(details)}, found {_found(found)}"
        case _:
            return details["msg"]


def _tag(details: ErrorDetails) -> object:
    found = cast("dict[str, object]", details["input"])
    try:
        return found[_discriminator(details)]
    except TypeError:  # no dict, but a model of another kind
        return _context(details, "tag")


def _expected(details: ErrorDetails) -> str:
    is_result = len(details["loc"]) > 1 and details["loc"][-2] in _RESULTS
    return "a string or a list of parts" if is_result else _EXPECTED[details["type"]]


def _known_keys(location: Location, known: Iterable[str]) -> Iterable[str]:
    return known if len(location) == 1 else _CLOSED[str(location[-2])].model_fields


def _context(details: ErrorDetails, key: str) -> str:
    return str(details.get("ctx", {})[key])


def _discriminator(details: ErrorDetails) -> str:
    return _context(details, "discriminator").strip("'")


def _quoted(details: ErrorDetails, key: str) -> str:
    return _context(details, key).replace("'", '"')


def _found(value: object) -> str:
    match value:
        case bool():
            return f"the boolean {_show(value)}"
        case int() | float():
            return f"the number {_show(value)}"
        case str():
            return f"the string {_show(value)}"
        case _:
            return _show(value)


def _show(value: object) -> str:
    """Return a value as JSON, or what kind of value it is where that would be long."""
    match value:
        case str() if len(value) > _SHOWN:
            return f"{json.dumps(value[:_SHOWN])}... ({len(value)} characters)"
        case int() if value.bit_length() > _SHOWN * 3:
            return f"of {value.bit_length()} bits"
        case None | bool() | int() | float() | str():
            return json.dumps(value)
        case dict():
            return "an object"
        case list():
            return "a list"
        case _:
            return f"a {type(value).__name__}"
