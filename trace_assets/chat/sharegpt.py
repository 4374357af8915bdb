"""ShareGPT conversations: `{from, value}`, as training sets are written.

Source: https://github.com/hiyouga/LLaMA-Factory, `data/README.md`: calls are JSON text of one or
several `{name, arguments}`, observations their results. None has an id.
"""

from typing import Any

from trace_assets.chat import content, openai
from trace_assets.chat.piece import Called
from trace_assets.reading.embedded import embedded_json
from trace_assets.trace.build import Json

CALLS = frozenset(("function_call", "tool_call", "functioncall"))
"""The words for who calls, lower-cased."""


def block(role: str, value: dict[str, Any]) -> content.Part | Called | None:
    """One part of a content list whose parts have a `value`."""
    match value:
        case {"type": "text", "value": str(said), **rest}:
            return content.text(role, said, rest)
        case {"type": "reasoning", "value": str(thought), **rest}:
            return content.reasoning(thought, rest)
        case {"type": "image_url", "value": str(url), **rest}:
            return content.image(url, rest)
        case {"type": "tool_call", "value": called, **rest}:
            match calls(called):
                case [only]:
                    return only._replace(rest={**only.rest, **rest})
                case _:
                    return None
        case _:
            return None


def calls(value: Any) -> list[Called] | None:
    """The calls that a value holds, as JSON or as text of JSON; None if it holds none."""
    decoded: Json = _decoded(value)
    each: list[Any] = decoded if isinstance(decoded, list) else [decoded]
    found = [openai.call(one) for one in each]
    return [call for call in found if call is not None] if found and None not in found else None


def _decoded(value: Any) -> Any:
    return embedded_json(value) if isinstance(value, str) else value
