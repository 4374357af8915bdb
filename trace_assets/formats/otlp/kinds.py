"""The kinds of spans and the namespaces of attributes that this format knows."""

from collections.abc import Iterator
from typing import Any, cast

from trace_assets.formats.otlp.event_kinds import KNOWN_EVENTS, events_of, unknown_event
from trace_assets.guards import Kinds, is_prose

_SPANS = (
    "LLM",
    "TOOL",
    "AGENT",
    "CHAIN",
    "RETRIEVER",
    "RERANKER",
    "EMBEDDING",
    "GUARDRAIL",
    "EVALUATOR",
    "PROMPT",
    "UNKNOWN",
)
_NAMESPACES = (
    "a2a",
    "agent",
    "agents",
    "ai",
    "api",
    "aws",
    "azure",
    "browser",
    "chromadb",
    "chunk",
    "claude",
    "client",
    "cloud",
    "code",
    "codex",
    "container",
    "copilot",
    "crewai",
    "cursor",
    "db",
    "deployment",
    "destination",
    "document",
    "embedding",
    "enduser",
    "error",
    "event",
    "exception",
    "faas",
    "feature_flag",
    "gcp",
    "gen_ai",
    "graph",
    "graphql",
    "haystack",
    "host",
    "http",
    "input",
    "internal",
    "k8s",
    "kagent",
    "langfuse",
    "langgraph",
    "langsmith",
    "langwatch",
    "llamaindex",
    "llm",
    "log",
    "logfire",
    "mcp",
    "message",
    "messaging",
    "metadata",
    "mlflow",
    "net",
    "network",
    "openai",
    "openinference",
    "operation",
    "otel",
    "output",
    "peer",
    "process",
    "prompt",
    "pydantic_ai",
    "reranker",
    "resource",
    "response",
    "request",
    "retrieval",
    "rpc",
    "server",
    "service",
    "session",
    "source",
    "span",
    "strands",
    "tag",
    "telemetry",
    "terminal",
    "thread",
    "tool",
    "traceloop",
    "url",
    "user",
    "user_agent",
    "vector_db",
    "workflow",
)

KNOWN_KINDS = frozenset(
    (
        *(f"span/{kind}" for kind in _SPANS),
        *(f"attribute/{namespace}" for namespace in _NAMESPACES),
        *(f"event/{name}" for name in KNOWN_EVENTS),
    )
)
"""OpenInference's kinds of spans, the namespaces of attributes, and the names of events."""

_KNOWN_NAMESPACES = frozenset(_NAMESPACES)
_PLACES = ("attributes", "span_attributes")
_KIND = "openinference.span.kind"
_EVENT_NAMES = ("event.name", "otel.event.name")


def kinds_of(value: Any) -> Iterator[str]:
    """The kind of a span, its events, and the namespaces of those attributes that have prose.

    Programs write attributes of their own; those without prose say nothing of a conversation.
    """
    if not isinstance(value, dict):
        return
    record = cast("dict[str, Any]", value)
    yield from events_of(record)
    for place in _PLACES:
        for key, text in _attributes(record.get(place)) if record.get(place) else ():
            namespace, dot, _ = key.partition(".")
            if key == _KIND:
                yield f"span/{text.upper()}"
            elif key in _EVENT_NAMES:
                yield from unknown_event(text)
            elif dot and namespace not in _KNOWN_NAMESPACES and is_prose(text):
                yield f"attribute/{namespace}"


def _attributes(attributes: Any) -> Iterator[tuple[str, str]]:
    match attributes:
        case dict():
            for key, each in cast("dict[str, Any]", attributes).items():
                if isinstance(each, str):
                    yield key, each
        case list():
            for each in cast("list[Any]", attributes):
                match each:
                    case {"key": str(key), "value": {"stringValue": str(text)}}:
                        yield key, text
                    case _:
                        pass
        case _:
            pass


KINDS = Kinds(KNOWN_KINDS, kinds_of)
