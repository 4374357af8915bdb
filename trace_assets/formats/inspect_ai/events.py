"""The events of a sample as spans.

Events come in one list, each with the id of the span that it happened in. Before there were spans,
steps began and ended around events, and a tool's or subtask's event held those inside it.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from trace_assets.formats.inspect_ai.attachments import Attachments
from trace_assets.formats.inspect_ai.contexts import Pool, answer, read
from trace_assets.formats.inspect_ai.messages import content
from trace_assets.spans import ModelCall, Note, Span, ToolCall

Event = dict[str, Any]


_UNNAMED = "event:"
"""What the ids of calls and subtasks begin with that have none."""


def is_unnamed(span: Span) -> bool:
    """Whether a span is a call or a subtask of the logs that give these no id."""
    return str(span.id).startswith(_UNNAMED)


class _Level:
    """A list of events that is being read: the sample's own, or that inside an event."""

    def __init__(self, events: Sequence[Any], parent: str) -> None:
        self.events = iter(events)
        self.steps = [parent]
        """The steps that are open, the innermost one last; before them, what holds the events."""


class _Begun(NamedTuple):
    """A span that began; its notes and what its end says are added as they come."""

    span: Span
    notes: list[Note]
    end: Event


def spans_of(
    events: Sequence[Any], root: Span, *, pool: Pool, attachments: Attachments
) -> list[Span]:
    """Return the root, and below it a span for each span, step, model call and tool call."""
    reader = _Reader(root, pool, attachments)
    levels = [_Level(events, str(root.id))]
    while levels:
        event = next(levels[-1].events, None)
        if event is None:
            levels.pop()
        elif inside := reader.read(event, levels[-1]):
            levels.append(inside)
    return reader.spans()


class _Reader:
    def __init__(self, root: Span, pool: Pool, attachments: Attachments) -> None:
        self.pool = pool
        self.attachments = attachments
        self.begun = [_Begun(root, [], {})]
        self.by_id = {str(root.id): self.begun[0]}
        self.count = 0

    def spans(self) -> list[Span]:
        return [_ended(*begun) for begun in self.begun]

    def read(self, event: Any, level: _Level) -> _Level | None:
        """Read an event; what it has inside comes next."""
        self.count += 1
        match event:
            case {"event": "span_begin", "id": str(), **_rest}:
                self.begin(dict(event), level)
            case {"event": "span_end", "id": str(name), **rest} if name in self.by_id:
                self.by_id[name].end.update(rest)
            case {"event": "step", "action": "begin", **rest}:
                level.steps.append(self.step(rest, level))
            case {"event": "step", "action": "end", **rest} if len(level.steps) > 1:
                self.by_id[level.steps.pop()].end.update(rest)
            case {"event": "model", **rest}:
                self.model(rest, level)
            case {"event": "tool", "function": str(name), **rest}:
                return self.tool(name, rest, level)
            case {"event": "subtask", "name": str(name), **rest}:
                return self.subtask(name, rest, level)
            case _:
                self.note(event, level)
        return None

    def add(self, span: Span) -> str:
        begun = _Begun(span, [], {})
        self.begun.append(begun)
        self.by_id[str(span.id)] = begun
        return str(span.id)

    def begin(self, rest: Event, level: _Level) -> None:
        name = rest.pop("name") if isinstance(rest.get("name"), str) else None
        kind = rest.pop("type") if isinstance(rest.get("type"), str) else None
        if kind == "tool":
            kind = "function_call"  # the word for what has a conversation of its own
        own, parent = rest.pop("id"), rest.pop("parent_id", None)
        if rest.get("span_id") == own:
            del rest["span_id"]
        known = parent if isinstance(parent, str) and parent else level.steps[-1]
        if parent is not None and not isinstance(parent, str):
            rest["parent_id"] = parent
        del rest["event"]
        start = _taken_time(rest, "timestamp")
        self.add(Span(own, name or "", known, kind, start, metadata=rest))

    def step(self, rest: Event, level: _Level) -> str:
        name = rest.pop("name") if isinstance(rest.get("name"), str) else ""
        kind = rest.pop("type") if isinstance(rest.get("type"), str) else None
        parent, start = self.parent(rest, level), _taken_time(rest, "timestamp")
        return self.add(Span(f"step:{self.count}", name, parent, kind, start, metadata=rest))

    def parent(self, rest: Event, level: _Level) -> str:
        """Take the span that an event happened in."""
        match rest.get("span_id"):
            case str(span) if span:
                del rest["span_id"]
                return span
            case _:
                return level.steps[-1]

    def called(self, rest: Event, level: _Level) -> dict[str, Any]:
        """Take what all events with a beginning and an end have in common."""
        own = rest.pop("uuid") if isinstance(rest.get("uuid"), str) else None
        return {
            "id": own or f"{_UNNAMED}{self.count}",
            "parent_id": self.parent(rest, level),
            "start": _taken_time(rest, "timestamp"),
            "end": _taken_time(rest, "completed"),
        }

    def model(self, rest: Event, level: _Level) -> None:
        span = self.called(rest, level)
        inputs = self.inputs(rest)
        model = rest.pop("model") if isinstance(rest.get("model"), str) else None
        error = rest.pop("error") if isinstance(rest.get("error"), str) else None
        tools = _taken_list(rest, "tools")
        if inputs is None:  # what it made would stand beside the conversation, not in it
            call = ModelCall(model, (), (), _taken_usage(rest), tools)
        else:
            made = answer(self.attachments.resolve(rest.pop("output", None)))
            call = ModelCall(model, inputs, made.messages, made.usage, tools, made.rest)
        self.add(Span(name=model or "model", error=error, call=call, metadata=rest, **span))

    def inputs(self, rest: Event) -> list[Any] | None:
        """Take what a model was given; None where it cannot be told."""
        match rest:
            case {"input": [_, *_] as given}:
                del rest["input"]
                return [read(one) for one in self.attachments.resolve(given)]
            case {"input_refs": refs} if refs is not None:
                found = self.pool.context(refs)
                if found is not None:
                    rest.pop("input", None)
                    del rest["input_refs"]
                return found
            case {"input": []}:
                del rest["input"]
                return []
            case _:
                return []

    def tool(self, name: str, rest: Event, level: _Level) -> _Level | None:
        span = self.called(rest, level)
        inside = _taken_list(rest, "events")
        if rest.get("type") == "function":
            del rest["type"]
        error = _taken_error(rest)
        call = ToolCall(
            name,
            original_call_id=rest.pop("id", None),
            arguments=self.attachments.resolve(rest.pop("arguments", None)),
            result=content(self.attachments.resolve(rest.pop("result", None))),
            error=error,
            agent=rest.pop("agent") if isinstance(rest.get("agent"), str) else None,
        )
        own = self.add(Span(name=name, call=call, metadata=rest, **span))
        return _Level(inside, own) if inside else None

    def subtask(self, name: str, rest: Event, level: _Level) -> _Level | None:
        span = self.called(rest, level)
        inside = _taken_list(rest, "events")
        kind = rest.pop("type") if isinstance(rest.get("type"), str) else "subtask"
        own = self.add(Span(name=name, span_type=kind, metadata=rest, **span))
        return _Level(inside, own) if inside else None

    def note(self, event: Any, level: _Level) -> None:
        """Keep any other event with the span that it happened in."""
        match event:
            case {"event": str(kind), **rest}:
                pass
            case {**rest}:
                kind = "event"
            case _:
                kind, rest = "event", {"event": event}
        parent = self.by_id.get(str(rest.get("span_id")))
        if parent is None:
            parent = self.by_id[level.steps[-1]]
        else:
            del rest["span_id"]
        time = _taken_time(rest, "timestamp")
        error = _taken_error(rest) if kind == "error" else None
        parent.notes.append(Note(kind, time, rest, error))


