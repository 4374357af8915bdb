"""OpenLLMetry (Traceloop), and the GenAI conventions as it had them first: numbered attributes.

Source: https://github.com/traceloop/openllmetry, `opentelemetry-semantic-conventions-ai`.
`gen_ai.prompt.0.role`, `gen_ai.completion.0.tool_calls.0.name`, `llm.request.functions.0.name`;
`traceloop.span.kind` with `traceloop.entity.input` and `.output` for what is no call of a model.
"""

from functools import partial
from typing import Any, cast

from trace_assets.formats.otlp import said
from trace_assets.formats.otlp.dialect import Dialect, Ran, Talk, counts, take, text
from trace_assets.formats.otlp.nesting import take_list
from trace_assets.formats.otlp.neutral import Kind
from trace_assets.formats.otlp.values import Attributes, opened

_KINDS: dict[Any, Kind] = {
    "workflow": "other",
    "task": "other",
    "agent": "agent",
    "tool": "tool",
}
_REQUESTS: dict[Any, Kind] = {
    "chat": "model",
    "completion": "model",
    "embedding": "other",
    "rerank": "other",
}


def kind(left: Attributes) -> Kind | None:
    """By the type of the request, else by the kind of the entity."""
    request, entity = left.get("llm.request.type"), left.get("traceloop.span.kind")
    known = _REQUESTS.get(request) if isinstance(request, str) else None
    return known or (_KINDS.get(entity) if isinstance(entity, str) else None)


def talk(left: Attributes) -> Talk:
    """What a model was given and made, message by message."""
    given = take_list(left, "gen_ai.prompt") or take_list(left, "llm.prompts")
    made = take_list(left, "gen_ai.completion") or take_list(left, "llm.completions")
    return Talk(
        [_message(one, "user") for one in given] if given else None,
        [_message(one, "assistant") for one in made] if made else None,
    )


def _message(given: Any, role: str) -> Any:
    """A message as chat completions have it; content parts are text that holds JSON."""
    if not isinstance(given, dict):
        return {"role": role, "content": given}
    message = {"role": role, **cast("Attributes", given)}
    if not isinstance(message["role"], str):
        message = {**message, "role": role, "original_role": message["role"]}
    calls = message.get("tool_calls")
    if isinstance(calls, dict):  # a gap in the numbers
        message["tool_calls"] = [*cast("Attributes", calls).values()]
    if message["role"] not in ("tool", "function"):
        content = opened(message.get("content"))
        if isinstance(content, list) and content and all(map(_is_part, cast("list[Any]", content))):
            message["content"] = content
    return message


def _is_part(value: Any) -> bool:
    match value:
        case {"type": str()} | {"text": str()}:
            return True
        case _:
            return False


def tools(left: Attributes) -> list[Any]:
    """The definitions of the tools on offer; the schema of the parameters is JSON in a text."""
    found = take_list(left, "llm.request.functions") or take_list(left, "gen_ai.request.functions")
    return [_tool(one) for one in found or []]


def _tool(given: Any) -> Any:
    match given:
        case {"parameters": str(parameters), **rest}:
            return {**rest, "parameters": opened(parameters)}
        case _:
            return given


def around(left: Attributes) -> Talk:
    """What went into an entity and came out."""
    return Talk(
        said.take(left, "traceloop.entity.input", "user"),
        said.take(left, "traceloop.entity.output", "assistant"),
    )


def ran(left: Attributes) -> Ran:
    """What a tool was given and returned; its name stays, for workflows have one, too."""
    if left.get("traceloop.span.kind") != "tool":
        return Ran()
    name = left.get("traceloop.entity.name")
    return Ran(
        name if isinstance(name, str) and name else None,
        None,
        take(left, "traceloop.entity.input"),
        take(left, "traceloop.entity.output"),
    )


def agent(left: Attributes) -> str | None:
    """The name of an entity that is an agent; workflows and tasks have names, too."""
    is_agent = left.get("traceloop.span.kind") == "agent"
    return text(left, "traceloop.agent.name", "traceloop.entity.name") if is_agent else None


DIALECT = Dialect(
    roots=("gen_ai", "llm", "traceloop"),
    kind=kind,
    models=("llm.response.model", "llm.request.model"),
    agent=agent,
    usage=partial(counts, prefix="llm.usage."),
    tools=tools,
    talk=talk,
    around=around,
    ran=ran,
)
