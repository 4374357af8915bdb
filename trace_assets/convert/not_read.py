"""Logs of known tools that no format reads yet, so that their quarantine can name the tool.

A signature here also stops formats for chats and tables from reading such a log: its records hold
messages, but the conversation is in how the records belong together. Remove a signature when a
format reads the tool's logs.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, cast

from trace_assets.chatlogs.shapes import is_span
from trace_assets.reading.sample import sample


class _Signature(NamedTuple):
    """What one object of a tool's log has, and no object of another log."""

    tool: str
    keys: frozenset[str]
    """Keys that are all there."""
    values: dict[str, tuple[str, ...]]
    """The starts of the text under a key, one of which is there."""


def _of(tool: str, *keys: str, **values: str | tuple[str, ...]) -> _Signature:
    starts = {key: (each,) if isinstance(each, str) else each for key, each in values.items()}
    return _Signature(tool, frozenset((*keys, *starts)), starts)


_SIGNATURES = (
    # tracers
    _of("W&B Weave", "trace_id", "inputs", "started_at", "op_name"),
    _of("Braintrust", "span_id", "root_span_id", "span_attributes"),
    _of("Braintrust", "root_span_id", "_xact_id"),
    _of("Mastra", "traceId", "isRootSpan"),
    _of("Mastra", "traceId", type=("agent_run", "model_generation", "llm_generation")),
    _of("Mastra", "traceId", spanType=("agent_run", "model_generation", "llm_generation")),
    _of("Mastra", "traceId", spanType=("tool_call", "workflow_", "mcp_tool_call")),
    _of("Datadog LLM Observability", "trace_id", "span_id", "ml_app"),
    _of("Datadog LLM Observability", "trace_id", "span_id", "start_ns", "meta"),
    _of("PostHog", "properties", event="$ai_"),
    _of("Opik", "trace_id", "parent_span_id", "project_id", "last_updated_at"),
    _of("Opik", "trace_id", "parent_span_id", "project_name"),
    _of("ClickHouse (otel_traces)", "TraceId", "SpanId", "SpanName"),
    _of("Go's stdouttrace", "Name", "SpanContext", "StartTime"),
    _of("Application Insights", "operation_Id", "itemType", "customDimensions"),
    _of("Application Insights", "OperationId", "ItemType", "Properties"),
    _of("Application Insights", "columns", "rows", name="PrimaryResult"),
    # chat programs
    _of("ChatGPT (export)", "mapping", "current_node"),
    _of("ChatGPT (export)", "mapping", "create_time"),
    _of("Claude.ai (export)", "uuid", "chat_messages"),
    _of("Open WebUI (export)", "currentId", "messages"),
    _of("Open WebUI (export)", "chat", "user_id", "title"),
    _of("LibreChat (export)", "messageId", "isCreatedByUser"),
    _of("LibreChat (export)", "conversationId", "endpoint", "branches"),
    # coding agents
    _of("Gemini CLI", "sessionId", "projectHash"),
    _of("Gemini CLI (stream)", "session_id", "model", "timestamp", type="init"),
    _of("Copilot CLI", type=("session.start", "assistant.turn_start"), data=()),
    _of("OpenHands", "source", kind=("MessageEvent", "SystemPromptEvent", "ActionEvent")),
    _of("OpenHands", "source", kind=("ObservationEvent", "AgentErrorEvent", "ConversationState")),
    _of("OpenHands", "agent", "workspace", "execution_status"),
    _of("OpenCode", "sessionID", "messageID", "type"),
    _of("OpenCode", "projectID", "directory", "time"),
    _of("Goose", "working_dir", "conversation"),
    _of("Goose", "working_dir", "extension_data"),
    _of("codex exec", "thread_id", type="thread.started"),
    _of("codex exec", "item", type=("item.started", "item.completed")),
    # APIs and frameworks
    _of("Bedrock (model invocation log)", "modelId", schemaType="ModelInvocationLog"),
    _of("OpenAI (items of an eval)", "sample", object="eval.run.output_item"),
    _of("OpenAI (stored completions)", "first_id", "has_more", object="list"),
    _of("LangGraph (state of a thread)", "values", "checkpoint"),
    _of("LangGraph (state of a thread)", "values", "next", "created_at"),
    _of("LangGraph (state of a thread)", "values", "checkpoint_id"),
)
_MAGIC = ((b"PAR1", "a Parquet file"), (b"SQLite format 3\0", "a SQLite database"))
_DOCUMENTS, _ELEMENTS, _LEVELS = 5, 3, 5
_PAGES = frozenset(
    (
        "attributes",
        "calls",
        "chat",
        "content",
        "conversation",
        "conversations",
        "data",
        "events",
        "history",
        "hits",
        "info",
        "items",
        "messages",
        "records",
        "results",
        "rows",
        "spans",
        "tables",
        "traces",
    )
)
"""The keys under which tools put a page of records. The names of files in a zip file have a dot."""


def tool_of(documents: Sequence[Any]) -> str | None:
    """The tool whose logs begin with such documents; None if it is unknown, or a format reads it.

    >>> tool_of([{"data": [{"root_span_id": "r", "_xact_id": "7", "output": "hi"}]}])
    'Braintrust'
    >>> tool_of([{"messages": [{"role": "user", "content": "hi"}]}]) is None
    True
    """
    for value in _objects(documents[:_DOCUMENTS]):
        for signature in _SIGNATURES:
            if signature.keys <= value.keys() and _has_values(value, signature):
                return signature.tool
    return _cursor(documents) or _qwen_code(documents)


def likely_tool(head: bytes) -> str | None:
    """What a file that no format reads looks like, by its first bytes; None if nothing is known.

    >>> likely_tool(b"PAR1..."), likely_tool(b"{}")
    ('a Parquet file', None)
    """
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    documents = sample(head)
    tool = tool_of(documents) or _anthropic_batch(documents)
    if tool is not None:
        return f"a log of {tool}"
    if any(is_span(value.keys()) for value in _objects(documents[:_DOCUMENTS])):
        return "spans of a tracer"
    return None


def _has_values(value: dict[str, Any], signature: _Signature) -> bool:
    for key, starts in signature.values.items():
        found = value[key]
        if starts and not (isinstance(found, str) and found.startswith(starts)):
            return False
    return True


def _objects(documents: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """The first objects of documents, and of the lists and pages in them."""
    pending = list(documents)
    for _ in range(_LEVELS):
        inner: list[Any] = []
        for value in pending:
            if isinstance(value, dict):
                found = cast("dict[str, Any]", value)
                yield found
                inner += (each for key, each in found.items() if key in _PAGES or "." in key)
            elif isinstance(value, list):
                inner += islice(cast("list[Any]", value), _ELEMENTS)
        pending = inner


def _cursor(documents: Sequence[Any]) -> str | None:
    """Cursor's lines have a role and the content below `message`, which has no role."""
    match documents:
        case [{"role": "user", "message": {"content": list(), **message}, **rest}, *_]:
            return None if rest or "role" in message else "Cursor"
        case _:
            return None


def _anthropic_batch(documents: Sequence[Any]) -> str | None:
    match documents:
        case [{"custom_id": _, "result": {"type": str()}}, *_]:
            return "Anthropic (results of a batch)"
        case _:
            return None


def _qwen_code(documents: Sequence[Any]) -> str | None:
    """Qwen Code writes Claude Code's lines with messages of Gemini's API in them."""
    match documents:
        case [{"uuid": _, "parentUuid": _, "message": {"role": _, "parts": list()}}, *_]:
            return "Qwen Code"
        case _:
            return None
