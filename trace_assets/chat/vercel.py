"""The parts of the AI SDK: model messages (`tool-call`) and UI messages (`tool-<name>`).

Source: https://ai-sdk.dev/docs/reference/ai-sdk-core/model-message and
https://ai-sdk.dev/docs/reference/ai-sdk-core/ui-message; `tool-invocation` is that of version 4.
A part of a UI message is a call with its result, as far as its `state` says there is one.
"""

from typing import Any

from trace_assets.chat import content
from trace_assets.chat.piece import Answered, Called
from trace_assets.trace import build

_NO_RESULT = frozenset(("call", "partial-call", "input-streaming", "input-available"))


def block(
    _role: str, value: dict[str, Any]
) -> content.Part | Called | Answered | tuple[Called, Answered] | None:
    """One part."""
    match value:
        case {"type": "tool-call", "toolName": str(name), **rest}:
            arguments = rest.pop("input", rest.pop("args", ""))
            return Called(rest.pop("toolCallId", None), name, arguments, rest)
        case {"type": "tool-result" | "tool-error" as kind, "toolName": str(name), **rest}:
            return _result(kind, name, rest)
        case {"type": "tool-invocation", "toolInvocation": {"toolName": str(name), **inner}}:
            rest = {key: each for key, each in value.items() if key not in ("type", _INVOCATION)}
            return _invocation(name, build.joined(inner, rest, prefix="part_"))
        case {"type": "dynamic-tool", "toolName": str(name), **rest}:
            return _invocation(name, {"type": "dynamic-tool", **rest})
        case {"type": str(kind), "toolCallId": original_id, **rest} if kind.startswith("tool-"):
            rest["toolCallId"] = original_id
            return _invocation(kind.removeprefix("tool-"), rest)
        case _:
            return _reasoning(value) or _media(value)


def _reasoning(value: dict[str, Any]) -> content.Part | None:
    match value:
        case {"type": "reasoning", "text": str(thought), **rest}:
            return content.reasoning(thought, rest)
        case {"type": "reasoning", "reasoning": str(thought), **rest}:
            return content.reasoning(thought, rest)
        case {"type": "redacted-reasoning", "data": _}:
            return content.reasoning("", value)
        case _:
            return None


_INVOCATION = "toolInvocation"


def _result(kind: str, name: str, rest: dict[str, Any]) -> Answered:
    key = next((key for key in ("output", "result", "error") if key in rest), None)
    output = "" if key is None else rest.pop(key)
    is_error = kind == "tool-error" or rest.get("isError") is True
    match output:
        case {"type": str(shape), "value": value, **inner}:
            output, rest["output"] = value, {"type": shape, **inner}
            is_error = is_error or shape.startswith("error")
        case _:
            pass
    if kind == "tool-error":
        rest["type"] = kind
    return Answered(rest.pop("toolCallId", None), name, output, is_error, rest)


def _invocation(name: str, rest: dict[str, Any]) -> Called | tuple[Called, Answered]:
    """A call, with its result if there is one; the residue is the call's."""
    original_id = rest.pop("toolCallId", None)
    arguments = rest.pop("input", rest.pop("args", rest.get("rawInput", "")))
    error = rest.pop("errorText", None)
    key = next((key for key in ("output", "result") if key in rest), None)
    output = rest.pop(key) if key else error
    called = Called(original_id, name, arguments, rest)
    if (key is None and error is None) or rest.get("state") in _NO_RESULT:
        if output is not None:
            rest[key or "errorText"] = output
        return called
    residue = {"errorText": error} if key and error is not None else {}
    return called, Answered(original_id, None, output, error is not None, residue)


def _media(value: dict[str, Any]) -> content.Part | None:
    """A file or an image: data, or an address that may be a data URL."""
    match value:
        case {"type": "file" | "image" as kind, "data": str(where), **rest}:
            pass
        case {"type": "file" | "image" as kind, "image": str(where), **rest}:
            pass
        case {"type": "file" | "image" as kind, "url": str(where), **rest}:
            pass
        case _:
            return None
    mime = next((rest[key] for key in _MIME if isinstance(rest.get(key), str)), None)
    is_address = where.startswith(("data:", "http:", "https:")) or "url" in value
    mime = mime or ("image" if kind == "image" else None)
    url, data = (where, None) if is_address else (None, where)
    return content.media(mime, rest, url=url, data=data)


_MIME = ("mediaType", "mimeType", "media_type", "mime_type")
