"""One span read in all the dialects that it speaks."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from trace_assets.formats.otlp import messages
from trace_assets.formats.otlp.dialect import Dialect, Ran, Talk, text
from trace_assets.formats.otlp.dialects import DIALECTS
from trace_assets.formats.otlp.nesting import flattened
from trace_assets.formats.otlp.neutral import Happened, Kind, Raw
from trace_assets.formats.otlp.values import Attributes, opened, opened_text
from trace_assets.spans import ModelCall, Note, Span, ToolCall
from trace_assets.spans.times import timestamp
from trace_assets.trace import build


class Told(NamedTuple):
    """A span, and what its attributes say of it."""

    raw: Raw
    kind: Kind
    spoken: Sequence[Dialect]
    left: Attributes
    """The attributes that are mapped to nothing so far."""
    events: list[Happened]
    """The events that are no messages of `call`."""
    call: ModelCall | ToolCall | None
    agent: str | None
    """Whose work it is, where it says so."""

    @property
    def has_words(self) -> bool:
        """Whether it is a call of a model whose messages are there."""
        return isinstance(self.call, ModelCall) and bool(self.call.inputs or self.call.outputs)


def told(raw: Raw) -> Told:
    """Read a span. What no dialect takes out of its attributes is left."""
    left, events = _with_details(flattened(dict(raw.attributes)), raw.events)
    roots = {name.partition(".")[0] for name in left}
    spoken = [dialect for dialect in DIALECTS if not roots.isdisjoint(dialect.roots)]
    kind = _kind(spoken, left, events)
    found = Told(raw, kind, spoken, left, events, None, _agent(spoken, left))
    if kind == "model":
        return _model(found)
    return _tool(found) if kind == "tool" else found


def span(told: Told) -> Span:
    """A span as `spans` wants it."""
    raw = told.raw
    is_agent = told.kind == "agent"
    name = told.agent if is_agent and told.agent else raw.name
    own = {"span_name": raw.name} if name != raw.name else {}
    own |= {"span": raw.rest} if raw.rest else {}
    return Span(
        id=raw.id,
        name=name,
        parent_id=raw.parent_id,
        span_type="agent" if is_agent else None,
        start=raw.start,
        end=raw.end,
        error=_why(told),
        call=told.call,
        notes=[Note(event.name, event.time, event.attributes) for event in told.events],
        metadata=build.joined(told.left, own, prefix="otlp_"),
    )


def around(told: Told, *, needs_both: bool) -> Told | None:
    """A span that is no call, read as one of what went into it and came out; None if it cannot be.

    Where no call of a model inside tells what was said, this is all that is known of it.
    """
    left, talk = _first_talk([dialect.around for dialect in told.spoken], told.left)
    about: list[Any] = []
    events = told.events
    if not talk:
        talk, events, about = _said_in_events(events)
    if not talk or (needs_both and not (talk.inputs and talk.outputs)):
        return None
    model, left = _named_model(told.spoken, left)
    left = {**left, "message_events": about} if about else left
    call = ModelCall(model, talk.inputs or (), talk.outputs or ())
    return told._replace(left=left, call=call, events=events)


# --- kinds -----------------------------------------------------------------------------------


def _kind(spoken: Iterable[Dialect], left: Attributes, events: Sequence[Happened]) -> Kind:
    for dialect in spoken:
        if kind := dialect.kind(left):
            return kind
    for dialect in spoken:
        if kind := dialect.guess(left):
            return kind
    return "model" if any(event.name in messages.MESSAGES for event in events) else "other"


def _agent(spoken: Iterable[Dialect], left: Attributes) -> str | None:
    for dialect in spoken:
        if name := dialect.agent(left):
            return name
    return None


# --- calls of models -------------------------------------------------------------------------


def _model(told: Told) -> Told:
    left, talk = _first_talk([dialect.talk for dialect in told.spoken], told.left)
    events, about = told.events, list[Any]()
    found, others, described = _said_in_events(events)
    if _goes_with(found, talk):
        talk = Talk(talk.inputs or found.inputs, talk.outputs or found.outputs)
        events, about = others, described
    model, left = _named_model(told.spoken, left)
    usage: dict[str, Any] = {}
    tools: list[Any] = []
    for dialect in told.spoken:
        usage = usage or dialect.usage(left)
        tools = tools or dialect.tools(left)
    if about:
        left["message_events"] = about
    call = ModelCall(model, talk.inputs or (), talk.outputs or (), usage or None, tools)
    return told._replace(left=left, call=call, events=events)


def _first_talk(
    tellers: Iterable[Callable[[Attributes], Talk]], left: Attributes
) -> tuple[Attributes, Talk]:
    """What was said, from the first dialect that tells; another one may add the other side."""
    talk = Talk()
    for tell in tellers:
        trial = dict(left)
        found = tell(trial)
        if found and _goes_with(found, talk):
            left, talk = trial, Talk(talk.inputs or found.inputs, talk.outputs or found.outputs)
        if talk.inputs and talk.outputs:
            break
    return left, talk


def _goes_with(found: Talk, talk: Talk) -> bool:
    """Whether neither side is told twice: then the second telling stays what it is."""
    return not (found.inputs and talk.inputs) and not (found.outputs and talk.outputs)


def _named_model(spoken: Iterable[Dialect], left: Attributes) -> tuple[str | None, Attributes]:
    """The model, and the attributes without those that name it so."""
    names = [name for dialect in spoken for name in dialect.models]
    found = {name: opened_text(left[name]) for name in names if isinstance(left.get(name), str)}
    model = next((value for value in found.values() if isinstance(value, str) and value), None)
    if model is None:
        return _set_model(spoken, left), left
    same = {name for name, value in found.items() if value == model}
    return model, {name: value for name, value in left.items() if name not in same}


def _set_model(spoken: Iterable[Dialect], left: Attributes) -> str | None:
    """The model that the settings of a call name."""
    for name in (name for dialect in spoken for name in dialect.settings):
        match opened(left.get(name)):
            case {"model": str(model)} | {"model_name": str(model)} if model:
                return model
            case _:
                pass
    return None


# --- calls of tools --------------------------------------------------------------------------


def _tool(told: Told) -> Told:
    ran, left = Ran(), told.left
    for dialect in told.spoken:
        trial = dict(left)
        found = dialect.ran(trial)
        ran = Ran(
            *(own if own is not None else other for own, other in zip(ran, found, strict=True))
        )
        for name in left.keys() - trial.keys():
            if not any(left[name] is value for value in ran):
                trial[name] = left[name]
        left = trial
    events, about, (arguments, result) = _ran_in_events(told.events, ran)
    if about:
        left["message_events"] = about
    call = ToolCall(
        ran.name or told.raw.name.removeprefix("execute_tool "),
        ran.call_id,
        arguments if ran.arguments is None else ran.arguments,
        result if ran.result is None else ran.result,
    )
    return told._replace(left=left, call=call, events=events)


def _ran_in_events(
    events: list[Happened], ran: Ran
) -> tuple[list[Happened], list[Any], tuple[Any, Any]]:
    """What a tool was given and returned where events tell it, as Strands does."""
    given = [event for event in events if event.name == "gen_ai.tool.message"]
    made = [event for event in events if event.name == "gen_ai.choice"]
    if len(given) > 1 or len(made) > 1 or not given + made:
        return events, [], (None, None)
    if (given and ran.arguments is not None) or (made and ran.result is not None):
        return events, [], (None, None)
    others = [event for event in events if event not in given and event not in made]
    arguments = messages.content(given[0]) if given else None
    result = messages.content(made[0]) if made else None
    about = [
        {**_about(event), **{k: v for k, v in event.attributes.items() if k not in _WORDS}}
        for event in given + made
    ]
    return others, about, (arguments, result)


_WORDS = frozenset(("content", "message"))


# --- events ----------------------------------------------------------------------------------


def _with_details(left: Attributes, events: list[Happened]) -> tuple[Attributes, list[Happened]]:
    """The attributes with those of the event that stands in for them."""
    if not any(event.name == messages.DETAILS for event in events):
        return left, events
    left, kept = dict(left), list[Happened]()
    about: list[Any] = []
    for event in events:
        if event.name != messages.DETAILS or about:
            kept.append(event)
            continue
        given = flattened(dict(event.attributes))
        body = given.pop("body", None)
        given |= body if isinstance(body, dict) else {} if body is None else {"body": body}
        again = {name: value for name, value in given.items() if left.get(name, value) != value}
        left = given | left
        about.append({**_about(event), **again})
    return {**left, "message_events": about}, kept


def _said_in_events(
    events: list[Happened],
) -> tuple[Talk, list[Happened], list[dict[str, Any]]]:
    """What was said in events, the other events, and what the messages' events say beside."""
    told = [event for event in events if event.name in messages.MESSAGES]
    if not told:
        return Talk(), events, []
    others = [event for event in events if event.name not in messages.MESSAGES]
    return (
        messages.from_events(told),
        others,
        [{**_about(event), **messages.about(event)} for event in told],
    )


def _about(event: Happened) -> dict[str, Any]:
    stamp = timestamp(event.time)
    time = event.time if stamp is None else stamp
    return {"name": event.name} | ({} if time is None else {"time": time})


def _why(told: Told) -> str | None:
    """Why a span failed; where its status does not say, what its exception or attributes say."""
    if told.raw.error != "":
        return told.raw.error
    for event in reversed(told.raw.events):
        if isinstance(why := event.attributes.get("exception.message"), str) and why:
            return why
    return text(told.left, "error.message", "error.type", "exception.message") or "error"
