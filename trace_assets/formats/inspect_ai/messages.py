"""The messages of a sample as those that every dialect of `chat` knows."""

from typing import Any

from trace_assets import chat
from trace_assets.trace import build


def pieces(message: Any, pointer: str) -> list[chat.Piece]:
    """What a message comes to.

    Raises:
        UnknownMessageError: it is none.
    """
    return chat.pieces(translated(message), pointer=pointer)


def translated(message: Any) -> Any:
    """A message with its content in words that other dialects have too."""
    match message:
        case {"content": [*parts], **rest}:
            return {**rest, "content": content(parts)}
        case _:
            return message


def content(value: Any) -> Any:
    """The same for content alone, such as a tool's result."""
    match value:
        case [*parts]:
            return [_part(part) for part in parts]
        case _:
            return value


def _part(part: Any) -> Any:
    match part:
        case {"type": "audio" | "document" as kind, **rest} if isinstance(rest.get(kind), str):
            file: dict[str, Any] = {"url": rest.pop(kind), "kind": kind}
            return {**rest, "type": "file", "file": file}
        case {"type": "video", "video": str(url), **rest}:
            return {**rest, "type": "video_url", "video_url": {"url": url}}
        case {"type": "tool_use", "name": str(name), "arguments": arguments, **rest}:
            return _ran_by_server(name, arguments, rest)
        case _:
            return part


def _ran_by_server(name: str, arguments: Any, rest: dict[str, Any]) -> dict[str, Any]:
    """A call of a tool that the model's provider ran, with its result."""
    call = {"toolCallId": rest.pop("id", None), "input": arguments}
    if "result" in rest:
        call["output"] = rest.pop("result")
    match rest.pop("error", None):
        case str(error) if error:
            call["errorText"] = error
        case None:
            pass
        case other:
            rest["error"] = other
    return {**build.joined(call, rest, prefix="tool_"), "type": f"tool-{name}"}


def says_something(told: list[chat.Piece]) -> bool:
    """Whether a model has spoken in a conversation."""
    return any(_is_of_model(piece) for piece in told)


def _is_of_model(piece: chat.Piece) -> bool:
    match piece:
        case chat.Said("assistant") | chat.Called():
            return True
        case _:
            return False


def text_of(message: Any) -> str | None:
    """What a message says, as Inspect writes it into `completion`; None if that is no text."""
    match message:
        case {"content": str(text)}:
            return text
        case {"content": [*parts]}:
            texts = [part.get("text") for part in parts if _is_text(part)]
            return "\n".join(text for text in texts if isinstance(text, str))
        case _:
            return None


def _is_text(part: Any) -> bool:
    match part:
        case {"type": "text", "text": str()}:
            return True
        case _:
            return False
