"""The spans and log records of one trace, wherever they stood, as one trace."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from trace_assets import spans, vocabulary
from trace_assets.formats import Assembled, Converted, Copies, Part, Refused, UnknownShapeError
from trace_assets.formats.otlp import facts, logs, telemetry
from trace_assets.formats.otlp.copies import is_contained
from trace_assets.formats.otlp.handover import with_agents_moved
from trace_assets.formats.otlp.nesting import flattened
from trace_assets.formats.otlp.neutral import Log, Raw
from trace_assets.formats.otlp.records import SESSIONS, read, session_of
from trace_assets.formats.otlp.values import Attributes
from trace_assets.formats.otlp.wrapping import with_words
from trace_assets.reading import Record
from trace_assets.trace import build

COLUMNS = ("conversation_id", "user_id", "service_name", "root_span")


def convert(record: Record, context: Mapping[str, Any]) -> Converted:
    """A record that names no trace, as a trace by itself.

    Raises:
        UnknownShapeError: it is no span.
    """
    match read(record.value, context):
        case Raw() as raw:
            return _trace([raw], build.record_id(record.raw))
        case Log():
            raise UnknownShapeError(
                "",
                "a log record that names no trace and no conversation: what it belongs to is not "
                "known",
                reason="no_trace",
            )


def assemble(parts: Sequence[Part]) -> Iterator[Assembled | Copies | Refused]:
    """The trace that parts with one key are."""
    found: dict[int, Raw | Log] = {}
    for number, part in enumerate(parts):
        try:
            found[number] = read(part.record.value, part.context)
        except UnknownShapeError as error:
            yield Refused(number, error.reason, str(error), error.pointer)
    copies = _copies(found)
    if copies:
        yield Copies(copies)
        for number in copies:
            del found[number]
    if found:
        yield from _assembled(found)


def _assembled(found: Mapping[int, Raw | Log]) -> Iterator[Assembled | Refused]:
    """Build the trace of spans and log records. Telemetry events without contents are refused."""
    trace_id = next(map(_key, found.values()))
    only_logs = [one for one in found.values() if isinstance(one, Log)]
    if len(only_logs) < len(found) or not telemetry.is_session(only_logs):
        yield Assembled(_trace(logs.joined(found.values()), trace_id), _lead_first(found))
        return
    session = telemetry.session(only_logs)
    if session.has_content:
        yield Assembled(_trace(session.spans, trace_id), [*found])
        return
    for number in found:
        yield Refused(number, "no_conversation", _NOTHING_RECORDED, "")


_NOTHING_RECORDED = "telemetry events of a session without a prompt, a response or a tool call"


def _key(one: Raw | Log) -> str:
    return one.trace_id or (session_of(one) if isinstance(one, Log) else "")


def _copies(found: Mapping[int, Raw | Log]) -> list[int]:
    """The records of spans that another record of the same span says more of, or the same.

    Exporters send a span again: unfinished at first, or because the answer was lost.
    """
    by_id: dict[str, list[int]] = {}
    for number, one in found.items():
        if isinstance(one, Raw) and one.id:
            by_id.setdefault(one.id, []).append(number)
    copies: list[int] = []
    for numbers in by_id.values():
        kept: list[int] = []
        for number in numbers:
            place = _place_among(number, kept, found, copies)
            if place is None:
                kept.append(number)
            elif place >= 0:
                kept[place] = number
    return copies


def _place_among(
    number: int, kept: list[int], found: Mapping[int, Any], copies: list[int]
) -> int | None:
    """Where to keep a record instead of one that it contains; -1 if one contains it already."""
    for place, other in enumerate(kept[:_COMPARED]):
        if is_contained(found[number], found[other]):
            copies.append(number)
            return -1
        if is_contained(found[other], found[number]):
            copies.append(other)
            return place
    return None


_COMPARED = 8
"""With how many records of one span id another one is compared: more are no exporter's doing."""


def _lead_first(found: Mapping[int, Raw | Log]) -> list[int]:
    """The records in order, the one of the root span first."""
    ids = {one.id for one in found.values() if isinstance(one, Raw)}
    roots = (
        number for number, one in found.items() if isinstance(one, Raw) and one.parent_id not in ids
    )
    lead = next(roots, next(iter(found)))
    return [lead, *(number for number in found if number != lead)]


# --- the trace -------------------------------------------------------------------------------


class _About(NamedTuple):
    """What the spans of a trace say of the whole."""

    conversation_id: str | None
    user_id: str | None
    service_name: str | None
    root_span: str | None


def _trace(raws: Sequence[Raw], trace_id: str) -> Converted:
    raws, resources = _with_resources(raws)
    read = with_words(with_agents_moved([facts.read(raw) for raw in raws]))
    each = [facts.span(one) for one in read]
    made = spans.events_of(each, trace_id)
    named = [raw._replace(attributes=flattened(raw.attributes)) for raw in raws]
    about = _about(named)
    metadata = {"trace_id": trace_id, **made.metadata}
    if not metadata.get("agent"):
        metadata.pop("agent", None)
    if "agent" not in metadata and (agent := next(filter(None, (one.agent for one in read)), None)):
        metadata["agent"] = agent
    if tags := _tags(named):
        metadata["tags"] = tags
    extra: dict[str, Any] = {}
    if resources:
        extra["resources"] = resources
    if made.repeated:
        extra["repeated_messages"] = made.repeated
    if made.defects:
        extra["span_defects"] = made.defects
    metadata["extra"] = extra
    return Converted(
        {
            "FORMAT": "open_responses",
            "items": made.items,
            "metadata": metadata,
            "events": made.events,
        },
        about._asdict(),
    )


def _with_resources(raws: Sequence[Raw]) -> tuple[Sequence[Raw], list[Attributes]]:
    """Everything that sent spans of the trace, once; of several, each span says which."""
    found: dict[bytes, Attributes] = {}
    keys = [build.encode(raw.resource) if raw.resource else b"" for raw in raws]
    for key, raw in zip(keys, raws, strict=True):
        if key:
            found.setdefault(key, raw.resource)
    if len(found) > 1:
        numbers = {key: number for number, key in enumerate(found)}
        raws = [
            raw._replace(rest={**raw.rest, "resource": numbers[key]}) if key else raw
            for key, raw in zip(keys, raws, strict=True)
        ]
    return raws, [*found.values()]


def _about(raws: Sequence[Raw]) -> _About:
    ids = {raw.id for raw in raws}
    root = next((raw for raw in raws if raw.parent_id not in ids), raws[0])
    return _About(
        _first(raws, SESSIONS),
        _first(raws, vocabulary.USER),
        _first(raws, ("service.name",)),
        root.name or None,
    )


def _first(raws: Sequence[Raw], names: Sequence[str]) -> str | None:
    """The first id under these names, the most certain name first."""
    wanted = frozenset(names)
    sources = [
        source
        for raw in raws
        for source in (raw.attributes, raw.rest, raw.resource)
        if not wanted.isdisjoint(source)  # nearly all hold none
    ]
    found = (vocabulary.find_id(source, (name,)) for name in names for source in sources)
    return next(filter(None, found), None)


def _tags(raws: Sequence[Raw]) -> list[str]:
    """The tags of the root spans; where these have none, those of the others."""
    ids = {raw.id for raw in raws}
    roots = [raw for raw in raws if raw.parent_id not in ids]
    for each in (roots, raws):
        sources = [source for raw in each for source in (raw.rest, raw.attributes)]
        if found := vocabulary.find_tags(*sources):
            return found
    return []
