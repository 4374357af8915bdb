"""Parts with a type and a `content`: OpenTelemetry's GenAI conventions, and close to them MLflow's.

Source: https://github.com/open-telemetry/semantic-conventions-genai, the JSON schemas of
`gen_ai.input.messages` and `gen_ai.output.messages`.
"""

from typing import Any

from trace_assets.chat import content
from trace_assets.chat.piece import Answered, Called


def block(role: str, value: dict[str, Any]) -> content.Part | Called | Answered | None:
    """One part."""
    match value:
        case {"type": "text", "content": str(said), **rest}:
            return content.text(role, said, rest)
        case {"type": "reasoning" | "thinking", "content": str(thought), **rest} | {
            "type": "thinking",
            "text": str(thought),
            **rest,
        }:
            return content.reasoning(thought, rest)
        case {"type": "tool_call" | "toolCall", "name": str(name), **rest}:
            arguments = rest.pop("arguments", rest.pop("args", ""))
            return Called(rest.pop("id", None), name, arguments, rest)
        case {"type": "tool_call_response", "response": output, **rest} | {
            "type": "tool_call_response",
            "result": output,
            **rest,
        }:
            return _answered(output, rest)
        case _:
            return _of_server(value) or _media(value)


def _answered(output: Any, rest: dict[str, Any]) -> Answered:
    original_id = rest.pop("id", None)
    name = rest.pop("name") if isinstance(rest.get("name"), str) else None
    return Answered(original_id, name, output, rest.get("is_error") is True, rest)


def _of_server(value: dict[str, Any]) -> Called | Answered | None:
    """A call of a tool that the server runs itself, or its result."""
    match value:
        case {"type": "server_tool_call" as kind, "name": str(name), "server_tool_call": call}:
            rest = {key: each for key, each in value.items() if key not in (kind, "name", "id")}
            return Called(value.get("id"), name, call, rest)
        case {"type": "server_tool_call_response" as kind, "server_tool_call_response": output}:
            return _answered(output, {key: each for key, each in value.items() if key != kind})
        case _:
            return None


def _media(value: dict[str, Any]) -> content.Part | None:
    """A blob, a file or an address; its modality or media type says of what."""
    mime = value.get("mime_type")
    kind = mime if isinstance(mime, str) else value.get("modality")
    mime = kind if isinstance(kind, str) else None
    match value:
        case {"type": "blob", "content": str(data), **rest}:
            return content.media(mime, {"type": "blob", **rest}, url=None, data=data)
        case {"type": "uri", "uri": str(url), **rest}:
            return content.media(mime, {"type": "uri", **rest}, url=url, data=None)
        case {"type": "file", "file_id": str(file_id), **rest}:
            return content.file({"file_id": file_id, **rest})
        case _:
            return None
