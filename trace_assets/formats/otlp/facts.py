"""One span read in all the dialects that it speaks."""

from collections.abc import Iterable, Sequence

from trace_assets.formats.otlp import messages, model_calls, tool_calls
from trace_assets.formats.otlp.dialect import Dialect, text
from trace_assets.formats.otlp.dialects import DIALECTS
from trace_assets.formats.otlp.nesting import flattened
from trace_assets.formats.otlp.neutral import Happened, Kind, Raw
from trace_assets.formats.otlp.read_span import ReadSpan
from trace_assets.formats.otlp.values import Attributes
from trace_assets.spans import Note, Span
from trace_assets.trace import build


def read(raw: Raw) -> ReadSpan:
    """Read a span. What no dialect takes out of its attributes is left."""
    left, events = messages.with_details(flattened(dict(raw.attributes)), raw.events)
    roots = {name.partition(".")[0] for name in left}
    spoken = [dialect for dialect in DIALECTS if not roots.isdisjoint(dialect.roots)]
    kind = _kind(spoken, left, events)
    found = ReadSpan(raw, kind, spoken, left, events, None, _agent(spoken, left))
    if kind == "model":
        return model_calls.read(found)
    return tool_calls.read(found) if kind == "tool" else found


def span(one: ReadSpan) -> Span:
    """A span as `spans` wants it."""
    raw = one.raw
    is_agent = one.kind == "agent"
    name = one.agent if is_agent and one.agent else raw.name
    own = {"span_name": raw.name} if name != raw.name else {}
    own |= {"span": raw.rest} if raw.rest else {}
    return Span(
        id=raw.id,
        name=name,
        parent_id=raw.parent_id,
        span_type="agent" if is_agent else None,
        start=raw.start,
        end=raw.end,
        error=_why(one),
        call=one.call,
        notes=[Note(event.name, event.time, event.attributes) for event in one.events],
        metadata=build.joined(one.left, own, prefix="otlp_"),
    )


# --- kinds -----------------------------------------------------------------------------------


def _kind(spoken: Iterable[Dialect], left: Attributes, events: Sequence[Happened]) -> Kind:
    for dialect in spoken:
        if kind := dialect.kind(left):
            return kind
    for dialect in spoken:
        if kind := dialect.guess(left):
            return kind
    return "model" if any(map(messages.is_message, events)) else "other"


def _agent(spoken: Iterable[Dialect], left: Attributes) -> str | None:
    for dialect in spoken:
        if name := dialect.agent(left):
            return name
    return None


def _why(one: ReadSpan) -> str | None:
    """Why a span failed; where its status does not say, what its exception or attributes say."""
    if one.raw.error is None:
        found = (dialect.error(one.left) for dialect in one.spoken)
        return next(filter(None, found), None)
    if one.raw.error:
        return one.raw.error
    for event in reversed(one.raw.events):
        if isinstance(why := event.attributes.get("exception.message"), str) and why:
            return why
    return text(one.left, "error.message", "error.type", "exception.message") or "error"
