"""The kinds of lines and of content blocks that the format knows."""

from collections.abc import Iterator
from typing import Any

from trace_assets.guards import Kinds, texts_at

_LINES = (
    "user",
    "human",
    "assistant",
    "tool",
    "tool_use",
    "tool_result",
    "attachment",
    "system",
    "summary",
    "result",
    "progress",
    "mode",
    "permission-mode",
    "agent-name",
    "agent-color",
    "agent-setting",
    "ai-title",
    "custom-title",
    "last-prompt",
    "pr-link",
    "tag",
    "file-history-snapshot",
    "queue-operation",
    "stream_event",
    "rate_limit_event",
    "tool_progress",
    "tool_use_summary",
    "keep_alive",
    "control_request",
    "control_response",
    "control_cancel_request",
    "content-replacement",
    "worktree-state",
)
_SYSTEM = (
    "init",
    "session_start",
    "compact_boundary",
    "microcompact_boundary",
    "api_error",
    "api_metrics",
    "turn_duration",
    "stop_hook_summary",
    "local_command",
    "informational",
    "bridge_status",
    "permission_retry",
    "away_summary",
    "memory_saved",
    "agents_killed",
    "scheduled_task_fire",
    "thinking",
    "file_snapshot",
    "status",
    "task_started",
    "task_progress",
    "task_notification",
    "hook_started",
    "hook_progress",
    "hook_response",
    "session_state_changed",
    "files_persisted",
    "elicitation_complete",
    "post_turn_summary",
)
_RESULTS = (
    "success",
    "error_max_turns",
    "error_during_execution",
    "error_max_budget_usd",
    "error_max_structured_output_retries",
)
_ATTACHMENTS = (
    "new_file",
    "edited_text_file",
    "edited_image_file",
    "directory",
    "file",
    "compact_file_reference",
    "selected_lines_in_ide",
    "opened_file_in_ide",
    "todo",
    "todo_reminder",
    "task_reminder",
    "nested_memory",
    "relevant_memories",
    "dynamic_skill",
    "skill_listing",
    "skill_discovery",
    "queued_command",
    "output_style",
    "diagnostics",
    "plan_mode",
    "plan_mode_reentry",
    "plan_mode_exit",
    "plan_file_reference",
    "auto_mode",
    "auto_mode_exit",
    "critical_system_reminder",
    "mcp_resource",
    "mcp_instructions_delta",
    "command_permissions",
    "agent_mention",
    "agent_listing_delta",
    "task_status",
    "async_hook_response",
    "token_usage",
    "budget_usd",
    "output_token_usage",
    "structured_output",
    "teammate_mailbox",
    "team_context",
    "invoked_skills",
    "verify_plan_reminder",
    "max_turns_reached",
    "current_session_memory",
    "compaction_reminder",
    "context_efficiency",
    "date_change",
    "ultrathink_effort",
    "deferred_tools_delta",
    "companion_intro",
    "already_read_file",
    "pdf_reference",
    "system_context",
    "hook_success",
    "hook_cancelled",
    "hook_blocking_error",
    "hook_non_blocking_error",
    "hook_error_during_execution",
    "hook_additional_context",
    "hook_stopped_continuation",
    "hook_system_message",
    "hook_permission_decision",
)
_QUEUE = (
    "enqueue",
    "dequeue",
    "remove",
    "remove/absorbed_mid_turn",
    "popAll",
)
_BLOCKS = (
    "text",
    "thinking",
    "redacted_thinking",
    "tool_use",
    "tool_result",
    "image",
    "document",
    "server_tool_use",
    "web_search_tool_result",
    "web_fetch_tool_result",
    "code_execution_tool_result",
    "tool_reference",
)

KNOWN_KINDS = frozenset(
    (
        *_LINES,
        *(f"system/{kind}" for kind in _SYSTEM),
        *(f"result/{kind}" for kind in _RESULTS),
        *(f"attachment/{kind}" for kind in _ATTACHMENTS),
        *(f"queue-operation/{kind}" for kind in _QUEUE),
        *(f"block/{kind}" for kind in _BLOCKS),
    )
)
"""Types of lines, `type/subtype` of lines that have one, and `block/type` of content blocks."""


def kinds_of(value: Any) -> Iterator[str]:
    """The kinds of one line, and of the blocks of its message."""
    match value:
        case {"direction": str(), "message": {"type": str()} as line}:
            yield from _of_line(line)
        case {"type": str()}:
            yield from _of_line(value)
        case _:
            pass


def _of_line(line: dict[str, Any]) -> Iterator[str]:
    kind = line["type"]
    yield kind
    if kind in _OF_DETAILS:
        yield from _details(line)
    yield from texts_at(line, ("message", "content", "*", "type"), "block/")


_OF_DETAILS = frozenset(("queue-operation", "attachment", "system", "result"))
"""The types of lines that have another name beside the type."""


def _details(line: dict[str, Any]) -> Iterator[str]:
    match line:
        case {"type": "queue-operation", "operation": str(operation), "reason": str(reason)}:
            yield f"queue-operation/{operation}/{reason}"
        case {"type": "queue-operation", "operation": str(operation)}:
            yield f"queue-operation/{operation}"
        case {"type": "attachment", "attachment": {"type": str(kind)}}:
            yield f"attachment/{kind}"
        case {"type": "system" | "result" as kind, "subtype": str(subtype)}:
            yield f"{kind}/{subtype}"
        case _:
            pass


KINDS = Kinds(KNOWN_KINDS, kinds_of)
