"""Detection of Pi's session files."""

from collections.abc import Sequence
from typing import Any

from trace_assets.formats import Claim

_ROLES = frozenset(("toolResult", "bashExecution", "hookMessage"))
"""Roles of messages that only Pi's library writes."""


def detect(documents: Sequence[Any]) -> Claim | None:
    """Claim a log by the first line of a session, or by entries that no other log has.

    The number of control entries before the first message does not matter.
    """
    claims = [claim for document in documents if (claim := _entry(document))]
    return max(claims, key=lambda claim: claim.strength, default=None)


def _entry(document: Any) -> Claim | None:
    match document:
        case {"type": "session", "id": str(), "timestamp": str(), "cwd": str()}:
            return Claim(3, "a line of type `session` has an id, a timestamp and a `cwd`")
        case {"type": "thinking_level_change", "thinkingLevel": str()}:
            return Claim(3, "a line of type `thinking_level_change` has a `thinkingLevel`")
        case {"type": "model_change", "provider": str(), "modelId": str()}:
            return Claim(3, "a line of type `model_change` has a `provider` and a `modelId`")
        case {"type": "compaction", "firstKeptEntryId": str(), "summary": str()}:
            return Claim(3, "a line of type `compaction` has a `firstKeptEntryId`")
        case {"type": "branch_summary", "fromId": str(), "summary": str()}:
            return Claim(3, "a line of type `branch_summary` has a `fromId`")
        case {"type": "message", "parentId": _, "message": {"role": str(role)} as message}:
            return _message(role, message)
        case _:
            return None


def _message(role: str, message: Any) -> Claim | None:
    match message:
        case {"api": str(), "provider": str(), "usage": {"input": _, "output": _}}:
            return Claim(3, "a message names its `api` and has `usage` with `input` and `output`")
        case _ if role in _ROLES:
            return Claim(2, f"a line of type `message` has a message of the role `{role}`")
        case _:
            return None
