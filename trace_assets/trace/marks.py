"""Tags that a converter sets on a trace of which something is missing, failed or uncertain."""

from collections.abc import Iterable
from typing import Any

INCOMPLETE = "incomplete_conversation"
"""A record of the conversation could not be read and is in quarantine, or its parent is missing."""

BRANCH_WITH_CALLS = "branch_with_calls"
"""Tool calls left the conversation with a branch that was abandoned or taken back."""

MODEL_CALL_FAILED = "model_call_failed"
"""A call of the model failed, and the session shows the error in place of an answer."""

NO_ANSWER = "no_answer"
"""The log has a place for the answer to the last message, and neither answer nor error in it."""

INHERITED_UNCERTAIN = "inherited_history_uncertain"
"""The log does not say clearly where the copied history of the parent session ends."""

QUEUED_UNCERTAIN = "queued_message_uncertain"
"""The log does not say whether a message that the user queued was sent or taken back."""


REPLACED_ITEM_ID = "replaced_item_id"
"""Items of a trace had an empty or repeated id, and have a new one."""

DESCRIPTIONS = {
    INCOMPLETE: "A message could not be read, or its parent is not in the log.",
    BRANCH_WITH_CALLS: "Tool calls left the conversation with a branch; `metadata.extra.branches` "
    "has it.",
    MODEL_CALL_FAILED: "A call of the model failed, and an `error` event is there in place of an "
    "answer.",
    NO_ANSWER: "The log has a place for the answer to the last message, and neither an answer nor "
    "an error in it.",
    INHERITED_UNCERTAIN: "The log does not say where the copied history of the parent session "
    "ends.",
    QUEUED_UNCERTAIN: "The log does not say if a message that the user queued was sent or taken "
    "back.",
    REPLACED_ITEM_ID: "Items had an empty or repeated id; each has a new one, and keeps the "
    "old one as `original_id`.",
}
"""Each tag, with one line."""


def with_tags(metadata: dict[str, Any], tags: Iterable[str]) -> dict[str, Any]:
    """Add tags to the metadata of a trace, each once and in their order.

    >>> with_tags({"trace_id": "t", "tags": ["a"]}, ["b", "a"])
    {'trace_id': 't', 'tags': ['a', 'b']}
    >>> with_tags({"trace_id": "t"}, [])
    {'trace_id': 't'}
    """
    together = list(dict.fromkeys([*metadata.get("tags", ()), *tags]))
    return {**metadata, "tags": together} if together else metadata


def has_calls(items: Iterable[dict[str, Any]]) -> bool:
    """Whether one of the items is a tool call."""
    return any(item["type"] == "function_call" for item in items)
