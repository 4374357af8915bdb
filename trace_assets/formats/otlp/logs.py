"""Log records joined with the spans of their trace.

A log record that names a span belongs to it. Messages in records that name no span belong to the
model call that they describe, if it is certain which one that is. All other records get a span of
their own.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from trace_assets.formats.otlp import exchanges, facts, messages
from trace_assets.formats.otlp.neutral import Happened, Log, Raw
from trace_assets.formats.otlp.stand_ins import in_time, stand_ins

_ANSWERS = frozenset(("gen_ai.choice", "gen_ai.content.completion"))


def joined(found: Iterable[Raw | Log]) -> list[Raw]:
    """The spans, each with its log records; the other records in spans of their own."""
    raws: list[Raw] = []
    logs: dict[str, list[Log]] = {}
    for one in found:
        if isinstance(one, Raw):
            raws.append(one)
        else:
            logs.setdefault(one.span_id, []).append(one)
    if not logs:
        return raws
    with_logs = [
        raw._replace(events=raw.events + _in_time(logs.pop(raw.id))) if raw.id in logs else raw
        for raw in raws
    ]
    if "" in logs and with_logs:
        with_logs = _with_messages(with_logs, logs)
    return with_logs + stand_ins(logs)


def _in_time(logs: Iterable[Log]) -> list[Happened]:
    return in_time(log.what for log in logs)


# --- messages that name no span --------------------------------------------------------------


def _with_messages(raws: list[Raw], logs: dict[str, list[Log]]) -> list[Raw]:
    """Add messages that name no span to the model calls without messages, and take them out."""
    said = [log for log in logs[""] if _has_messages(log.what)]
    calls = _silent_calls(raws) if said else []
    groups = _groups(_in_time(said), calls)
    if not groups:
        return raws
    others = [log for log in logs.pop("") if not _has_messages(log.what)]
    if others:
        logs[""] = others
    events = {call.id: group for call, group in zip(calls, groups, strict=True)}
    return [raw._replace(events=raw.events + events.get(raw.id, [])) for raw in raws]


def _has_messages(event: Happened) -> bool:
    is_whole = event.name == messages.DETAILS or exchanges.is_exchange(event)
    return is_whole or messages.is_message(event)


def _silent_calls(raws: Sequence[Raw]) -> list[Raw]:
    """The innermost model calls without messages, in the order of their starts."""
    read = [facts.read(raw) for raw in raws]
    silent = [one.raw for one in read if one.kind == "model" and not one.has_words]
    around = {raw.parent_id for raw in silent}
    return sorted((raw for raw in silent if raw.id not in around), key=_start)


def _start(raw: Raw) -> tuple[bool, Any]:
    return (False, raw.start) if isinstance(raw.start, int) else (True, 0)


def _groups(events: Sequence[Happened], calls: Sequence[Raw]) -> list[list[Happened]]:
    """The messages of each call; empty if it is not certain which ones these are.

    It is certain for one call, for as many answers as calls, and by the times of the calls.
    """
    if not calls:
        return []
    if len(calls) == 1:
        return [[*events]]
    groups = _by_answers(events)
    return groups if len(groups) == len(calls) else _by_times(events, calls)


def _by_answers(events: Sequence[Happened]) -> list[list[Happened]]:
    """Messages up to and including each answer; one answer may be several events."""
    groups: list[list[Happened]] = [[]]
    for event in events:
        if groups[-1] and groups[-1][-1].name in _ANSWERS and event.name not in _ANSWERS:
            groups.append([])
        groups[-1].append(event)
    is_whole = all(group and group[-1].name in _ANSWERS for group in groups)
    return groups if is_whole else []


def _by_times(events: Sequence[Happened], calls: Sequence[Raw]) -> list[list[Happened]]:
    """Messages by the one call that was running."""
    groups: list[list[Happened]] = [[] for _ in calls]
    for event in events:
        running = [place for place, call in enumerate(calls) if _is_during(event, call)]
        if len(running) != 1:
            return []
        groups[running[0]].append(event)
    return groups


def _is_during(event: Happened, call: Raw) -> bool:
    match call.start, event.time, call.end:
        case int(start), int(time), int(end):
            return start <= time <= end
        case _:
            return False
