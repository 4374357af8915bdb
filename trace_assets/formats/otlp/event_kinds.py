"""The names of events that this format knows, in the namespaces of models and coding agents."""

from collections.abc import Iterator
from typing import Any, cast

from trace_assets.formats.otlp import messages, telemetry

_OTHERS = frozenset(
    (
        "claude_code.api_refusal",
        "claude_code.at_mention",
        "claude_code.auth",
        "claude_code.compaction",
        "claude_code.hook_execution_complete",
        "claude_code.hook_execution_start",
        "claude_code.internal_error",
        "claude_code.mcp_server_connection",
        "claude_code.permission_mode_changed",
        "claude_code.plugin_installed",
        "claude_code.plugin_loaded",
        "claude_code.skill_activated",
        "claude_code.subagent_completed",
        "claude_code.tool_decision",
        "codex.api_request",
        "codex.conversation_starts",
        "codex.startup_phase",
        "codex.tool_decision",
        "codex.turn_cost",
        "codex.turn_ttft",
        "codex.websocket_connect",
        "codex.websocket_request",
        "gemini_cli.api_request",
        "gemini_cli.config",
        "gemini_cli.conversation_finished",
        "gemini_cli.flash_fallback",
        "gemini_cli.model_routing",
        "gemini_cli.next_speaker_check",
        "gemini_cli.slash_command",
        "gen_ai.content.completion.chunk",
        "gen_ai.evaluation.result",
        "gen_ai.request.attempt",
    )
)
"""Events that say nothing of a conversation."""

KNOWN_EVENTS = frozenset(
    (
        *messages.MESSAGES,
        messages.DETAILS,
        *telemetry.PROMPTS,
        *telemetry.REQUESTS,
        *telemetry.RESPONSES,
        *telemetry.STREAMS,
        *telemetry.TOOLS,
        *_OTHERS,
    )
)
"""The names of events in the namespaces below."""

_NAMESPACES = ("gen_ai.", "claude_code.", "codex.", "gemini_cli.")
_NAMES = ("eventName", "event_name", "body", "name")


def events_of(record: dict[str, Any]) -> Iterator[str]:
    """The names of a log record's event and of a span's events that this format does not know."""
    events: Any = record.get("events")
    inside = cast("list[Any]", events) if isinstance(events, list) else []
    for event in (record, *inside):
        match event:
            case {"startTimeUnixNano": _} | {"start_time": _}:
                pass  # a span, whose name is no event
            case dict():
                yield from _unknown(cast("dict[str, Any]", event))
            case _:
                pass


def _unknown(event: dict[str, Any]) -> Iterator[str]:
    for key in _NAMES:
        match event.get(key):
            case str(name) | {"stringValue": str(name)}:
                yield from unknown_event(name)
            case _:
                pass


def unknown_event(name: str) -> Iterator[str]:
    """The kind of an event whose name has a namespace of this format, and is not known.

    >>> [*unknown_event("claude_code.dreamed"), *unknown_event("claude_code.api_request")]
    ['event/claude_code.dreamed']
    """
    if name.startswith(_NAMESPACES) and name not in KNOWN_EVENTS and " " not in name:
        yield f"event/{name}"
