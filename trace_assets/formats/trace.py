"""Traces: rows of a dataset with a column `trace`, and traces alone, as this project writes them.

Source: https://www.openresponses.org and seed 003 of this project, the Trace of LatticeFlow AI GO!,
whose tutorial on converting logs (seed 000) writes such rows.
Observed: one row per line; a trace per line, or in a file of its own; lists of both; traces of
items, and of items and events. Typed constructors whose dumps leave defaults out write items
without `type`, messages without `role` and traces without `FORMAT`: what the shape of a trace tells
is filled in, and `metadata.extra.repaired` counts it; a trace that leaves it open is quarantined.
The same tutorial gives a call and its output one item id, and the SDK writes messages with the id
"": an id that is empty or repeats in its trace becomes `<trace_id>:<index>`, the item keeps the old
one as `original_id`, and the trace has the tag `replaced_item_id`.
Residue: the row's other columns are in `metadata.extra.row`; `source_type` and `source_uri`, which
say where this file is, are kept as `original_source_type` and `original_source_uri` there.
Dropped on purpose: nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from trace_assets import vocabulary
from trace_assets.formats import Claim, Converted, Format, UnknownShapeError
from trace_assets.guards import Kinds, texts_at
from trace_assets.reading import Record, Shape
from trace_assets.trace import build
from trace_assets.trace.explicit import gaps
from trace_assets.trace.item_ids import ORIGINAL, free_id, new_item_ids
from trace_assets.trace.marks import REPLACED_ITEM_ID

_FORMATS = ("open_responses", "latticeflow")
_OURS = ("source_type", "source_uri")
"""What conversion itself says of a trace."""


def detect(documents: Sequence[Any]) -> Claim | None:
    """Claim rows with a trace in them, and traces, by `FORMAT` or by their items."""
    claims = (_claim(document) for document in documents)
    return next(filter(None, claims), None)


def _claim(document: Any) -> Claim | None:
    match document:
        case [{**first}, *_] if not _is_item(first):
            return _claim(first)
        case {"trace": {"FORMAT": str(named)}} if named in _FORMATS:
            return Claim(3, f"a column `trace` with the FORMAT `{named}`")
        case {"FORMAT": str(named), "items": _} if named in _FORMATS:
            return Claim(3, f"a trace with the FORMAT `{named}`")
        case {"trace": {"items": [item, *_]}} if _is_item(item):
            return Claim(3, "a column `trace` with items")
        case {"items": [item, *_]} if _is_item(item) and "object" not in document:
            return Claim(2, "an object with the items of a trace")
        case _:
            return None


def _is_item(value: Any) -> bool:
    match value:
        case {"type": "message", "content": list()} | {"id": _, "status": _, "content": list()}:
            return True
        case {"call_id": _, "arguments": _} | {"call_id": _, "output": _}:
            return True
        case {"type": "custom_task_input_message" | "custom_task_output_message"}:
            return True
        case _:
            return False


def convert(record: Record, _context: Mapping[str, Any]) -> Converted:
    """A row or a trace as a trace. The record's value is used up: its dicts become the trace's."""
    value, row, place = _trace_of(record.value)
    trace: dict[str, Any] = {"FORMAT": "open_responses", **value}
    metadata = _object(trace.get("metadata"), f"{place}/metadata")
    extra = _object(metadata.get("extra"), f"{place}/metadata/extra")
    trace_id = metadata.get("trace_id") or row.get("trace_id")
    metadata["trace_id"] = trace_id if isinstance(trace_id, str) else build.record_id(record.raw)
    if trace_id is not None and trace_id != metadata["trace_id"]:
        extra = build.joined(extra, {"original_trace_id": trace_id}, prefix="trace_")
    repaired = _repair(trace, place, metadata["trace_id"])
    if "FORMAT" not in value:
        repaired["FORMAT"] = 1
    tags = vocabulary.find_tags(row)
    if _replace_ids(trace, metadata["trace_id"]):
        tags.append(REPLACED_ITEM_ID)
    if tags:
        _add_tags(metadata, tags, f"{place}/metadata/tags")
    said: dict[str, Any] = {
        f"original_{key}": metadata.pop(key) for key in _OURS if metadata.get(key) is not None
    }
    if row:
        said["row"] = row
    if repaired:
        said["repaired"] = repaired
    metadata["extra"] = build.joined(extra, said, prefix="row_")
    if not metadata["extra"]:
        del metadata["extra"]
    trace["metadata"] = metadata
    return Converted(trace, {})


def _trace_of(value: Any) -> tuple[dict[str, Any], dict[str, Any], str]:
    """The trace of a record, the columns beside it, and where it stands."""
    match value:
        case {"trace": {"items": list()} as trace, **row}:
            return cast("dict[str, Any]", trace), row, "/trace"
        case {"items": list()}:
            return cast("dict[str, Any]", value), {}, ""
        case {"trace": _}:
            raise UnknownShapeError("/trace", "expected a trace: an object with a list `items`")
        case _:
            raise UnknownShapeError("", "expected a trace, or a row with a column `trace`")


def _object(value: Any, pointer: str) -> dict[str, Any]:
    match value:
        case None:
            return {}
        case {**found}:
            return cast("dict[str, Any]", found)
        case _:
            raise UnknownShapeError(pointer, "expected an object or null")


def _repair(trace: dict[str, Any], place: str, trace_id: str) -> dict[str, int]:
    """Fill in what the trace leaves unsaid; how often each key was missing."""
    found = [gap for gap in gaps(trace) if gap.path]
    if not found:
        return {}
    for gap in found:
        if gap.value is None and gap.key != "id":
            pointer = place + "".join(f"/{step}" for step in gap.path)
            raise UnknownShapeError(pointer, str(gap), reason="unsaid")
    events = trace.get("events")
    listed = cast("list[Any]", events) if isinstance(events, list) else []
    taken = {event["id"] for event in listed if _has_id(event)}
    for gap in found:
        part: Any = trace
        for step in gap.path:
            part = part[step]
        _fill(part, gap.key, gap.value or free_id(f"{trace_id}:e{gap.path[-1]}", taken))
    return dict(sorted(Counter(gap.key for gap in found).items()))


def _has_id(event: Any) -> bool:
    match event:
        case {"id": str()}:
            return True
        case _:
            return False


def _replace_ids(trace: dict[str, Any], trace_id: str) -> bool:
    """Make the ids of the items unique, in place. Returns whether one was replaced."""
    ids = new_item_ids(trace, trace_id)
    for at, new in ids.items():
        item: dict[str, Any] = trace["items"][at]
        old = {ORIGINAL: item["id"]} if item.get("id") is not None else {}
        kept = {key: value for key, value in item.items() if key not in ("type", "id")}
        kind = {"type": item["type"]} if "type" in item else {}
        item.clear()
        item.update({**kind, "id": new, **build.joined(kept, old, prefix="row_")})
    return bool(ids)


def _add_tags(metadata: dict[str, Any], more: Sequence[str], pointer: str) -> None:
    match metadata.get("tags"):
        case None:
            metadata["tags"] = [*more]
        case [*tags]:
            metadata["tags"] = list(dict.fromkeys([*tags, *more]))
        case _:
            raise UnknownShapeError(pointer, "expected a list of tags or null")


def _fill(part: dict[str, Any], key: str, value: str) -> None:
    """Say what is missing, before everything else that the part says."""
    whole = {key: value, **{name: each for name, each in part.items() if name != key}}
    part.clear()
    part.update(whole)


KNOWN_KINDS = frozenset(
    (
        "message",
        "function_call",
        "function_call_output",
        "custom_task_input_message",
        "custom_task_output_message",
    )
)
"""The types of items."""


def kinds_of(value: Any) -> Iterable[str]:
    """The types of the items of a trace."""
    yield from texts_at(value, ("items", "*", "type"))
    yield from texts_at(value, ("trace", "items", "*", "type"))


FORMAT = Format(
    name="trace",
    spec_url="https://www.openresponses.org",
    detect=detect,
    shape=Shape(),
    convert=convert,
    columns=(),
    docs=__doc__ or "",
    kinds=Kinds(KNOWN_KINDS, kinds_of),
)
