"""Log records whose body is the input and the output of a span, as AWS writes them.

Source: https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/observability.html. AWS
Distro for OpenTelemetry moves contents from spans to one log record per span, whose body is
`{"input": {"messages": [...]}, "output": {"messages": [...]}}`. The content of a message is text,
or an object with the text under `content` (input) or `message` (output). Strands writes the text
as JSON of Bedrock's blocks.
"""

from collections.abc import Sequence
from typing import Any, cast

from trace_assets.formats.otlp import said
from trace_assets.formats.otlp.dialect import Talk
from trace_assets.formats.otlp.neutral import Happened
from trace_assets.formats.otlp.said import Side
from trace_assets.formats.otlp.values import Attributes, opened


def is_exchange(event: Happened) -> bool:
    """True if the body of a log record is an input and an output with messages."""
    match event.attributes.get("body"):
        case {"input": {"messages": [*_]}, **rest} | {"output": {"messages": [*_]}, **rest}:
            return rest.keys() <= {"input", "output"}
        case _:
            return False


def talk(events: Sequence[Happened]) -> Talk:
    """The messages of all records, each side in the order of the records."""
    given = [one for event in events for one in _side(event, "input", "user")]
    made = [one for event in events for one in _side(event, "output", "assistant")]
    return Talk(given or None, made or None)


def about(event: Happened) -> Attributes:
    """What a record has besides its messages."""
    body: Attributes = {}
    for side, value in cast("Attributes", event.attributes["body"]).items():
        match value:
            case {"messages": [*_], **rest} if not rest:
                pass
            case {"messages": [*_], **rest}:
                body[side] = rest
            case _:
                body[side] = value
    own = {key: value for key, value in event.attributes.items() if key != "body"}
    return {**own, "body": body} if body else own


def is_of_tool(event: Happened) -> bool:
    """True if a log record has the input and the output of a tool: one message each, same id."""
    ids: list[Any] = []
    for side in ("input", "output"):
        match event.attributes["body"].get(side):
            case {"messages": [{"content": {"id": str(own)}}]}:
                ids.append(own)
            case _:
                return False
    return ids[0] == ids[1]


def marks(messages: Sequence[Any]) -> frozenset[str]:
    """What marks messages: their texts and the ids of their calls and results."""
    found: set[str] = set()
    for message in messages:
        match message:
            case {"content": [*blocks]}:
                found.update(filter(None, map(_mark, blocks)))
            case {"content": only} | only:
                found.update(filter(None, [_mark(only)]))
    return frozenset(found)


def _mark(block: Any) -> str | None:
    match block:
        case str(text) | {"text": str(text)}:
            return text.strip()
        case {"toolUse": {"toolUseId": str(own)}}:
            return f"call {own}"
        case {"toolResult": {"toolUseId": str(own)}}:
            return f"result {own}"
        case _:
            return None


def _side(event: Happened, key: str, side: Side) -> list[Any]:
    match event.attributes.get("body"):
        case {**body} if isinstance(value := body.get(key), dict):
            messages = cast("Attributes", value).get("messages")
            each = cast("list[Any]", messages) if isinstance(messages, list) else []
            return [one for message in each for one in _messages(message, side)]
        case _:
            return []


def _messages(given: Any, side: Side) -> list[Any]:
    message, text = _unwrapped(given, side)
    match opened(text):
        case [*blocks] if blocks and all(isinstance(block, dict) for block in blocks):
            return [{**message, "content": blocks}]
        case {**whole} if message["role"] == side and (found := said.readable(whole, side)):
            return found.messages if not found.rest else [{**message, "content": text}]
        case _:
            return [{**message, "content": text}]


def _unwrapped(given: Any, side: Side) -> tuple[Attributes, Any]:
    """A message without its content, and its content."""
    match given:
        case {"content": {"content": text, **inner}, **rest} | {
            "content": {"message": text, **inner},
            **rest,
        }:
            message: Attributes = {"role": side, **inner, **rest}
        case {"content": text, **rest}:
            message = {"role": side, **rest}
        case _:
            return {"role": side}, given
    if message["role"] == "tool" and "id" in message:
        message["tool_call_id"] = message.pop("id")
    return message, text


def ran(event: Happened) -> tuple[Any, Any, Any]:
    """The id, the arguments and the result of a tool's span; None for what it does not have."""
    call_id, found = None, list[Any]()
    for key, side in (("input", "user"), ("output", "assistant")):
        match event.attributes["body"].get(key):
            case {"messages": [only]}:
                message, text = _unwrapped(only, cast("Side", side))
                call_id = call_id or message.get("tool_call_id", message.get("id"))
                found.append(opened(text))
            case _:
                found.append(None)
    return call_id, found[0], found[1]
