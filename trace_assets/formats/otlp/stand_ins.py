"""Spans for the log records whose own spans are not in the log.

AWS AgentCore writes the contents of each span in one log record; people often export these runtime
logs without the spans. The body of a record says if it was the call of a model or of a tool. The
record of a span around a model call repeats its answer: it is then the parent of this call.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from trace_assets.formats.otlp import exchanges
from trace_assets.formats.otlp.neutral import Happened, Log, Raw
from trace_assets.formats.otlp.records import SESSIONS
from trace_assets.formats.otlp.values import Attributes
from trace_assets.spans import Time

WITHOUT_SPAN = "logs"
"""The id of the span that holds the log records that name a trace and no span in it."""


def stand_ins(logs: Mapping[str, Sequence[Log]]) -> list[Raw]:
    """Spans for log records, by the id of their span."""
    made = [_span(span_id, each) for span_id, each in logs.items()]
    parents = _parents([_Call.of(raw) for raw in made if raw.attributes.get(_OPERATION) == _CHAT])
    starts = _starts(made, parents)
    return [
        raw._replace(
            parent_id=parents.get(raw.id, ""),
            start=starts.get(raw.id, raw.start),
            attributes=_without_operation(raw) if raw.id in starts else raw.attributes,
        )
        for raw in made
    ]


def _span(span_id: str, logs: Sequence[Log]) -> Raw:
    """One span; it begins and ends with its records."""
    happened = in_time(log.what for log in logs)
    times = [one.time for one in happened if one.time is not None]
    start, end = (times[0], times[-1]) if times else (None, None)
    resource = next((log.resource for log in logs if log.resource), Attributes())
    own, name = (span_id, "") if span_id else (WITHOUT_SPAN, WITHOUT_SPAN)
    attributes = {**_operation(happened), **_session(happened)} if span_id else Attributes()
    return Raw(
        logs[0].trace_id, own, "", name, start, end, attributes, happened, None, {}, resource
    )


def in_time(events: Iterable[Happened]) -> list[Happened]:
    """Events in the order of their times, if all have one."""
    happened = [*events]
    if all(isinstance(one.time, int) for one in happened):
        happened.sort(key=lambda one: one.time if isinstance(one.time, int) else 0)
    return happened


def _operation(events: Sequence[Happened]) -> Attributes:
    match [event for event in events if exchanges.is_exchange(event)]:
        case [event] if exchanges.is_of_tool(event):
            return {_OPERATION: "execute_tool"}
        case [event] if all(exchanges.talk([event])):
            return {_OPERATION: _CHAT}
        case _:
            return {}


def _session(events: Sequence[Happened]) -> Attributes:
    """The id of the session, where a record has one: spans have it among their attributes."""
    for key in SESSIONS:
        for event in events:
            if event.attributes.get(key):
                return {key: event.attributes[key]}
    return {}


_OPERATION = "gen_ai.operation.name"
_CHAT = "chat"


def _without_operation(raw: Raw) -> Attributes:
    return {key: value for key, value in raw.attributes.items() if key != _OPERATION}


# --- spans around model calls ----------------------------------------------------------------


class _Call(NamedTuple):
    """A model call, or a span around one, by what marks its messages."""

    id: str
    end: Time
    given: frozenset[str]
    made: frozenset[str]

    @classmethod
    def of(cls, raw: Raw) -> "_Call":
        talk = exchanges.talk([event for event in raw.events if exchanges.is_exchange(event)])
        given, made = exchanges.marks(talk.inputs or ()), exchanges.marks(talk.outputs or ())
        return cls(raw.id, raw.end, given, made)


def _parents(calls: Sequence[_Call]) -> dict[str, str]:
    """The span around each call, by ids: the next one whose messages the call has all."""
    by_mark: dict[str, list[_Call]] = {}
    parents: dict[str, str] = {}
    for call in sorted(calls, key=_end):
        marks = sorted(call.made)
        for inner in by_mark.get(marks[0], [])[-_COMPARED:] if marks else []:
            is_around = call.made <= inner.made and call.given <= inner.given
            if is_around and inner.id not in parents:
                parents[inner.id] = call.id
        for mark in marks:
            by_mark.setdefault(mark, []).append(call)
    return parents


def _starts(made: Sequence[Raw], parents: Mapping[str, str]) -> dict[str, Time]:
    """When the spans around calls began: with the first call inside. Inner spans end first."""
    starts: dict[str, Time] = {}
    for raw in sorted(made, key=lambda raw: raw.end if isinstance(raw.end, int) else 0):
        if raw.id in parents:
            starts.setdefault(parents[raw.id], starts.get(raw.id, raw.start))
    return starts


_COMPARED = 8
"""With how many calls with the same answer a call is compared."""


def _end(call: _Call) -> int:
    return call.end if isinstance(call.end, int) else 0
