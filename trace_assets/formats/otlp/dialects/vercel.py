"""The AI SDK of Vercel.

Source: https://ai-sdk.dev/docs/ai-sdk-core/telemetry. `ai.generateText` and its like are around
one call of a model each step (`ai.generateText.doGenerate`) and the tools (`ai.toolCall`).
"""

from functools import partial
from typing import Any, cast

from trace_assets.formats.otlp import said
from trace_assets.formats.otlp.dialect import Dialect, Ran, Talk, counts, take
from trace_assets.formats.otlp.neutral import Kind
from trace_assets.formats.otlp.values import Attributes, opened


def kind(left: Attributes) -> Kind | None:
    """By the operation."""
    operation = left.get("ai.operationId")
    if not isinstance(operation, str):
        return None
    if operation.endswith((".doGenerate", ".doStream")):
        return "model"
    return "tool" if operation == "ai.toolCall" else "other"


def talk(left: Attributes) -> Talk:
    """What a model was given and made: its answer is several attributes."""
    given = said.listed(left.get("ai.prompt.messages"), "user")
    if given:
        del left["ai.prompt.messages"]
    return Talk(given, _answer(left))


def _answer(left: Attributes) -> list[Any] | None:
    parts: list[Any] = []
    reasoning = left.get("ai.response.reasoning")
    if isinstance(reasoning, str) and reasoning:
        parts.append({"type": "reasoning", "text": left.pop("ai.response.reasoning")})
    for key in ("ai.response.text", "ai.response.object"):
        if isinstance(left.get(key), str) and left[key] and not any(map(_is_text, parts)):
            parts.append({"type": "text", "text": left.pop(key)})
    match opened(left.get("ai.response.toolCalls")):
        case [*calls] if calls and all(isinstance(call, dict) for call in calls):
            parts += ({"type": "tool-call", **cast("Attributes", call)} for call in calls)
            del left["ai.response.toolCalls"]
        case _:
            pass
    return [{"role": "assistant", "content": parts}] if parts else None


def _is_text(part: Any) -> bool:
    return part["type"] == "text"


def tools(left: Attributes) -> list[Any]:
    """The definitions of the tools on offer, each JSON in a text."""
    match opened(left.get("ai.prompt.tools")):
        case [_, *_] as each:
            del left["ai.prompt.tools"]
            return [opened(one) for one in each]
        case _:
            return []


def around(left: Attributes) -> Talk:
    """What all steps together were given and made."""
    match opened(left.get("ai.prompt")):
        case {"system": str(system), "prompt": str(prompt), **rest} if system:
            given: list[Any] | None = [
                {"role": "system", "content": system},
                {"role": "user", "content": prompt},
            ]
            _keep(left, "ai.prompt", rest)
        case _:
            given = said.take(left, "ai.prompt", "user")
    return Talk(given, _answer(left))


def _keep(left: Attributes, key: str, rest: Attributes) -> None:
    if rest:
        left[key] = rest
    else:
        del left[key]


def ran(left: Attributes) -> Ran:
    """What a tool was given and returned."""
    name = take(left, "ai.toolCall.name")
    return Ran(
        name if isinstance(name, str) else None,
        take(left, "ai.toolCall.id"),
        take(left, "ai.toolCall.args", "ai.toolCall.input"),
        take(left, "ai.toolCall.result", "ai.toolCall.output"),
    )


DIALECT = Dialect(
    roots=("ai",),
    kind=kind,
    models=("ai.response.model", "ai.model.id"),
    usage=partial(counts, prefix="ai.usage."),
    tools=tools,
    talk=talk,
    around=around,
    ran=ran,
)
