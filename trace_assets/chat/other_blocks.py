"""Blocks of programs that write their own types: calls, results and texts, known by what they hold.

Observed: `tool_call` with `args`, `tool_response` with `output`; Goose's `toolRequest` and
`toolResponse`, whose call or result is below a `value` with its `status`; LibreChat's `tool_call`
with the call, and its output, under the same name.
"""

from typing import Any, cast

from trace_assets.chat import content
from trace_assets.chat.piece import Answered, Called
from trace_assets.vocabulary import word_of

_CALLS = frozenset(
    (
        "tool_call",
        "toolcall",
        "tool_request",
        "toolrequest",
        "tool_use",
        "tooluse",
        "tool_invocation",
        "toolinvocation",
        "function_call",
        "functioncall",
    )
)
_RESULTS = frozenset(
    (
        "tool_response",
        "toolresponse",
        "tool_result",
        "toolresult",
        "tool_output",
        "tooloutput",
        "tool_return",
        "tool_call_result",
        "tool_call_output",
        "function_response",
        "function_result",
        "function_call_output",
    )
)
_THOUGHTS = frozenset(("thought", "thoughts", "think", "thinking", "reasoning"))
_INNER = ("toolCall", "tool_call", "toolRequest", "function", "call")
_INNER_RESULT = ("toolResult", "tool_result", "toolResponse", "tool_response")
_NAME = ("name", "tool_name", "toolName", "tool")
_ARGUMENTS = ("arguments", "args", "input", "parameters", "params")
_ID = ("tool_call_id", "toolCallId", "tool_use_id", "call_id", "callId", "id")
_OUTPUT = ("output", "result", "response", "content", "value", "error", "text")
_TEXT = ("text", "content")


def block(
    role: str, value: dict[str, Any]
) -> content.Part | Called | Answered | tuple[Called, Answered] | None:
    """One block of a type that no API has."""
    match value:
        case {"type": str(kind), **rest}:
            word = word_of(kind)
        case _:
            return None
    if word in _CALLS:
        return _call(kind, rest)
    if word in _RESULTS:
        return _result(kind, rest)
    return _text(role, kind, word, rest)


def _call(kind: str, rest: dict[str, Any]) -> Called | tuple[Called, Answered] | None:
    inner = _take_inner(rest, _INNER)
    call = {**rest, **inner}
    name = _take(call, _NAME)
    if not isinstance(name, str):
        return None
    arguments = _take(call, _ARGUMENTS)
    own = _take(call, _ID)
    called = Called(own, name, "" if arguments is None else arguments, {"type": kind, **call})
    if "output" not in inner:
        return called
    output = call.pop("output")
    called = called._replace(rest={"type": kind, **call})
    return called, Answered(own, None, output, failed(call), {})


def _result(kind: str, rest: dict[str, Any]) -> Answered | None:
    result = {**rest, **_take_inner(rest, _INNER_RESULT)}
    is_error = failed(result)
    own = _take(result, _ID)
    output = _take(result, _OUTPUT)
    if own is None and output is None:
        return None
    name = result.pop("name") if isinstance(result.get("name"), str) else None
    return Answered(own, name, output, is_error, {"type": kind, **result})


def _text(role: str, kind: str, word: str, rest: dict[str, Any]) -> content.Part | None:
    key = next((key for key in _TEXT if isinstance(rest.get(key), str) and rest[key]), None)
    if key is None:
        return None
    said = rest.pop(key)
    if word in _THOUGHTS:
        return content.reasoning(said, {"type": kind, **rest})
    return content.text(role, said, {"type": kind, **rest})


def _take_inner(rest: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    """Take the object below a block that holds the call or the result, and its own `value`."""
    key = next((key for key in keys if isinstance(rest.get(key), dict)), None)
    if key is None:
        return {}
    inner = cast("dict[str, Any]", rest.pop(key))
    match inner:
        case {"value": {**found}, **around}:
            return {**around, **cast("dict[str, Any]", found)}
        case _:
            return inner


def _take(rest: dict[str, Any], keys: tuple[str, ...]) -> Any:
    key = next((key for key in keys if rest.get(key) is not None), None)
    return None if key is None else rest.pop(key)


def failed(rest: dict[str, Any]) -> bool:
    """True if the other keys of a result say that the call failed."""
    match rest:
        case {"is_error": True} | {"isError": True} | {"status": "error" | "failed"}:
            return True
        case {"error": {**error}} if error:
            return True
        case {"error": str(error)} if error:
            return True
        case {"error": True} | {"success": False}:
            return True
        case _:
            return False
