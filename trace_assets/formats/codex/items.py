"""The items of a rollout as pieces, and the texts by which an event is told to repeat one."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, cast

from trace_assets import chat
from trace_assets.chat import Answered, Called, Piece, Said
from trace_assets.formats import Part
from trace_assets.trace import build


def texts_of(parts: Sequence[Part]) -> Counter[tuple[str, str]]:
    """How often items say each text: a message as a whole, and its parts and thoughts."""
    found: Counter[tuple[str, str]] = Counter()
    for part in parts:
        match part.record.value:
            case {"type": "response_item", "payload": {} as item}:
                for said in _said_in(item):
                    found[said] += 1
            case _:
                pass
    return found


def _said_in(item: Any) -> Iterator[tuple[str, str]]:
    match item:
        case {"role": "user" | "assistant" as role, "content": str(text)}:
            yield role, text.strip()
        case {"role": "user" | "assistant" as role, "content": [*parts]}:
            texts = [part["text"] for part in parts if _has_text(part)]
            yield from {(role, text.strip()) for text in (*texts, "".join(texts), "\n".join(texts))}
        case {"type": "reasoning", **rest}:
            for listed in (rest.get("summary"), rest.get("content")):
                parts = cast("list[Any]", listed) if isinstance(listed, list) else []
                yield from (
                    ("reasoning", each["text"].strip()) for each in parts if _has_text(each)
                )
        case _:
            pass


def _has_text(part: Any) -> bool:
    return isinstance(part, dict) and isinstance(cast("dict[str, Any]", part).get("text"), str)


def pieces_of(payload: Any, pointer: str) -> list[Piece]:
    """An item as pieces, also in the ways in which Codex wrote calls once.

    Raises:
        UnknownMessageError: it is none.
    """
    match payload:
        case {"type": "function_call" | "tool_call", "function": {"name": str(name), **inner}}:
            rest = {k: v for k, v in payload.items() if k not in ("type", "function")}
            arguments = rest.pop("arguments", inner.pop("arguments", ""))
            rest = build.joined(rest, inner, prefix="function_")
            return [Called(rest.pop("call_id", rest.pop("id", None)), name, arguments, rest)]
        case {"type": "function_result" | "tool_result" as kind, **rest}:
            rest = rest if kind == "tool_result" else {"type": kind, **rest}
            name = rest.pop("name") if isinstance(rest.get("name"), str) else None
            output = rest.pop("result", None) if "result" in rest else rest.pop("output", None)
            original_id = rest.pop("call_id", rest.pop("id", None))
            return [Answered(original_id, name, output, rest.get("error") is not None, rest)]
        case {"type": "function_call_output", "output": {"content": output, **around}, **rest}:
            is_error = around.get("success") is False
            rest = build.joined(rest, around, prefix="output_")
            return [Answered(rest.pop("call_id", None), None, output, is_error, rest)]
        case {"type": str(kind), "tools": [*tools], **rest} if (
            kind.endswith("_output") and "output" not in rest
        ):
            around = {"type": kind, **rest}
            return [Answered(around.pop("call_id", None), None, tools, False, around)]
        case {"role": str(role), "message": str(text), **rest} if "content" not in rest:
            return chat.pieces({"role": role, "content": text, **rest}, pointer=pointer)
        case _:
            return chat.pieces(payload, pointer=pointer)


def is_made(piece: Piece) -> bool:
    """Whether the model made it."""
    match piece:
        case Called():
            return True
        case Said(role="assistant"):
            return True
        case _:
            return False
