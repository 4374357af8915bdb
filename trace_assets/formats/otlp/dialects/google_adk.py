"""Google's Agent Development Kit (Python, Go, Java, JavaScript): `gcp.vertex.agent.*`.

Source: https://github.com/google/adk-python (`telemetry/tracing.py`). The span `call_llm` has the
whole request and response of one model call. The span `generate_content` inside it describes the
same call in OpenTelemetry's conventions and may have its messages, too. The request is read only if
no model call inside the span has messages. `execute_tool` has the arguments and the response.
`execute_tool (merged)` repeats the responses of parallel calls and is no call. If contents are not
recorded, the attributes are `{}`.
"""

from typing import Any

from trace_assets.formats.otlp import said
from trace_assets.formats.otlp.content import is_placeholder
from trace_assets.formats.otlp.dialect import Dialect, Ran, Talk
from trace_assets.formats.otlp.neutral import Kind
from trace_assets.formats.otlp.values import Attributes, opened

_REQUEST = "gcp.vertex.agent.llm_request"
_RESPONSE = "gcp.vertex.agent.llm_response"
_ARGUMENTS = "gcp.vertex.agent.tool_call_args"
_RESULT = "gcp.vertex.agent.tool_response"
_MERGED = "(merged tools)"


def kind(left: Attributes) -> Kind | None:
    """Recognise the merged span by the name of its tool."""
    return "other" if left.get("gen_ai.tool.name") == _MERGED else None


def guess(left: Attributes) -> Kind | None:
    """By the attributes of a tool or of a model; a tool's span has empty ones of a model."""
    if _ARGUMENTS in left:
        return "tool"
    return "model" if _is_recorded(left.get(_REQUEST)) else None


def around(left: Attributes) -> Talk:
    """The contents of the request with the system instruction, and the content of the response."""
    match opened(left.get(_REQUEST)):
        case {"contents": [*contents], **request}:
            pass
        case _:
            return Talk(None, _answer(left))
    given: list[Any] = [*contents]
    config: Any = request.get("config")
    if (instruction := _instruction(config)) is not None:
        given = [instruction, *given]
        request["config"] = _without_instruction(config)
    _keep(left, _REQUEST, request)
    return Talk(given, _answer(left))


def _instruction(config: Any) -> Any:
    match config:
        case {"system_instruction": {**message}} | {"systemInstruction": {**message}}:
            return {**message, "role": "system"}
        case {"system_instruction": value} | {"systemInstruction": value} if value:
            return said.instructions(value)
        case _:
            return None


def _without_instruction(config: Attributes) -> Attributes:
    names = ("system_instruction", "systemInstruction")
    return {key: value for key, value in config.items() if key not in names}


def _answer(left: Attributes) -> list[Any] | None:
    match opened(left.get(_RESPONSE)):
        case {"content": {"parts": [_, *_]} as content, **response}:
            _keep(left, _RESPONSE, response)
            return [{"role": "model", **content}]
        case _:
            return None


def error(left: Attributes) -> str | None:
    """Why the model gave no content; the span itself has not failed then."""
    match opened(left.get(_RESPONSE)):
        case {"content": {"parts": [_, *_]}}:
            return None
        case {"error_message": str(why)} | {"error_code": str(why)} if why:
            return why
        case _:
            return None


def _keep(left: Attributes, key: str, rest: Attributes) -> None:
    if rest:
        left[key] = rest
    else:
        del left[key]


def tools(left: Attributes) -> list[Any]:
    """The declarations of the functions on offer."""
    match opened(left.get(_REQUEST)):
        case {"config": {"tools": [*each]}}:
            return [one for tool in each for one in _declared(tool)]
        case _:
            return []


def _declared(tool: Any) -> list[Any]:
    match tool:
        case {"function_declarations": [*each]} | {"functionDeclarations": [*each]}:
            return each
        case _:
            return [tool]


def ran(left: Attributes) -> Ran:
    """What a tool was given and returned; `{}` may be an empty value or one not recorded."""
    arguments, result = _taken(left, _ARGUMENTS), _taken(left, _RESULT)
    match opened(result):
        case {"content": {"parts": [{**part}], **content}, **event}:
            response = _response(part)
        case _:
            return Ran(None, None, arguments, result)
    if response is None:
        return Ran(None, None, arguments, result)
    value, about = response
    left[_RESULT] = {**event, "content": {**content, "function_response": about}}
    return Ran(None, about.get("id"), arguments, value)


def _response(part: Attributes) -> tuple[Any, Attributes] | None:
    """The response in an event with one; versions before 1.0 write the event as the result."""
    match part:
        case {"function_response": {"response": value, **about}} | {
            "functionResponse": {"response": value, **about}
        }:
            return value, about
        case _:
            return None


def _taken(left: Attributes, key: str) -> Any:
    value = left.get(key)
    is_unknown = opened(value) == {"result": "<not specified>"}
    return left.pop(key) if _is_recorded(value) and not is_unknown else None


def _is_recorded(value: Any) -> bool:
    return value not in (None, "", "{}", {}, "N/A") and not is_placeholder(value)


DIALECT = Dialect(
    roots=("gcp",),
    kind=kind,
    guess=guess,
    tools=tools,
    around=around,
    ran=ran,
    error=error,
)
