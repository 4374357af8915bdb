"""Names without a namespace, as agents instrument themselves: `model`, `function_name`.

Source: none; these are the words of https://github.com/google-gemini/gemini-cli's telemetry and of
programs like it.
"""

from collections.abc import Sequence
from typing import Any

from trace_assets.formats.otlp import said
from trace_assets.formats.otlp.dialect import Dialect, Ran, Talk, counts, named, take, text
from trace_assets.formats.otlp.neutral import Kind
from trace_assets.formats.otlp.said import Side
from trace_assets.formats.otlp.values import Attributes

_TOOLS = ("function_name", "tool_name")
_GIVEN = ("input_messages", "messages", "input", "prompt", "llm.input", "llm.prompt")
_MADE = ("output_messages", "output", "completion", "response", "llm.output", "llm.completion")
_KINDS: dict[str, Kind] = {
    "llm": "model",
    "chat": "model",
    "generation": "model",
    "model": "model",
    "tool": "tool",
    "function": "tool",
    "agent": "agent",
}
_OF_MODELS = frozenset(
    (
        "input_token_count",
        "output_token_count",
        "prompt_tokens",
        "completion_tokens",
        "input_tokens",
        "output_tokens",
        "finish_reason",
        "finish_reasons",
    )
)
_COUNTS = {"input_token_count": "input_tokens", "output_token_count": "output_tokens"}


def guess(left: Attributes) -> Kind | None:
    """By a word for its kind, the function, or a model that tells what it used."""
    for key in ("span_type", "span_kind", "type", "kind"):
        if isinstance(own := left.get(key), str) and own.lower() in _KINDS:
            return _KINDS[own.lower()]
    if text(left, *_TOOLS):
        return "tool"
    return "model" if text(left, "model") and _OF_MODELS.intersection(left) else None


def talk(left: Attributes) -> Talk:
    """What was given and made."""
    return Talk(_first(left, _GIVEN, "user"), _first(left, _MADE, "assistant"))


def _first(left: Attributes, keys: Sequence[str], side: Side) -> list[Any] | None:
    taken = (said.take(left, key, side) for key in keys)
    return next(filter(None, taken), None)


def usage(left: Attributes) -> dict[str, object]:
    """Token counts."""
    return {
        name: left.pop(key) for key, name in _COUNTS.items() if type(left.get(key)) is int
    } or counts(left, "usage.")


def ran(left: Attributes) -> Ran:
    """What a tool was given and returned."""
    name = text(left, *_TOOLS)
    if name is not None:
        del left["function_name" if left.get("function_name") == name else "tool_name"]
    return Ran(
        name,
        take(left, "tool_call_id", "call_id"),
        take(left, "function_args", "tool_args", "tool_parameters", "arguments", "args", "input"),
        take(left, "tool_result", "result", "output"),
    )


DIALECT = Dialect(
    roots=(*_TOOLS, *_GIVEN, *_MADE, "llm", "model", "usage", "span_type", "type", "agent_name"),
    guess=guess,
    talk=talk,
    around=talk,
    models=("model", "model_name"),
    agent=named("agent_name"),
    usage=usage,
    ran=ran,
)
