"""Telling steps apart by their attributes, with rules that an owner declares.

    {attribute: "input_messages[0].content", contains_str: "Summarize"}

A path is keys joined by dots, with `[i]` into lists. Where keys hold dots themselves, as those of
OpenTelemetry do, the longest key that is there counts: `metadata.attributes.gen_ai.system`.
"""

import re
from typing import Any, Self, cast

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from trace_assets.trace.build import json_text


class Missing:
    """What is at a path that leads nowhere. It is not null, and matches nothing."""


MISSING = Missing()

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")


def _steps(path: str) -> list[str | int]:
    """The keys and indices of a path.

    Raises:
        ValueError: the text is no path.
    """
    steps: list[str | int] = []
    at = 0
    while found := _STEP.match(path, at):
        steps.append(found[1] if found[1] is not None else int(found[2]))
        at = found.end()
    if at != len(path) or not steps or path.startswith("."):
        raise ValueError(
            f"{path!r} is no path; expected keys joined by dots and [i] into lists, such as "
            "input_messages[0].content"
        )
    return steps


def value_at(value: Any, path: str) -> Any:
    """The value that a path leads to, or `MISSING`.

    >>> value_at({"attributes": {"gen_ai.system": ["a", "b"]}}, "attributes.gen_ai.system[1]")
    'b'
    """
    steps = _steps(path)
    while steps:
        key = steps[0]
        match value:
            case dict() if isinstance(key, str):
                value, used = _longest(cast("dict[str, Any]", value), steps)
                if not used:
                    return MISSING
                steps = steps[used:]
            case list() if isinstance(key, int) and key < len(cast("list[Any]", value)):
                value, steps = cast("list[Any]", value)[key], steps[1:]
            case _:
                return MISSING
    return value


def _longest(value: dict[str, Any], steps: list[str | int]) -> tuple[Any, int]:
    """The value under the longest key that the first steps spell, and how many those are."""
    keys: list[str] = []
    for step in steps:
        if isinstance(step, int):
            break
        keys.append(step)
    for used in range(len(keys), 0, -1):
        key = ".".join(keys[:used])
        if key in value:
            return value[key], used
    return None, 0


class AttributeMatcher(BaseModel, frozen=True):
    """Whether a step has an attribute of a kind; exactly one of the three tests is given.

    An attribute that is missing matches nothing, and null contains no text: where other tools read
    it as the text `None`, a search for that word finds what is not there.
    """

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    attribute: str
    """The path from the step to the value."""

    equals_value: Any = None
    """The value itself; `null` matches a null that is there."""

    contains_str: str | None = None
    """A part of the text, upper and lower case told apart; of what is no text, of its JSON."""

    matches_regex: str | None = None
    """A regular expression that is found anywhere in the text."""

    @field_validator("attribute")
    @classmethod
    def _is_path(cls, path: str) -> str:
        _steps(path)
        return path

    @field_validator("matches_regex")
    @classmethod
    def _is_regex(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"no regular expression: {error}") from error
        return pattern

    @model_validator(mode="after")
    def _has_one_test(self) -> Self:
        tests = {"equals_value", "contains_str", "matches_regex"} & self.model_fields_set
        if len(tests) != 1:
            found = " and ".join(sorted(tests)) or "none"
            raise ValueError(
                f"expected one of equals_value, contains_str, matches_regex; found {found}"
            )
        return self

    def matches(self, step: dict[str, Any]) -> bool:
        """Whether a step, as JSON, has the attribute as the rule wants it."""
        value = value_at(step, self.attribute)
        if isinstance(value, Missing):
            return False
        if "equals_value" in self.model_fields_set:
            return _equal(value, self.equals_value)
        if value is None:
            return False
        text = json_text(value)
        if self.contains_str is not None:
            return self.contains_str in text
        return re.search(self.matches_regex or "", text) is not None


def _equal(value: Any, wanted: Any) -> bool:
    """Equality of JSON: `true` is not 1."""
    return isinstance(value, bool) == isinstance(wanted, bool) and value == wanted
