"""The roles and block types of chat logs, wherever a record has messages."""

from collections.abc import Iterable, Iterator
from typing import Any, cast

from trace_assets import vocabulary
from trace_assets.guards import Kinds

_BLOCKS = (
    "text",
    "input_text",
    "output_text",
    "summary_text",
    "reasoning_text",
    "reasoning",
    "reasoning.text",
    "reasoning.summary",
    "reasoning.encrypted",
    "refusal",
    "image",
    "image_url",
    "input_image",
    "audio",
    "audio_url",
    "input_audio",
    "output_audio",
    "video",
    "video_url",
    "input_video",
    "file",
    "file_url",
    "input_file",
    "media",
    "document",
    "thinking",
    "redacted_thinking",
    "tool_use",
    "tool_result",
    "server_tool_use",
    "server_tool_result",
    "mcp_tool_use",
    "mcp_tool_result",
    "web_search_tool_result",
    "web_fetch_tool_result",
    "code_execution_tool_result",
    "bash_code_execution_tool_result",
    "text_editor_code_execution_tool_result",
    "tool_search_tool_result",
    "container_upload",
    "compaction",
    "advisor_tool_result",
    "fallback",
    "search_result",
    "function",
    "function_call",
    "function_call_output",
    "function_response",
    "tool_call",
    "tool-call",
    "tool_call_response",
    "tool_response",
    "toolRequest",
    "toolResponse",
    "tool-result",
    "tool-error",
    "tool_calls",
    "toolCall",
    "step-start",
    "dynamic-tool",
    "source-url",
    "source-document",
    "guard_content",
    "non_standard",
    "executable_code",
    "code_execution_result",
    "citation",
    "citations",
    "resource_link",
    "refusal_text",
    "blob",
    "uri",
    "data",
)

KNOWN_KINDS = frozenset(f"block/{block}" for block in _BLOCKS)
"""The types of content blocks; what words are roles is in the vocabulary."""

_DEPTH = 6
_CONTAINERS = (dict, list)
_NO_MESSAGES = frozenset(("tools", "functions", "parameters", "usage"))
"""Keys without messages below them."""


def kinds_of(value: Any) -> Iterator[str]:
    """The types of the blocks of messages and their roles, where the vocabulary has them not."""
    # Every value of every record passes here.
    layer: list[Any] = [value] if type(value) in _CONTAINERS else []
    for _ in range(_DEPTH):
        for part in layer:
            if type(part) is dict and "role" in part and "content" in part:
                yield from _of_message(part["role"], part["content"])
        layer = [each for part in layer for each in _inside(part) if type(each) in _CONTAINERS]
        if not layer:
            return


def _inside(part: Any) -> Iterable[Any]:
    if type(part) is list:
        return cast("list[Any]", part)
    fields = cast("dict[str, Any]", part)
    if _NO_MESSAGES.isdisjoint(fields):
        return fields.values()
    return [each for key, each in fields.items() if key not in _NO_MESSAGES]


def _of_message(role: Any, content: Any) -> Iterator[str]:
    if not isinstance(role, str):
        return
    if role not in _ROLES and vocabulary.role(role) is None and not vocabulary.is_tool(role):
        yield f"role/{role}"
    for part in cast("list[Any]", content) if isinstance(content, list) else ():
        if isinstance(part, dict) and isinstance(kind := part.get("type"), str):
            yield f"block/{kind}"


_ROLES = vocabulary.ROLES.keys() | vocabulary.TOOL_ROLES
"""The usual words for roles, which need no closer look."""


KINDS = Kinds(KNOWN_KINDS, kinds_of)
