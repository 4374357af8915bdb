"""Definitions of tools as the functions of OpenAI's chat completions, in whatever form they are.

Source: the references of OpenAI (chat completions, responses, and the older `functions`),
Anthropic, Gemini, Bedrock's Converse, the Model Context Protocol and the AI SDK. A tool that the
provider runs itself, such as a web search, has no parameters and is not a function.
"""

from collections.abc import Iterable, Iterator
from typing import Any, cast

from trace_assets.reading.embedded import embedded_json
from trace_assets.trace.build import encode

NAMES = (
    "tools",
    "functions",
    "tool_definitions",
    "toolDefinitions",
    "available_tools",
    "tool_schemas",
)
"""The keys under which requests and logs define tools."""

_SCHEMAS = (
    "parameters",
    "input_schema",
    "inputSchema",
    "parametersJsonSchema",
    "parameters_json_schema",
)
_DECLARATIONS = ("functionDeclarations", "function_declarations")

Function = dict[str, Any]
"""`{"type": "function", "function": {"name", "description", "parameters"}}`."""


def functions_of(*values: Any) -> list[Function]:
    """The functions that some values define, each once and in their order.

    >>> functions_of([{"name": "f", "input_schema": {"type": "object"}}, {"type": "web_search"}])
    [{'type': 'function', 'function': {'name': 'f', 'parameters': {'type': 'object'}}}]
    >>> functions_of('[{"type": "function", "name": "f", "parameters": {}}]', ["f"], None)
    [{'type': 'function', 'function': {'name': 'f', 'parameters': {}}}]
    """
    found: dict[bytes, Function] = {}
    for value in values:
        for function in _functions(_decoded(value)):
            found.setdefault(encode(function), function)
    return list(found.values())


def names_of(functions: Iterable[Function]) -> list[str]:
    """The names of functions, each once.

    >>> names_of(functions_of([{"name": "f", "parameters": {}}]))
    ['f']
    """
    return list(dict.fromkeys(function["function"]["name"] for function in functions))


def _functions(value: Any) -> Iterator[Function]:
    match value:
        case [*tools]:
            for tool in tools:
                yield from _of_tool(_decoded(tool))
        case {"tools": [*tools]}:  # Bedrock's `toolConfig`
            for tool in tools:
                yield from _of_tool(tool)
        case {**named} if named and all(map(_has_schema, named.values())):  # the AI SDK's
            for name, tool in named.items():
                yield from _of_tool({"name": name, **cast("dict[str, Any]", tool)})
        case _:
            yield from _of_tool(value)


def _of_tool(tool: Any) -> Iterator[Function]:
    match tool:
        case {"function": {"name": str()} as inner, **rest} if "parameters" in inner or (
            rest.get("type") == "function"
        ):
            yield {"type": "function", "function": inner, **rest}
        case {"toolSpec": {"name": str(name), **inner}}:
            yield _function(name, cast("dict[str, Any]", inner))
        case {"name": str(name), **rest} if _has_schema(rest) or rest.get("type") == "function":
            yield _function(name, cast("dict[str, Any]", rest))
        case {**group}:
            for key in _DECLARATIONS:
                for each in _list(group.get(key)):
                    yield from _declared(each)
        case _:
            pass


def _declared(value: Any) -> Iterator[Function]:
    """A declaration of Gemini's, whose parameters may be missing."""
    match value:
        case {"name": str(name), **rest}:
            yield _function(name, cast("dict[str, Any]", rest))
        case _:
            pass


def _function(name: str, tool: dict[str, Any]) -> Function:
    inner: dict[str, Any] = {"name": name}
    if isinstance(tool.get("description"), str):
        inner["description"] = tool["description"]
    key = next((key for key in _SCHEMAS if isinstance(tool.get(key), dict)), None)
    if key is not None:
        inner["parameters"] = _schema(tool[key])
    if isinstance(tool.get("strict"), bool):
        inner["strict"] = tool["strict"]
    return {"type": "function", "function": inner}


def _schema(value: dict[str, Any]) -> dict[str, Any]:
    """A JSON Schema without the object that Bedrock or the AI SDK puts around it."""
    match value:
        case {"json": {**schema}} | {"jsonSchema": {**schema}}:
            return cast("dict[str, Any]", schema)
        case _:
            return value


def _has_schema(tool: Any) -> bool:
    if not isinstance(tool, dict):
        return False
    given = cast("dict[str, Any]", tool)
    return any(isinstance(given.get(key), dict) for key in _SCHEMAS)


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _decoded(value: Any) -> Any:
    """The JSON in a text; any other value as it is."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    return embedded_json(value, default=value)
