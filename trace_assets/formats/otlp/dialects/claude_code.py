"""The spans of Claude Code: `claude_code.llm_request` and `claude_code.tool`.

Source: https://code.claude.com/docs/en/monitoring-usage, "Traces (beta)". `span.type` says what a
span is. `claude_code.interaction` is around everything that one prompt starts. A tool's span has
its input as single attributes and its output in an event. Resources may add the model and the agent
to all spans: only the type says which one called a model.
"""

from typing import Any

from trace_assets.formats.otlp.content import is_placeholder
from trace_assets.formats.otlp.dialect import Dialect, Ran, Talk, take, text
from trace_assets.formats.otlp.neutral import Kind
from trace_assets.formats.otlp.values import Attributes

_KINDS: dict[str, Kind] = {
    "interaction": "agent",
    "llm_request": "model",
    "tool": "tool",
    "tool.execution": "other",
    "tool.blocked_on_user": "other",
    "hook": "other",
}
_INPUTS = ("full_command", "file_path", "skill_name", "subagent_type", "pattern", "url")
"""Attributes that have parts of a tool's input."""


def kind(left: Attributes) -> Kind | None:
    """By the type of the span."""
    own = left.get("span.type")
    return _KINDS.get(own) if isinstance(own, str) else None


def talk(left: Attributes) -> Talk:
    """The prompt and the answer, which detailed tracing records."""
    prompt, answer = text(left, "user_prompt"), text(left, "response.model_output")
    for key, words in (("user_prompt", prompt), ("response.model_output", answer)):
        if words and not is_placeholder(words):
            del left[key]
    return Talk(
        [{"role": "user", "content": prompt}] if prompt else None,
        [{"role": "assistant", "content": answer}] if answer else None,
    )


def ran(left: Attributes) -> Ran:
    """The tool's name and id, and what is known of its input."""
    if kind(left) != "tool":
        return Ran()
    name, call_id = take(left, "tool_name"), take(left, "tool_use_id")
    whole = take(left, "tool_input")
    if whole is None:
        parts: dict[str, Any] = {key: left.pop(key) for key in _INPUTS if left.get(key)}
        whole = parts or None
    return Ran(name if isinstance(name, str) else None, call_id, whole)


DIALECT = Dialect(
    roots=("span",),
    kind=kind,
    models=("model",),
    talk=talk,
    around=talk,
    ran=ran,
)
