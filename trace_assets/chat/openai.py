"""OpenAI chat completions, and the many servers that speak them.

Source: https://platform.openai.com/docs/api-reference/chat; `reasoning_content` is DeepSeek's and
vLLM's, `reasoning` and `reasoning_details` OpenRouter's, calls without `function` LangChain's,
Inspect's and the AI SDK's.
"""

from typing import Any

from trace_assets.chat import content
from trace_assets.chat.piece import Called
from trace_assets.trace import build


def block(role: str, value: dict[str, Any]) -> content.Part | None:
    """One part of a message's `content`."""
    match value:
        case {"type": "text" | "input_text" | "output_text", "text": str(said), **rest}:
            return content.text(role, said, rest)
        case {"type": "text", "text": {"value": str(said), **inner}, **rest}:
            return content.text(role, said, build.joined(rest, inner, prefix="text_"))
        case {"type": "image_url", "image_url": {"url": str(url), **inner}, **rest}:
            return content.image(url, build.joined(inner, rest, prefix="part_"))
        case {"type": "image_url", "image_url": str(url), **rest}:
            return content.image(url, rest)
        case {"type": "video_url", "video_url": {"url": str(url), **inner}, **rest}:
            return content.video(url, build.joined(inner, rest, prefix="part_"))
        case {"type": "input_audio" | "audio_url" | "file" as kind, **rest} if kind in rest:
            return _file(kind, rest)
        case {"type": "refusal", "refusal": str(words), **rest}:
            return content.refusal(words, rest)
        case _:
            return None


def _file(kind: str, rest: dict[str, Any]) -> content.Part | None:
    match rest.pop(kind):
        case {"data": str(data), **inner}:
            pass
        case {"file_data": str(data), **inner}:
            pass
        case {"url": str(url), **inner}:
            residue = build.joined(inner, rest, prefix="part_")
            return content.file({**residue, "type": kind, "file_url": url})
        case {**inner}:
            return content.file({**build.joined(inner, rest, prefix="part_"), "type": kind})
        case _:
            return None
    residue = build.joined(inner, rest, prefix="part_")
    return content.file({**residue, "type": kind, "file_data": data})


def call(value: Any) -> Called | None:
    """One entry of a message's `tool_calls`."""
    match value:
        case {"function": {"name": str(name), **function}, **rest}:
            arguments = function.pop("arguments", "")
            rest = build.joined(rest, function, prefix="function_")
        case {"custom": {"name": str(name), **custom}, **rest}:
            arguments = custom.pop("input", "")
            rest = {**build.joined(rest, custom, prefix="custom_")}
        case {"function": str(name), "arguments": arguments, **rest}:
            pass
        case {"toolName": str(name), **rest} | {"function_name": str(name), **rest}:
            arguments = _arguments(rest)
        case {"name": str(name), **rest}:
            arguments = _arguments(rest)
        case _:
            return None
    return Called(_id(rest), name, arguments, _kind(rest))


def _arguments(rest: dict[str, Any]) -> Any:
    """Take the arguments out of a call under the name that it has for them."""
    key = next((key for key in ("arguments", "args", "input", "parameters") if key in rest), None)
    return "" if key is None else rest.pop(key)


def _id(rest: dict[str, Any]) -> Any:
    """Take the id out of a call; an `id` beside another name for it is residue."""
    for key in ("tool_call_id", "toolCallId", "call_id", "id"):
        if key in rest:
            return rest.pop(key)
    return None


def _kind(rest: dict[str, Any]) -> dict[str, Any]:
    """The residue without a type that says no more than that this is a call."""
    match rest:
        case {"type": "function" | "tool_call" | "tool-call" | "function_call", **others}:
            return others
        case _:
            return rest
