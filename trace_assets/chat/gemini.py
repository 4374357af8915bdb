"""The parts of Gemini's contents, in the API's camelCase and the Python client's snake_case.

Source: https://ai.google.dev/api/caching#Part. A part has no type: the one key that is not null
tells what it is. The Python client writes the other keys as nulls.
"""

from typing import Any

from trace_assets.chat import content
from trace_assets.chat.piece import Answered, Called
from trace_assets.trace import build


def block(role: str, value: dict[str, Any]) -> content.Part | Called | Answered | None:
    """One part."""
    nulls = {key: None for key, each in value.items() if each is None}
    given = {key: each for key, each in value.items() if each is not None} if nulls else value
    match given:
        case {"text": str(thought), "thought": True, **rest}:
            return content.reasoning(thought, {"thought": True, **rest, **nulls})
        case {"text": str(said), **rest}:
            return content.text(role, said, {**rest, **nulls})
        case {"functionCall": {**call}, **rest} | {"function_call": {**call}, **rest}:
            return _call(call, {**rest, **nulls})
        case {"functionResponse": {**result}, **rest} | {
            "function_response": {**result},
            **rest,
        }:
            return _result(result, {**rest, **nulls})
        case _:
            return _code(given, nulls) or _media(given, nulls)


def _call(call: dict[str, Any], rest: dict[str, Any]) -> Called | None:
    match call:
        case {"name": str(name), **inner}:
            arguments = inner.pop("args", "")
            original_id = inner.pop("id", None)
            return Called(original_id, name, arguments, build.joined(rest, inner, prefix="call_"))
        case _:
            return None


def _result(result: dict[str, Any], rest: dict[str, Any]) -> Answered | None:
    match result:
        case {"name": str(name), **inner}:
            output = inner.pop("response", "")
            original_id = inner.pop("id", None)
            rest = build.joined(rest, inner, prefix="result_")
            is_error = isinstance(output, dict) and "error" in output
            return Answered(original_id, name, output, is_error, rest)
        case _:
            return None


def _code(given: dict[str, Any], nulls: dict[str, Any]) -> Called | Answered | None:
    """Code that the model ran on the server: a call, and in the next part its result."""
    match given:
        case {"executableCode": {**code}, **rest} | {
            "executable_code": {**code},
            **rest,
        }:
            return Called(None, _CODE, code, {**rest, **nulls})
        case {"codeExecutionResult": {**result}, **rest} | {
            "code_execution_result": {**result},
            **rest,
        }:
            is_error = result.get("outcome") not in (None, "OUTCOME_OK")
            return Answered(None, _CODE, result, is_error, {**rest, **nulls})
        case _:
            return None


_CODE = "code_execution"
"""What the API calls the tool; the parts do not name it."""


def _media(given: dict[str, Any], nulls: dict[str, Any]) -> content.Part | None:
    match given:
        case {"inlineData": {**media}, **rest} | {"inline_data": {**media}, **rest}:
            data, url = media.get("data"), None
        case {"fileData": {**media}, **rest} | {"file_data": {**media}, **rest}:
            data, url = None, media.get("fileUri", media.get("file_uri"))
        case _:
            return None
    if not isinstance(data or url, str):
        return None
    mime = media.get("mimeType", media.get("mime_type"))
    inner = {key: value for key, value in media.items() if key not in _TAKEN}
    rest = build.joined({**rest, **nulls}, inner, prefix="media_")
    return content.media(mime if isinstance(mime, str) else None, rest, url=url, data=data)


_TAKEN = frozenset(("data", "fileUri", "file_uri"))
