"""OpenTelemetry's GenAI conventions from version 1.37 on, and what all generations share.

Source: https://github.com/open-telemetry/semantic-conventions-genai. Messages are attributes:
`gen_ai.input.messages`, `gen_ai.output.messages`, `gen_ai.system_instructions`, as JSON or
structured. Before, they were events (`events.py`) or numbered attributes (`indexed.py`).
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

from trace_assets.formats.otlp import said
from trace_assets.formats.otlp.content import is_placeholder
from trace_assets.formats.otlp.dialect import Dialect, Ran, Talk, counts, named, take
from trace_assets.formats.otlp.neutral import Kind
from trace_assets.formats.otlp.said import Side
from trace_assets.formats.otlp.values import Attributes, opened

_KINDS: dict[str, Kind] = {
    "chat": "model",
    "generate_content": "model",
    "text_completion": "model",
    "completion": "model",
    "completions": "model",
    "responses": "model",
    "respond": "model",
    "message": "model",
    "execute_tool": "tool",
    "tool_call": "tool",
    "tool": "tool",
    "invoke_agent": "agent",
    "create_agent": "agent",
    "agent": "agent",
    "invoke_workflow": "other",
    "workflow": "other",
    "plan": "other",
    "embeddings": "other",
    "embedding": "other",
    "retrieval": "other",
    "rerank": "other",
    "evaluation": "other",
}

_OF_MODELS = (
    "gen_ai.request.model",
    "gen_ai.response.model",
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "gen_ai.prompt",
    "gen_ai.completion",
    "gen_ai.prompt.0.role",
    "gen_ai.prompt.0.content",
    "gen_ai.completion.0.content",
    "gen_ai.response.finish_reasons",
)


def kind(left: Attributes) -> Kind | None:
    """By the operation."""
    operation = left.get("gen_ai.operation.name")
    return _KINDS.get(operation.lower()) if isinstance(operation, str) else None


def guess(left: Attributes) -> Kind | None:
    """By the tool or the model that it names."""
    if "gen_ai.tool.name" in left and "gen_ai.request.model" not in left:
        return "tool"
    return "model" if any(key in left for key in _OF_MODELS) else None


def talk(left: Attributes) -> Talk:
    """What a model was given, its instructions first, and what it made."""
    given = _first(left, ("gen_ai.input.messages", "gen_ai.prompt"), "user")
    made = _first(left, _ANSWERS, "assistant")
    system = said.instructions(left.get("gen_ai.system_instructions"))
    if system is not None:
        del left["gen_ai.system_instructions"]
        given = [system, *(one for one in given or [] if not _same(one, system))]
    return Talk(given, made)


_ANSWERS = (
    "gen_ai.output.messages",
    "gen_ai.completion",
    "gen_ai.response.output_text",
    "gen_ai.response.text",
)


def _first(left: Attributes, keys: Sequence[str], side: Side) -> list[Any] | None:
    for key in keys:
        if found := said.listed(left.get(key), side):
            del left[key]
            return found
    return None


def _same(message: Any, system: Any) -> bool:
    """Whether a message repeats the instructions."""
    match message:
        case {"role": "system" | "developer", **rest} if rest.keys() & {"content", "parts"}:
            return _words(message) == _words(system)
        case _:
            return False


def _words(message: dict[str, Any]) -> Any:
    content = message.get("content", message.get("parts"))
    match content:
        case [{"content": str(text)} | {"text": str(text)}]:
            return text
        case _:
            return content


_CALL_ID = "gen_ai.tool.call.id"


def ran(left: Attributes) -> Ran:
    """What a tool was given and returned."""
    name = left.get("gen_ai.tool.name")
    if isinstance(name, str):
        del left["gen_ai.tool.name"]
    return Ran(
        name if isinstance(name, str) and name else None,
        None if is_placeholder(left.get(_CALL_ID)) else take(left, _CALL_ID),
        take(left, "gen_ai.tool.call.arguments", "gen_ai.tool.arguments", "tool_arguments"),
        take(left, "gen_ai.tool.call.result", "gen_ai.tool.result", "tool_response"),
    )


def tools(left: Attributes) -> list[Any]:
    """The definitions of the tools on offer."""
    for key in ("gen_ai.tool.definitions", "gen_ai.request.tools"):
        match opened(left.get(key)):
            case [_, *_] as each:
                del left[key]
                return [opened(one) for one in each]
            case _:
                pass
    return []


DIALECT = Dialect(
    roots=("gen_ai", "tool_arguments", "tool_response"),
    kind=kind,
    guess=guess,
    models=("gen_ai.response.model", "gen_ai.request.model"),
    agent=named("gen_ai.agent.name"),
    usage=partial(counts, prefix="gen_ai.usage."),
    tools=tools,
    talk=talk,
    around=talk,
    ran=ran,
)
