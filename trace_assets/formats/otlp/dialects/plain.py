"""Names without a namespace, as agents instrument themselves: `model`, `function_name`.

Source: none; these are the words of https://github.com/google-gemini/gemini-cli's telemetry and of
programs like it.
"""

from trace_assets.formats.otlp.dialect import Dialect, Ran, counts, take, text
from trace_assets.formats.otlp.neutral import Kind
from trace_assets.formats.otlp.values import Attributes

_TOOLS = ("function_name", "tool_name")
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
    """By the function, or by a model that tells what it used or why it stopped."""
    if text(left, *_TOOLS):
        return "tool"
    return "model" if text(left, "model") and _OF_MODELS.intersection(left) else None


def usage(left: Attributes) -> dict[str, object]:
    """Token counts."""
    return {
        name: left.pop(key) for key, name in _COUNTS.items() if type(left.get(key)) is int
    } or counts(left, "usage.")


def ran(left: Attributes) -> Ran:
    """What a tool was given and returned."""
    name = text(left, *_TOOLS)
    if name is None:
        return Ran()
    del left["function_name" if left.get("function_name") == name else "tool_name"]
    return Ran(
        name,
        take(left, "tool_call_id", "call_id"),
        take(left, "function_args", "tool_args", "arguments", "tool_parameters"),
        take(left, "tool_result", "result"),
    )


DIALECT = Dialect(
    roots=("function_name", "tool_name", "model", "usage"),
    guess=guess,
    models=("model",),
    agents=("agent_name",),
    usage=usage,
    ran=ran,
)
