"""The kinds of lines, items and events that the format knows."""

from collections.abc import Iterator
from typing import Any

from trace_assets.guards import Kinds

_LINES = (
    "session_meta",
    "turn_context",
    "response_item",
    "event_msg",
    "compacted",
    "world_state",
    "inter_agent_communication",
    "inter_agent_communication_metadata",
)
_ITEMS = (
    "message",
    "agent_message",
    "reasoning",
    "function_call",
    "function_call_output",
    "tool_call",
    "tool_result",
    "custom_tool_call",
    "custom_tool_call_output",
    "local_shell_call",
    "tool_search_call",
    "tool_search_output",
    "web_search_call",
    "image_generation_call",
    "ghost_snapshot",
    "compaction",
    "compaction_summary",
)
_EVENTS = (
    "user_message",
    "agent_message",
    "agent_reasoning",
    "agent_reasoning_raw_content",
    "token_count",
    "task_started",
    "task_complete",
    "turn_started",
    "turn_complete",
    "turn_aborted",
    "thread_rolled_back",
    "thread_name_updated",
    "thread_goal_updated",
    "thread_settings_applied",
    "context_compacted",
    "entered_review_mode",
    "exited_review_mode",
    "guardian_assessment",
    "item_completed",
    "undo_completed",
    "sub_agent_activity",
    "collab_agent_spawn_end",
    "collab_agent_interaction_end",
    "collab_waiting_end",
    "collab_close_end",
    "exec_command_end",
    "patch_apply_end",
    "mcp_tool_call_end",
    "web_search_end",
    "image_generation_end",
    "view_image_tool_call",
    "dynamic_tool_call_request",
    "dynamic_tool_call_response",
    "tool_call",
    "error",
)

KNOWN_KINDS = frozenset(
    (
        *_LINES,
        *(f"response_item/{kind}" for kind in _ITEMS),
        *(f"event_msg/{kind}" for kind in _EVENTS),
    )
)
"""Types of lines, and `type/payload type` of items and events."""

_WITH_KINDS = ("response_item", "event_msg")
"""The lines whose payload has a type of its own."""


def kinds_of(value: Any) -> Iterator[str]:
    """The type of a line, and of the item or event in it."""
    match value:
        case {"type": str(kind), "payload": payload}:
            yield kind
            match payload:
                case {"type": str(inner)} if kind in _WITH_KINDS:
                    yield f"{kind}/{inner}"
                case _:
                    pass
        case {"type": str(kind)}:
            yield f"response_item/{kind}"  # versions without an envelope write items
        case _:
            pass


KINDS = Kinds(KNOWN_KINDS, kinds_of)
