"""Tags by which a person picks the steps worth looking at: the log's own, and a few of ours."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Self, cast

from trace_assets.interactions.match import AttributeMatcher
from trace_assets.interactions.model import Message
from trace_assets.interactions.sketch import Sketch
from trace_assets.trace.build import json_text


class Tags(NamedTuple):
    """The tags that all steps of a trace share."""

    of_log: dict[str, str]

    @classmethod
    def of_trace(cls, metadata: dict[str, Any]) -> Self:
        """Those of the trace: its own, those of its source, and the rules that it bends."""
        return cls(as_tags(metadata.get("tags")))


def as_tags(value: Any) -> dict[str, str]:
    """A log's tags, as text under names: readers refuse a tag that is no text.

    A name in a list is a tag with the value `true`.

    >>> as_tags(["urgent"]), as_tags({"attempt": 2, "eval": True, "note": None})
    ({'urgent': 'true'}, {'attempt': '2', 'eval': 'true', 'note': 'null'})
    """
    match value:
        case dict():
            given = cast("dict[str, Any]", value)
            return {name: json_text(each) for name, each in given.items()}
        case list():
            return {json_text(each): "true" for each in cast("list[Any]", value) if each != ""}
        case None | "":
            return {}
        case _:
            return {json_text(value): "true"}


def step_tags(
    fields: dict[str, Any],
    sketch: Sketch,
    tags: Tags,
    roles: Mapping[str, Sequence[AttributeMatcher]],
) -> dict[str, str]:
    """All tags of a step: the log's own, then `status`, `span_kind` and the roles that it plays.

    Where the log has a tag of one of our names, it keeps it as `log.<name>`.
    """
    log = tags.of_log | as_tags(sketch.tags)
    ours = {"status": sketch.status, "span_kind": sketch.kind}
    kept = {f"log.{name}" if name in ours else name: value for name, value in log.items()}
    own: dict[str, str] = {**kept, **ours}
    if roles:
        step = _as_json(fields | {"tags": own})
        own |= {
            name: "true" for name, rules in roles.items() if any(r.matches(step) for r in rules)
        }
    return own


def _as_json(fields: dict[str, Any]) -> dict[str, Any]:
    """What rules look at: messages as objects, as they will be written."""
    plain = dict(fields)
    for name in ("input_messages", "output_messages"):
        messages = cast("list[Message] | None", plain[name])
        plain[name] = messages and [dict(message) for message in messages]
    usage = plain["usage"]
    plain["usage"] = usage and dict(usage)
    return plain
