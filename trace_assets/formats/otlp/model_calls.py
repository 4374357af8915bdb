"""The call of a model in a span: its messages, model, usage and tools."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from trace_assets import chat
from trace_assets.formats.otlp import content, messages
from trace_assets.formats.otlp.choices import choices
from trace_assets.formats.otlp.dialect import Dialect, Talk
from trace_assets.formats.otlp.neutral import Happened
from trace_assets.formats.otlp.read_span import ReadSpan
from trace_assets.formats.otlp.values import Attributes, opened, opened_text
from trace_assets.spans import ModelCall


def read(span: ReadSpan) -> ReadSpan:
    """Read a span of a model call."""
    found = _messages(span, [dialect.talk for dialect in span.spoken])
    model, left = _named_model(span.spoken, found.left)
    usage: dict[str, Any] = {}
    tools: list[Any] = []
    for dialect in span.spoken:
        usage = usage or dialect.usage(left)
        tools = tools or dialect.tools(left)
    call = ModelCall(model, found.talk.inputs or (), found.talk.outputs or (), usage or None, tools)
    return span._replace(left=_with_about(left, found), call=call, events=found.events)


def around(span: ReadSpan, *, needs_both: bool) -> ReadSpan | None:
    """Read what went into a span and came out of it as a model call. Returns None if it cannot be.

    This is used where no model call inside the span has messages.
    """
    found = _messages(span, [dialect.around for dialect in span.spoken])
    talk = found.talk
    if not talk or (needs_both and not (talk.inputs and talk.outputs)):
        return None
    model, left = _named_model(span.spoken, found.left)
    call = span.call if isinstance(span.call, ModelCall) else ModelCall(model)
    call = call._replace(inputs=talk.inputs or (), outputs=talk.outputs or ())
    return span._replace(left=_with_about(left, found), call=call, events=found.events)


class _Found(NamedTuple):
    """The messages of a span, and what is left of its attributes and events."""

    talk: Talk
    left: Attributes
    events: list[Happened]
    about: list[Any]
    """What the events of messages say besides their messages."""
    empty: dict[str, list[Any]]
    """Messages without content, by the side that has them."""
    others: Sequence[Any] = ()
    """Choices besides the answer."""


def _messages(span: ReadSpan, readers: Iterable[Callable[[Attributes], Talk]]) -> _Found:
    """Read the messages of a span from the first dialect that has some, or from its events."""
    found = _all_messages(span, readers)
    answer, others = choices(found.talk.outputs or ())
    talk = found.talk._replace(outputs=[*answer] or None)
    return found._replace(talk=talk, others=others) if others else found


def _all_messages(span: ReadSpan, readers: Iterable[Callable[[Attributes], Talk]]) -> _Found:
    left, talk, empty = _first_talk(readers, span.left)
    if not span.events:
        return _Found(talk, left, span.events, [], empty)
    found, others, about = messages.said_in(span.events)
    in_events, more = _with_content(found)
    if found and goes_with(in_events, talk):
        talk = Talk(talk.inputs or in_events.inputs, talk.outputs or in_events.outputs)
        empty = {side: empty.get(side, []) + more.get(side, []) for side in {**empty, **more}}
        return _Found(talk, left, others, about, empty)
    return _Found(talk, left, span.events, [], empty)


def _first_talk(
    readers: Iterable[Callable[[Attributes], Talk]], left: Attributes
) -> tuple[Attributes, Talk, dict[str, list[Any]]]:
    """Read the first dialect that has messages; another dialect may add the other side.

    A dialect whose messages have no content is skipped, and its attributes stay.
    """
    talk = Talk()
    empty: dict[str, list[Any]] = {}
    for read_side in readers:
        trial = dict(left)
        found, without = _with_content(read_side(trial))
        if found and goes_with(found, talk):
            left, talk = trial, Talk(talk.inputs or found.inputs, talk.outputs or found.outputs)
            empty |= without
        if talk.inputs and talk.outputs:
            break
    return left, talk, empty


def _with_content(talk: Talk) -> tuple[Talk, dict[str, list[Any]]]:
    given, made = content.read(talk.inputs or ()), content.read(talk.outputs or ())
    empty = {"inputs": given.empty, "outputs": made.empty}
    return (
        Talk(given.messages or None, made.messages or None),
        {side: each for side, each in empty.items() if each},
    )


def goes_with(found: Talk, talk: Talk) -> bool:
    """True if no side has messages in both."""
    return not (found.inputs and talk.inputs) and not (found.outputs and talk.outputs)


def _with_about(left: Attributes, found: _Found) -> Attributes:
    """The attributes with what is known about messages that are read, or have no content."""
    about = [*left.get("message_events", []), *found.about]
    own = {
        "message_events": about,
        "messages_without_content": found.empty,
        "other_choices": [_plain(each) for each in found.others],
    }
    return {**left, **{key: value for key, value in own.items() if value}}


def _plain(message: Any) -> Any:
    """A message as JSON; pieces as their fields."""
    match message:
        case [*pieces]:
            return [_plain(piece) for piece in pieces]
        case chat.Said() | chat.Called() | chat.Answered() | chat.Custom():
            return message._asdict()
        case _:
            return message


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