def _ended(span: Span, notes: list[Note], end: Event) -> Span:
    """A span with its notes, and with what is said of it at its end."""
    time = _taken_time(end, "timestamp")
    if end.get("span_id") == span.id:
        del end["span_id"]
    metadata = {**(span.metadata or {}), "span_end": end} if end else span.metadata
    return span._replace(notes=notes, end=time or span.end, metadata=metadata)


def _taken_time(rest: Event, key: str) -> str | None:
    return rest.pop(key) if isinstance(rest.get(key), str) else None


def _taken_list(rest: Event, key: str) -> list[Any]:
    match rest.get(key):
        case [*each]:
            del rest[key]
            return each
        case _:
            return []


def _taken_usage(rest: Event) -> dict[str, Any] | None:
    """Take the counts out of what a model made."""
    match rest.get("output"):
        case {"usage": {**usage}, **others}:
            rest["output"] = others
            return usage
        case _:
            return None


def _taken_error(rest: Event) -> str | None:
    """Take the words of an error; what else it says stays."""
    match rest.get("error"):
        case {"message": str(message), **others}:
            if others:
                rest["error"] = others
            else:
                del rest["error"]
            return message
        case _:
            return None


def first_time(events: Sequence[Any]) -> str | None:
    """When the first event happened."""
    return next(_times(events), None)


def last_time(events: Sequence[Any]) -> str | None:
    """When the last event that says so ended."""
    return next(_times(events[::-1], "completed"), None)


def _times(events: Sequence[Any], *better: str) -> Iterator[str]:
    for event in events:
        for key in (*better, "timestamp"):
            match event:
                case {**fields} if isinstance(time := fields.get(key), str) and time:
                    yield time
                    break
                case _:
                    pass


def with_compactions(events: list[Event]) -> list[Event]:
    """The events of a trace, those that tell of a shorter context as the kind that they are."""
    return [_compaction(event) or event for event in events]


def _compaction(event: Event) -> Event | None:
    match event:
        case {
            "type": "custom",
            "name": "compaction",
            "data": {"type": "summary" | "trim" as strategy, **data},
            **own,
        }:
            counts = {
                key: data.pop(key)
                for key in ("tokens_before", "tokens_after")
                if type(data.get(key)) is int
            }
            kept = {"metadata": data} if data else {}
            return {**own, "type": "compaction", "strategy": strategy, **counts, **kept}
        case _:
            return None
