"""The items of OpenAI's Responses API, which Codex and the Agents SDK keep as they are.

Source: https://platform.openai.com/docs/api-reference/responses. An item of a kind that is not
named here is read by the build of its name: `..._call` is a call, `..._call_output` its result. The
Agents SDK for JavaScript writes `callId`, and `function_call_result` for the latter.
"""

from collections.abc import Iterator
from typing import Any, cast

from trace_assets.chat import content
from trace_assets.chat.piece import Answered, Called, Custom, Piece, Said
from trace_assets.trace import build

_ARGUMENTS = ("arguments", "input", "action", "operation", "actions", "queries", "code")
_RESULTS = ("output", "outputs", "results", "result")


def block(
    _role: str, value: dict[str, Any]
) -> content.Part | tuple[content.Part, ...] | Called | None:
    """One content part; text and refusals are as in chat completions.

    LangChain puts reasoning and calls among the parts as they are.
    """
    match value:
        case {"type": "reasoning", "summary": list(), **rest}:
            said = _reasoning(rest | {"summary": value["summary"]})
            first, *others = said.parts
            return (content.with_rest(first, said.rest), *others)
        case {"type": "function_call", "name": str(name), "arguments": arguments, **rest}:
            return Called(_call_id(rest), name, arguments, rest)
        case _:
            return _part(value)


def _part(value: dict[str, Any]) -> content.Part | None:
    match value:
        case {"type": "summary_text" | "reasoning_text" as kind, "text": str(thought), **rest}:
            return content.reasoning(thought, rest, kind=kind)
        case {"type": "input_image" | "computer_screenshot" as kind, **rest}:
            rest = rest if kind == "input_image" else {"type": kind, **rest}
            match rest.pop("image_url", None):
                case {"url": str(url), **inner}:
                    return content.image(url, {**inner, **rest})
                case str(url):
                    return content.image(url, rest)
                case other:
                    return content.image(None, {"image_url": other, **rest})
        case {"type": "input_file", **rest}:
            return content.file(rest)
        case {"type": "input_video", "video_url": str(url), **rest}:
            return content.video(url, rest)
        case _:
            return None


def item(value: dict[str, Any]) -> list[Piece]:
    """An item that is no message, told by its `type`."""
    match value:
        case {"type": "reasoning", **rest}:
            return [_reasoning(rest)]
        case {"type": str(kind), **rest} if kind.endswith(("_output", "function_call_result")):
            return [_output(kind, rest)]
        case {"type": str(kind), **rest} if kind.endswith("_call"):
            return list(_call(kind, rest))
        case {"type": str(kind)}:
            # What the client sends back to the server is named a response to its request.
            return [Custom(kind.endswith("_response"), value, {})]
        case _:
            return []


def _reasoning(rest: dict[str, Any]) -> Said:
    """Reasoning as a message; where it is encrypted only, one with an empty text."""
    parts: list[content.Part] = []
    for key in ("summary", "content"):
        if not isinstance(rest.get(key), list):
            continue
        unknown: list[Any] = []
        for each in cast("list[Any]", rest.pop(key)):
            part = _part(cast("dict[str, Any]", each)) if _is_part(each) else None
            unknown.append(each) if part is None else parts.append(part)
        if unknown:
            rest[key] = unknown
    return Said("assistant", parts or [content.reasoning("", {})], rest)


def _is_part(value: Any) -> bool:
    match value:
        case {"type": "summary_text" | "reasoning_text", "text": str()}:
            return True
        case _:
            return False


def _call(kind: str, rest: dict[str, Any]) -> Iterator[Piece]:
    """A call; of a tool that the server ran itself, with its result beside it."""
    is_hosted = rest.get("call_id") is None and rest.get("callId") is None
    has_own = not is_hosted or "call_id" in rest or "callId" in rest
    original_id = _call_id(rest) if has_own else rest.pop("id", None)
    match rest:
        case {"name": str(name), **others}:
            rest = others
        case _:
            name = kind.removesuffix("_call")
    key = next((key for key in _ARGUMENTS if key in rest), None)
    arguments = "" if key is None else rest.pop(key)
    result = next((key for key in _RESULTS if rest.get(key) is not None), None)
    output = None if result is None else rest.pop(result)
    is_error = _failed(rest)
    if kind != "function_call":
        rest = {"type": kind, **rest}
    rest = build.joined({"created_by": "assistant"}, rest, prefix="original_")
    yield Called(original_id, name, arguments, rest)
    if result is not None or (is_hosted and is_error):
        yield Answered(original_id, None, output, is_error, {})


def _output(kind: str, rest: dict[str, Any]) -> Answered:
    has_own = "call_id" in rest or "callId" in rest
    original_id = _call_id(rest) if has_own else rest.pop("id", None)
    key = next((key for key in _RESULTS if key in rest), None)
    output = "" if key is None else rest.pop(key)
    is_error = _failed(rest)
    if kind not in ("function_call_output", "function_call_result"):
        rest = {"type": kind, **rest}
    match output:
        case {"type": "text", "text": str()}:
            output = [output]
        case _:
            pass
    return Answered(original_id, None, output, is_error, rest)


def _call_id(rest: dict[str, Any]) -> Any:
    """Take the id that links a call and its result."""
    return rest.pop("call_id" if "call_id" in rest else "callId", None)


def _failed(rest: dict[str, Any]) -> bool:
    match rest:
        case {"error": {**error}} if error:
            return True
        case {"error": str(error)} if error:
            return True
        case {"status": "failed" | "incomplete"}:
            return True
        case _:
            return False
