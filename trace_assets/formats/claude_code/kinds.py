"""The kinds of lines and of content blocks that the format knows."""

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
    "ai-title",
    "custom-title",
    "last-prompt",
    "file-history-snapshot",
    "queue-operation",
    "control_request",
    "control_response",
)
_SUBTYPES = (
    "system/init",
    "system/session_start",
    "system/compact_boundary",
    "system/api_error",
    "system/turn_duration",
    "system/stop_hook_summary",
    "system/local_command",
    "system/informational",
    "result/success",
    "result/error_max_turns",
    "result/error_during_execution",
    "attachment/queued_command",
    "attachment/system_context",
    "attachment/hook_success",
    "attachment/deferred_tools_delta",
    "queue-operation/enqueue",
    "queue-operation/dequeue",
    "queue-operation/remove",
    "queue-operation/popAll",
)
_BLOCKS = ("text", "thinking", "redacted_thinking", "tool_use", "tool_result", "image", "document")

KNOWN_KINDS = frozenset((*_LINES, *_SUBTYPES, *(f"block/{kind}" for kind in _BLOCKS)))
"""Types of lines, `type/subtype` of lines that have one, and `block/type` of content blocks."""
