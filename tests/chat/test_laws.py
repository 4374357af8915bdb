"""What holds for any message: nothing is lost, the items are valid, and nothing else happens."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.leaves import lost
from tests.chat.making import held
from trace_assets import chat

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
SCALARS = st.none() | st.booleans() | st.integers(-9, 9**20) | TEXT
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)
NAMES = [
    "id",
    "type",
    "role",
    "name",
    "status",
    "content",
    "text",
    "parts",
    "call_id",
    "tool_call_id",
    "toolCallId",
    "original_id",
    "original_content",
    "created_by",
    "arguments",
    "input",
    "args",
    "output",
    "result",
    "error",
    "is_error",
    "value",
    "from",
    "annotations",
    "logprobs",
    "detail",
    "image_url",
    "filename",
    "refusal",
    "source",
    "data",
    "state",
    "response",
    "function",
    "metadata",
    "signature",
    "reasoning",
    "reasoning_content",
    "thinking",
    "audio",
    "summary",
    "message",
]
KINDS = [
    "text",
    "input_text",
    "output_text",
    "refusal",
    "image_url",
    "input_image",
    "image",
    "file",
    "input_file",
    "input_audio",
    "video_url",
    "thinking",
    "redacted_thinking",
    "reasoning",
    "tool_use",
    "server_tool_use",
    "tool_result",
    "web_search_tool_result",
    "document",
    "tool_call",
    "tool_call_response",
    "tool-call",
    "tool-result",
    "tool-error",
    "tool-look",
    "dynamic-tool",
    "tool-invocation",
    "blob",
    "uri",
    "summary_text",
    "function_call",
    "function_call_output",
    "mcp_call",
    "web_search_call",
    "custom_tool_call_output",
    "message",
    "human",
    "ai",
    "function",
    "custom",
    "step-start",
]
ROLES = ("user", "assistant", "system", "developer", "tool", "function", "model", "human")


def objects(inner: st.SearchStrategy[Any], max_size: int = 5) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(NAMES) | TEXT, inner, max_size=max_size)


BLOCKS = st.builds(
    lambda kind, rest: {**rest, **kind},
    st.fixed_dictionaries({}, optional={"type": st.sampled_from(KINDS)}),
    objects(VALUES | objects(VALUES, 3)),
)
KNOWN_BLOCKS = st.sampled_from(
    [
        {"type": "text", "text": "said"},
        {"type": "tool_use", "id": "u1", "name": "f", "input": {"a": "b"}},
        {"type": "tool_result", "tool_use_id": "u1", "content": [{"type": "text", "text": "r"}]},
        {"functionCall": {"name": "g", "args": {"c": "d"}}},
        {"toolResult": {"toolUseId": "u1", "content": [{"text": "s"}], "status": "success"}},
        {"reasoningContent": {"reasoningText": {"text": "hm"}}},
        {"inlineData": {"mimeType": "image/png", "data": "iVBO"}},
        {"image": {"format": "png", "source": {"bytes": "iVBO"}}},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iV"}},
        {"type": "image_url", "image_url": {"url": "https://x", "detail": "low"}},
        {"type": "tool-call", "toolCallId": "9", "toolName": "h", "input": [1]},
        {"type": "file", "mediaType": "video/mp4", "url": "https://y"},
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "plan"}]},
    ]
)
GARNISHED = st.builds(lambda block, rest: {**rest, **block}, KNOWN_BLOCKS, objects(VALUES, 3))
CALLS = st.builds(
    lambda function, rest: {**rest, "function": {"name": "f", **function}},
    objects(VALUES, 2).filter(lambda value: "name" not in value),
    objects(VALUES, 3),
)
MESSAGES = st.builds(
    lambda rest, own: {**rest, **own},
    objects(VALUES),
    st.fixed_dictionaries(
        {"role": st.sampled_from(ROLES)},
        optional={
            "content": TEXT | st.none() | st.lists(GARNISHED | BLOCKS | TEXT, max_size=3) | BLOCKS,
            "parts": st.lists(GARNISHED | BLOCKS, max_size=3),
            "tool_calls": st.none() | st.lists(CALLS, max_size=2),
        },
    ),
)
TYPED = st.builds(
    lambda rest, kind: {**rest, "type": kind}, objects(VALUES), st.sampled_from(KINDS)
)


@given(st.lists(MESSAGES | TYPED, min_size=1, max_size=3))
def test_every_scalar_of_a_message_is_found_again_in_valid_items(messages: list[Any]) -> None:
    before = json.dumps(messages)
    conversation = chat.Conversation("t")
    taken = []
    for message in messages:
        try:
            conversation.extend([message])
        except chat.UnknownMessageError:
            continue
        taken.append(message)
    assert lost(taken, held(conversation.items())) == []
    assert json.dumps(messages) == before


@given(VALUES | BLOCKS | MESSAGES)
def test_any_json_is_a_message_or_an_error_that_says_where(value: Any) -> None:
    try:
        pieces = chat.pieces(value, pointer="/9")
    except chat.UnknownMessageError as error:
        assert error.pointer.startswith("/9")  # noqa: PT017 either is right
    else:
        assert pieces


@given(VALUES | MESSAGES | st.lists(MESSAGES, max_size=2) | objects(MESSAGES | VALUES))
def test_anything_unwraps_to_messages_or_nothing_or_an_error(value: Any) -> None:
    try:
        found = chat.unwrap(value, role="user")
    except chat.UnknownMessageError:
        return
    if found is not None:
        held(chat.items_of("t", found.pieces))


# --- real logs --------------------------------------------------------------------------------

CORPUS = Path(os.environ.get("TRACE_ASSETS_CORPUS", "does-not-exist"))
FOLDERS = [
    "anthropic",
    "bedrock",
    "gemini",
    "openai_chat",
    "openai_responses",
    "langfuse",
    "langsmith",
    "vercel_ui_messages",
    "sharegpt",
    "otel",
    "openai_agents",
    "inspect_ai",
    "langgraph",
    "claude_code",
]
PER_FOLDER = 300


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="TRACE_ASSETS_CORPUS names no folder")
@pytest.mark.parametrize("folder", FOLDERS)
def test_real_messages_are_read_whole(folder: str) -> None:
    seen = 0
    for message in real_messages(CORPUS / folder):
        conversation = chat.Conversation("t")
        conversation.extend([message])
        assert lost(message, held(conversation.items())) == []
        seen += 1
        if seen == PER_FOLDER:
            return
    assert seen


def real_messages(folder: Path) -> Iterator[dict[str, Any]]:
    """Whatever looks like a message anywhere in the JSON files of a folder."""
    for path in sorted(folder.rglob("*.json*")):
        pending: list[Any] = list(documents(path)) if path.stat().st_size < 3_000_000 else []
        while pending:
            value = pending.pop()
            match value:
                case {"role": str(), "content": _} | {"role": str(), "parts": _}:
                    yield value
                case {"from": str(), "value": _} | {"role": str(), "tool_calls": _}:
                    yield value
                case dict():
                    pending += value.values()
                case list():
                    pending += value
                case _:
                    pass


def documents(path: Path) -> Iterator[Any]:
    content = path.read_bytes()
    for part in (content, *content.splitlines()[:50]):
        try:
            yield json.loads(part)
        except ValueError:
            continue
        if part is content:
            return
