"""What the parts of a chat log's record are told by: a message, a list of them, an answer."""

from collections.abc import Collection, Mapping
from typing import Any, cast

from trace_assets.reading.embedded import embedded_json

MESSAGES = (
    "messages",
    "conversations",
    "conversation",
    "contents",
    "chat_history",
    "message_history",
    "history",
    "chat",
    "dialogue",
    "dialog",
    "turns",
    "traj",
    "trajectory",
    "chosen_messages",
    "context",
    "events",
)
"""The keys under which logs keep a list of messages, the usual first."""

_SAID = frozenset(
    (
        "content",
        "parts",
        "contents",
        "text",
        "tool_calls",
        "function_call",
        "tool_call_id",
        "refusal",
        "reasoning_content",
        "reasoning",
        "audio",
    )
)
_OF_MESSAGE = frozenset(("role", "from", "lc", "author", "message", "type"))
"""One of these keys is in every message."""
_OF_ANSWER = frozenset(("choices", "candidates", "output", "type"))
"""One of these is in every answer."""
_LANGCHAIN = frozenset(("human", "ai", "system", "tool", "function", "chat", "AIMessageChunk"))
_ITEMS = frozenset(
    ("item_reference", "mcp_list_tools", "mcp_approval_request", "mcp_approval_response")
)


def is_message(value: Any) -> bool:
    """Whether a value has the outlines of a message, in any dialect.

    >>> is_message({"role": "user", "content": None}), is_message({"from": "human", "value": "hi"})
    (True, True)
    >>> is_message({"role": "admin"}), is_message({"role": "user", "messages": []})
    (False, False)
    """
    if not has_any(value, _OF_MESSAGE):
        return False
    match value:
        case {"messages": list()}:
            return False
        case {"role": str(), **rest}:
            return not _SAID.isdisjoint(rest)
        case {"from": str(), "value": _} | {"lc": 1, "kwargs": dict()}:
            return True
        case {"author": str(), "content": {"parts": list()}}:
            return True
        case {"message": {"role": str(), "content": _}}:
            return "request" not in value and "response" not in value
        case {"type": str(kind), "data": dict()} | {"type": str(kind), "content": _}:
            return kind in _LANGCHAIN or is_item(value)
        case _:
            return is_item(value)


_OF_TRACE = frozenset(("trace_id", "traceId", "root_span_id", "rootSpanId"))
_OF_SPAN = frozenset(
    (
        "span_id",
        "spanId",
        "parent_id",
        "parentId",
        "parent_span_id",
        "parentSpanId",
        "span_parents",
        "parent_run_id",
        "parent_observation_id",
        "parentObservationId",
    )
)
_OF_START = frozenset(
    ("start_time", "startTime", "started_at", "startedAt", "start", "start_ms", "start_ns")
)
_OF_CONTENT = frozenset(("input", "output", "inputs", "outputs"))


def is_span(keys: Collection[str]) -> bool:
    """True if the keys of a record are those of a tracer's span: it is no chat by itself.

    >>> is_span(("trace_id", "span_id", "start_time", "input"))
    True
    >>> is_span(("trace_id", "start_time", "input")), is_span(("trace_id", "span_id", "messages"))
    (False, False)
    """
    each = (_OF_TRACE, _OF_SPAN, _OF_START, _OF_CONTENT)
    return not any(names.isdisjoint(keys) for names in each)


def has_any(value: Any, keys: frozenset[str]) -> bool:
    """Whether a value is an object with one of the keys: to ask so costs less than a pattern."""
    return isinstance(value, dict) and not keys.isdisjoint(cast("dict[str, Any]", value))


def is_item(value: Any) -> bool:
    """Whether a value is an item of the Responses API that says by itself what it is."""
    match value:
        case {"type": "reasoning", "summary": list()}:
            return True
        case {"type": "reasoning" | "compaction", "encrypted_content": str()}:
            return True
        case {"type": str(kind), "call_id": _} | {"type": str(kind), "status": _, "id": _}:
            return kind.endswith(("_call", "_call_output"))
        case {"type": str(kind), "id": _}:
            return kind in _ITEMS
        case _:
            return False


def are_messages(value: Any) -> bool:
    """Whether a value is a list of messages, or LangChain's batch of one; told by its first ones.

    One of the first four is enough: what then is no message is an error, with its place.
    """
    match value:
        case [[*only]]:
            return any(map(is_message, only[:4]))
        case [*messages]:
            return any(map(is_message, messages[:4]))
        case _:
            return False


def messages_key(record: Mapping[str, Any]) -> str | None:
    """The key under which a record has a list of messages; None if it has none."""
    for key in MESSAGES:
        if key in record and are_messages(decoded(record[key])):
            return key
    match record:
        case {"input": list() as items} if are_messages(items) and "model" in record:
            return "input"
        case {"input": str(), "model": str(), "instructions": _} | {"input": str(), "object": _}:
            return "input"
        case {"messages": []}:
            return "messages"
        case _:
            return None


def is_answer(record: Mapping[str, Any]) -> bool:
    """Whether a record is what an API answered, with no request beside it.

    >>> is_answer({"choices": [{"message": {"role": "assistant", "content": "hi"}}]})
    True
    >>> is_answer({"choices": [{}], "messages": [{"role": "user", "content": "hi"}]})
    False
    """
    if _OF_ANSWER.isdisjoint(record):
        return False
    match record:
        case {"choices": [{"message": _}, *_]} | {"choices": [{"text": str()}, *_]}:
            pass
        case {"candidates": [_, *_]} | {"output": {"message": {"role": _}}}:
            pass
        case {"output": [{"type": str()}, *_]} | {"object": "response", "output": list()}:
            pass
        case {"type": "message", "role": str(), "content": _, "model": _, "usage": _}:
            pass
        case _:
            return False
    return messages_key(record) is None and "request" not in record


def is_refusal_to_answer(record: Mapping[str, Any]) -> bool:
    """Whether a record is an API's error, and nothing else."""
    match record:
        case {"error": {"message": str()}, **rest}:
            return rest.keys() <= {"type", "request_id", "status", "status_code"}
        case _:
            return False


def is_batch_error(record: Mapping[str, Any]) -> bool:
    """Whether a record says that a request of a batch was never answered.

    >>> is_batch_error({"custom_id": "q", "response": None, "error": {"code": "batch_expired"}})
    True
    """
    match record:
        case {"custom_id": str() | int(), "response": None, "error": {"code": _} | {"message": _}}:
            return True
        case _:
            return False


def is_run(record: Mapping[str, Any]) -> bool:
    """Whether a record is the result of a run of OpenAI's Agents SDK."""
    match record:
        case {"raw_responses": [{"output": list()}, *_], "input": _}:
            return True
        case _:
            return False


def decoded(value: Any) -> Any:
    """The JSON in a text, as proxies log bodies; any other value as it is.

    >>> decoded('{"model": "m"}'), decoded("{{ name }}")
    ({'model': 'm'}, '{{ name }}')
    """
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    return embedded_json(value, default=value)


def layers(record: Any, keys: frozenset[str]) -> list[dict[str, Any]]:
    """A record and the objects in it under some keys, and under these, one step at a time."""
    found: list[dict[str, Any]] = [record] if isinstance(record, dict) else []
    for layer in found:  # grows while it is read
        if not keys.isdisjoint(layer):
            found += [layer[key] for key in layer if key in keys and isinstance(layer[key], dict)]
    return found
