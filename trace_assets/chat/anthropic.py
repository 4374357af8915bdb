"""The content blocks of Anthropic's Messages API, which Claude Code and LangChain keep as they are.

Source: https://docs.anthropic.com/en/api/messages. Tools that the server runs itself have blocks of
the same build: `server_tool_use`, and results named after the tool (`web_search_tool_result`).
"""

from typing import Any

from trace_assets.chat import content
from trace_assets.chat.piece import Answered, Called


def block(role: str, value: dict[str, Any]) -> content.Part | Called | Answered | None:
    """One content block."""
    match value:
        case {"type": "thinking", "thinking": str(thought), **rest}:
            return content.reasoning(thought, rest)
        case {"type": "redacted_thinking"}:
            return content.reasoning("", value)
        case {"type": str(kind), "name": str(name), "input": arguments, **rest} if _calls(kind):
            original_id = rest.pop("id", None)
            return Called(original_id, name, arguments, _kind(kind, "tool_use", rest))
        case {"type": str(kind), "tool_use_id": original_id, **rest} if _answers(kind):
            returned = rest.pop("content", "")
            is_error = rest.get("is_error") is True or _says_error(returned)
            rest = _kind(kind, "tool_result", rest)
            return Answered(original_id, None, returned, is_error, rest)
        case {"type": "tool_result", "content": returned, **rest}:
            return Answered(None, None, returned, rest.get("is_error") is True, rest)
        case {"type": "image" | "document" as kind, "source": {**source}, **rest}:
            return _media(role, kind, source, rest)
        case {"type": "container_upload", "file_id": _}:
            return content.file(value)
        case _:
            return None


def _calls(kind: str) -> bool:
    return kind == "tool_use" or kind.endswith("_tool_use")


def _answers(kind: str) -> bool:
    return kind == "tool_result" or kind.endswith("_tool_result")


def _says_error(returned: Any) -> bool:
    """Whether a server's tool says by the type of its content that it failed."""
    match returned:
        case {"type": str(kind)}:
            return kind.endswith("_error")
        case _:
            return False


def _kind(kind: str, usual: str, rest: dict[str, Any]) -> dict[str, Any]:
    return rest if kind == usual else {"type": kind, **rest}


def _media(role: str, kind: str, source: dict[str, Any], value: dict[str, Any]) -> content.Part:
    """An image or document, whose source is data, an address, text, or a file kept elsewhere."""
    mime = "image" if kind == "image" else "application"
    around = value if kind == "image" else {"type": kind, **value}
    match source:
        case {"type": "text", "data": str(said), **rest}:
            return content.text(role, said, {"type": kind, **value, "source": rest})
        case {"data": str(data), "media_type": str(exact), **rest}:
            rest = {**around, "source": {"media_type": exact, **rest}}
            return content.media(exact if kind == "image" else mime, rest, url=None, data=data)
        case {"url": str(url), **rest}:
            return content.media(mime, {**around, "source": rest}, url=url, data=None)
        case _ if kind == "image":
            return content.image(None, {**around, "source": source})
        case _:
            return content.file({**around, "source": source})
