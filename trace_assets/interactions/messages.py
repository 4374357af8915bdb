"""Items of a trace, as messages that a person annotates."""

from collections.abc import Iterable
from typing import Any, cast

from trace_assets import vocabulary
from trace_assets.enrich.usage import input_tokens, output_tokens, total
from trace_assets.interactions.model import Message, TokenUsage
from trace_assets.reading.embedded import embedded_json

Item = dict[str, Any]
"""An item of a trace that loads in the model, as JSON has it."""

_PLAIN = frozenset(("type", "text", "annotations"))


def message_of(item: Item) -> Message:
    """An item as a message; calls and their outputs are messages whose content is JSON."""
    match item:
        case {"type": "message", "role": str(role), "content": content}:
            return Message(role=role, content=content_of(content))
        case {"type": "function_call", "call_id": call_id, "name": name, "arguments": text}:
            call = {"type": "function_call", "call_id": call_id, "name": name}
            return Message(role="assistant", content={**call, "arguments": parsed(text)})
        case {"type": "function_call_output", "call_id": call_id, "output": output}:
            told = {"type": "function_call_output", "call_id": call_id}
            return Message(role="tool", content={**told, "output": parsed(output)})
        case {"type": "custom_task_output_message", "content": content}:
            return Message(role="assistant", content=content)
        case _:
            return Message(role="user", content=item.get("content"))


def messages_of(items: Iterable[Item]) -> list[Message] | None:
    """Items as messages; None where there are none, which says that nothing is known of any."""
    return [message_of(item) for item in items] or None


def content_of(parts: list[Item]) -> Any:
    """The text of a message that is only text, else its parts as they are."""
    match parts:
        case [{"type": "input_text" | "output_text" | "text", "text": str(text), **rest}]:
            is_plain = rest.keys() <= _PLAIN and not rest.get("annotations")
            return text if is_plain else parts
        case _:
            return parts


def parsed(value: Any) -> Any:
    """JSON in a text as the value that it is, so that its parts can be matched; else as it is.

    >>> parsed('{"line": 7}'), parsed("7 lines"), parsed("007")
    ({'line': 7}, '7 lines', '007')
    """
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    return embedded_json(value, default=value)


def usage_of(counts: Any) -> TokenUsage | None:
    """The tokens of a usage object under the names of any provider; None where it has none."""
    usage = total(input_tokens([counts]), output_tokens([counts]), ())
    if usage.input_tokens is None and usage.output_tokens is None:
        return None
    return TokenUsage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        total_tokens=usage.total_tokens,
    )


def provider_of(*places: Any) -> str | None:
    """The provider that a log names; a model's name is no proof of one."""
    objects = [cast("dict[str, Any]", place) for place in places if isinstance(place, dict)]
    named = (found.get(name) for found in objects for name in vocabulary.PROVIDER)
    return next((value for value in named if isinstance(value, str) and value), None)
