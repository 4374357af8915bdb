"""Observations as spans."""

from collections.abc import Mapping
from typing import Any

from trace_assets import spans
from trace_assets.formats.langfuse.records import Row, opened, text_of, utc
from trace_assets.formats.langfuse.words import words
from trace_assets.trace import build

_COUNTS = {
    "inputTokens": "input",
    "outputTokens": "output",
    "promptTokens": "input",
    "completionTokens": "output",
    "inputUsage": "input",
    "outputUsage": "output",
}
"""Counts that stand on the observation itself, in other generations than `usageDetails`."""


def span_of(row: Row, trace_id: str) -> spans.Span:
    """One observation. All that is mapped to no field is in the span's metadata, as it is."""
    rest = dict(row)
    if text_of(rest.get("traceId")) == trace_id:
        del rest["traceId"]
    if isinstance(rest.get("metadata"), str):
        rest["metadata"] = opened(rest["metadata"])
    kind = rest["type"] if isinstance(rest.get("type"), str) else ""
    span_id, parent_id = _id(rest, "id"), _id(rest, "parentObservationId")
    name, start, end = _text(rest, "name"), _time(rest, "startTime"), _time(rest, "endTime")
    error = _error(rest)
    call = _call(kind.upper(), name, rest)
    return spans.Span(
        id=span_id,
        name=name,
        parent_id=parent_id,
        span_type=None if call else kind.lower() or None,
        start=start,
        end=start if end is None and kind.upper() == "EVENT" else end,
        error=error,
        call=call,
        metadata=rest,
    )


def _call(kind: str, name: str, rest: Row) -> spans.ModelCall | spans.ToolCall | None:
    if kind == "GENERATION":
        return _model_call(rest)
    attributes = _attributes(rest)
    if kind == "TOOL" or _is_tool(attributes, rest):
        return _tool_call(name, attributes, rest)
    return None


def _model_call(rest: Row) -> spans.ModelCall:
    given = words(rest.get("input"), "user")
    made = words(rest.get("output"), "assistant")
    for side, said in (("input", given), ("output", made)):
        if said.messages or rest.get(side) is None:
            rest.pop(side, None)
    around = {"request": given.rest, "response": made.rest}
    return spans.ModelCall(
        model=_model(rest),
        inputs=given.messages,
        outputs=made.messages,
        usage=_usage(rest),
        tools=[*given.tools, *made.tools, *_tools(rest)],
        rest={key: value for key, value in around.items() if value},
    )


def _model(rest: Row) -> str | None:
    for key in ("model", "providedModelName"):
        match rest.get(key):
            case str(name) if name:
                del rest[key]
                return name
            case _:
                pass
    return None


def _usage(rest: Row) -> dict[str, Any] | None:
    """The counts of the newest generation that has any; the others stay where they are."""
    for key in ("usageDetails", "usage"):
        match opened(rest.get(key)):
            case {**counts} if any(isinstance(count, int) for count in counts.values()):
                del rest[key]
                return counts
            case _:
                pass
    own = {name: rest[key] for key, name in _COUNTS.items() if isinstance(rest.get(key), int)}
    for key in _COUNTS:
        if key in rest and _COUNTS[key] in own and rest[key] == own[_COUNTS[key]]:
            del rest[key]
    return own or None


def _tools(rest: Row) -> list[Any]:
    """Definitions of tools on the observation itself: each is an object, or the text of one."""
    found: list[Any] = []
    match rest:
        case {"metadata": {"tools": [*each], **metadata}}:
            rest["metadata"] = metadata
            found += map(opened, each)
        case _:
            pass
    match opened(rest.get("toolDefinitions")):
        case [_, *_] as each:
            del rest["toolDefinitions"]
            found += map(opened, each)
        case {**by_name} if by_name:
            del rest["toolDefinitions"]
            found += [_named(name, opened(tool)) for name, tool in by_name.items()]
        case _:
            pass
    return found


def _named(name: str, tool: Any) -> Any:
    match tool:
        case {**definition}:
            return {"name": name, **definition}
        case _:
            return {"name": name, "definition": tool}


def _attributes(rest: Row) -> Mapping[str, Any]:
    match rest.get("metadata"):
        case {"attributes": {**attributes}}:
            return attributes
        case {**metadata}:
            return metadata
        case _:
            return {}


def _is_tool(attributes: Mapping[str, Any], rest: Row) -> bool:
    """Whether a span is a tool's run, as integrations say it that know no such type."""
    match attributes:
        case {"gen_ai.operation.name": "execute_tool"} | {"openinference.span.kind": "TOOL"}:
            return True
        case _:
            pass
    match opened(rest.get("output")):
        case {"type": "tool", "tool_call_id": _}:
            return True
        case _:
            return False


def _tool_call(name: str, attributes: Mapping[str, Any], rest: Row) -> spans.ToolCall:
    own_name, call_id = name.removeprefix("execute_tool "), None
    for key in ("gen_ai.tool.name", "tool.name", "ai.toolCall.name"):
        own_name = attributes.get(key) if isinstance(attributes.get(key), str) else own_name
    for key in ("gen_ai.tool.call.id", "ai.toolCall.id", "tool_call_id"):
        call_id = attributes.get(key) if call_id is None else call_id
    arguments, result = rest.pop("input", None), rest.pop("output", None)
    match opened(arguments):
        case {"input": {**inner}, **around} if not around:  # the tracer's own parameter
            arguments = inner
        case held if not isinstance(held, str):
            arguments = held
        case _:
            pass
    around: Row = {}
    match opened(result):
        case {"type": "tool", "content": content, **around}:
            result, call_id = content, around.pop("tool_call_id", call_id)
        case {"content": [{"type": "text"}, *_] as content, **around}:
            result = content
        case _:
            pass
    return spans.ToolCall(
        name=own_name or name,
        original_call_id=call_id,
        arguments=arguments,
        result=result,
        rest={"result": around} if around else None,
    )


def _error(rest: Row) -> str | None:
    match rest:
        case {"level": "ERROR", "statusMessage": str(message)} if message:
            del rest["statusMessage"]
            return message
        case {"level": "ERROR"}:
            return "ERROR"
        case _:
            return None


def _text(rest: Row, key: str) -> str:
    """Take a text; what stands there instead of one stays."""
    return rest.pop(key) if isinstance(rest.get(key), str) else ""


def _id(rest: Row, key: str) -> str | None:
    own = text_of(rest.get(key))
    if own is not None:
        del rest[key]
    return own


def _time(rest: Row, key: str) -> spans.Time:
    time = utc(rest.get(key))
    if not build.is_time(time):
        return None  # what is no time stays in the metadata
    del rest[key]
    return time
