"""The content blocks of Amazon Bedrock's Converse API.

Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ContentBlock.html.
A block has no type: its one key tells what it is. Plain text reads like Gemini's.
"""

from typing import Any

from trace_assets.chat import content
from trace_assets.chat.piece import Answered, Called
from trace_assets.trace import build

_MEDIA = {"image": "image", "video": "video", "document": "application", "audio": "audio"}


def block(_role: str, value: dict[str, Any]) -> content.Part | Called | Answered | None:
    """One content block."""
    match value:
        case {"toolUse": {"toolUseId": original_id, "name": str(name), **inner}, **rest}:
            arguments = inner.pop("input", "")
            return Called(original_id, name, arguments, build.joined(rest, inner, prefix="call_"))
        case {"toolResult": {"toolUseId": original_id, **inner}, **rest}:
            returned = inner.pop("content", "")
            rest = build.joined(rest, inner, prefix="result_")
            is_error = inner.get("status") == "error"
            return Answered(original_id, None, _returned(returned), is_error, rest)
        case {"reasoningContent": {"reasoningText": {"text": str(thought), **inner}}, **rest}:
            return content.reasoning(thought, build.joined(rest, inner, prefix="reasoning_"))
        case {"reasoningContent": {**hidden}, **rest}:
            return content.reasoning("", build.joined(rest, hidden, prefix="reasoning_"))
        case _:
            return _media(value)


def _returned(value: Any) -> Any:
    """What a tool returned: of one value, the value itself."""
    match value:
        case [{"json": only, **rest}] if not rest:
            return only
        case _:
            return value


def _media(value: dict[str, Any]) -> content.Part | None:
    key = next((key for key in _MEDIA if isinstance(value.get(key), dict)), None)
    if key is None:
        return None
    media: dict[str, Any] = value[key]
    around = {name: each for name, each in value.items() if name != key}
    rest = build.joined(around, media, prefix=f"{key}_")
    kind = _MEDIA[key]
    match media:
        case {"source": {"bytes": str(data), **source}, "format": str(exact)}:
            rest["source"] = source
            return content.media(f"{kind}/{exact}", rest, url=None, data=data)
        case {"source": {"s3Location": {"uri": str(url), **location}, **source}}:
            rest["source"] = {**source, "s3Location": location}
            return content.media(kind, rest, url=url, data=None)
        case {"source": _} if kind == "image":
            return content.image(None, rest)
        case {"source": _}:
            return content.file({"type": key, **rest})
        case _:
            return None
