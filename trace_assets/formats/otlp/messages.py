"""Messages that are events of a span, or log records that name it: the conventions up to 1.36.

Source: https://github.com/open-telemetry/semantic-conventions, `docs/gen-ai/gen-ai-events.md` of
version 1.36 and before. The message is in attributes of the event, in the body of the log record,
or as JSON in the attribute `gen_ai.event.content` (Azure). Google ADK writes Gemini's contents as
the body. From version 1.37 on, one event has the attributes of the span. Strands writes it twice:
once with the input and once with the output.
"""

from collections.abc import Sequence
from typing import Any, cast

from trace_assets.formats.otlp import exchanges, said
from trace_assets.formats.otlp.content import is_placeholder
from trace_assets.formats.otlp.dialect import Talk
from trace_assets.formats.otlp.nesting import flattened
from trace_assets.formats.otlp.neutral import Happened
from trace_assets.formats.otlp.values import Attributes, opened
from trace_assets.spans.times import timestamp

_ROLES = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}
_CHOICE = "gen_ai.choice"
_PROMPT = "gen_ai.content.prompt"
_COMPLETION = "gen_ai.content.completion"

MESSAGES = frozenset((*_ROLES, _CHOICE, _PROMPT, _COMPLETION))
"""The names of events that are messages."""

DETAILS = "gen_ai.client.inference.operation.details"
"""The name of the event that has the attributes of a span, where the span shall not have them."""

_ABOUT = frozenset(("gen_ai.system", "gen_ai.provider.name", "event.name", "event.domain", "log"))
"""What an event says beside its message."""


def is_message(event: Happened) -> bool:
    """True if the name of an event says that it is a message."""
    return event.name in MESSAGES


def with_details(left: Attributes, events: list[Happened]) -> tuple[Attributes, list[Happened]]:
    """Add the attributes of the events that have those of the span.

    An event that has another value for a message attribute stays an event.
    """
    if not any(event.name == DETAILS for event in events):
        return left, events
    left, kept = dict(left), list[Happened]()
    described: list[Any] = []
    for event in events:
        given = _details(event) if event.name == DETAILS else {}
        again = {name: value for name, value in given.items() if left.get(name, value) != value}
        if event.name != DETAILS or not _MESSAGE_ATTRIBUTES.isdisjoint(again):
            kept.append(event)
            continue
        left = given | left
        described.append({**when(event), **again})
    return {**left, **({"message_events": described} if described else {})}, kept


_MESSAGE_ATTRIBUTES = frozenset(("gen_ai.input.messages", "gen_ai.output.messages"))


def _details(event: Happened) -> Attributes:
    given = flattened(dict(event.attributes))
    body = given.pop("body", None)
    return given | (body if isinstance(body, dict) else {} if body is None else {"body": body})


def said_in(events: list[Happened]) -> tuple[Talk, list[Happened], list[dict[str, Any]]]:
    """The messages in events, the other events, and what the messages' events have besides."""
    found = [event for event in events if is_message(event)]
    if found:
        described = [{**when(event), **about(event)} for event in found]
        return from_events(found), [each for each in events if not is_message(each)], described
    whole = [event for event in events if exchanges.is_exchange(event)]
    if not whole:
        return Talk(), events, []
    talk = exchanges.talk(whole)
    others = [event for event in events if not exchanges.is_exchange(event)]
    return talk, others, [{**when(event), **exchanges.about(event)} for event in whole]


def when(event: Happened) -> dict[str, Any]:
    """The name and the time of an event."""
    stamp = timestamp(event.time)
    time = event.time if stamp is None else stamp
    return {"name": event.name} | ({} if time is None else {"time": time})


def from_events(events: Sequence[Happened]) -> Talk:
    """What a model was given and made, told by events in their order."""
    given: list[Any] = []
    made: list[Any] = []
    for event in events:
        if event.name in (_CHOICE, _COMPLETION):
            made += _messages(event)
        else:
            given += _messages(event)
    return Talk(given or None, made or None)


def about(event: Happened) -> dict[str, Any]:
    """What an event says beside its message."""
    return {key: value for key, value in event.attributes.items() if key in _ABOUT}


def content(event: Happened) -> Any:
    """The words alone, as a tool's span has them."""
    message = _body(event)
    found = message.get("message", message.get("content"))
    return None if is_placeholder(found) else found


def _messages(event: Happened) -> list[Any]:
    body = _body(event)
    match event.name:
        case "gen_ai.content.prompt":
            return _listed(body, "gen_ai.prompt", "user")
        case "gen_ai.content.completion":
            return _listed(body, "gen_ai.completion", "assistant")
        case "gen_ai.choice":
            return [_answer(body)]
        case name:
            return [_message({"role": _ROLES.get(name, "user"), **body})]


def _body(event: Happened) -> Attributes:
    """The message in an event, wherever it is written."""
    own = {key: value for key, value in event.attributes.items() if key not in _ABOUT}
    for key in ("gen_ai.event.content", "event_body", "body"):
        inner = opened(own.get(key))
        if isinstance(inner, dict):
            del own[key]
            own = {**own, **cast("Attributes", inner)}
    if "body" in own and "content" not in own and "message" not in own:
        own["content"] = own.pop("body")
    return own


def _listed(body: Attributes, key: str, side: said.Side) -> list[Any]:
    found = said.listed(body.get(key), side)
    if not found:
        return [{"role": side, **body}]
    rest = {name: value for name, value in body.items() if name != key}
    if rest and isinstance(found[0], dict):
        found[0] = {**rest, **cast("Attributes", found[0])}
    return found


def _answer(body: Attributes) -> Any:
    match body:
        case {"message": message, **rest}:
            pass
        case rest:
            message = {}
    match opened(message):
        case {} as inner:
            return _message({"role": "assistant", **rest, **cast("Attributes", inner)})
        case words:
            return _message({"role": "assistant", "content": words, **rest})


def _with_results(message: Attributes) -> Any:
    """A tool's message; one event may have the results of several calls as JSON (Strands)."""
    match opened(message.get("content")):
        case [{"toolResult": _}, *_] as results if "tool_call_id" not in message:
            return {**message, "content": results}
        case _:
            return message


def _message(message: Attributes) -> Any:
    """A message whose calls and content parts may be JSON in a text."""
    if "tool_calls" in message:
        message["tool_calls"] = opened(message["tool_calls"])
    match message:
        case {"content": {"parts": [*_], **inner}, **rest}:  # Gemini's content, whose role is right
            return {**rest, **message["content"], "role": inner.get("role") or message["role"]}
        case _:
            pass
    if message["role"] == "tool":
        if "id" in message and "tool_call_id" not in message:
            message["tool_call_id"] = message.pop("id")
        return _with_results(message)
    parts = opened(message.get("content"))
    match parts:
        case {"text": {"value": str()}}:  # a content of Azure's agents
            parts = [{"type": "text", **parts}]
        case _:
            pass
    if isinstance(parts, list) and all(isinstance(one, dict) for one in cast("list[Any]", parts)):
        message["content"] = parts
    return message
