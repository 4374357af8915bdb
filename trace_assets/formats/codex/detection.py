"""Whether a log is one of Codex's."""

from collections.abc import Sequence
from typing import Any

from trace_assets.formats import Claim

_LINES = frozenset(("session_meta", "turn_context", "response_item", "event_msg", "compacted"))


def detect(documents: Sequence[Any]) -> Claim | None:
    """Claim lines by their envelope, and older files by their first line or their items."""
    claims = [claim for document in documents if (claim := _document(document))]
    return max(claims, key=lambda claim: claim.strength, default=None)


def _document(document: Any) -> Claim | None:
    match document:
        case [first, *_]:
            return _enveloped(first)
        case {"session": {"id": _, "timestamp": _}, "items": list()}:
            return Claim(3, "`items` of a `session` that has an id and a timestamp")
        case _:
            return _enveloped(document) or _bare(document)


def _enveloped(line: Any) -> Claim | None:
    match line:
        case {"type": str(kind), "payload": {}} if kind in _LINES:
            return Claim(3, f"a line of type `{kind}` with its `payload`")
        case {"type": "world_state" | "inter_agent_communication_metadata" as kind, "payload": {}}:
            return Claim(3, f"a line of type `{kind}` with its `payload`")
        case _:
            return None


def _bare(line: Any) -> Claim | None:
    match line:
        case {"record_type": "state"}:
            return Claim(3, "a line has the `record_type` state")
        case {"id": str(), "timestamp": str(), "instructions": _, **rest} if not rest or (
            rest.keys() <= {"git", "cwd", "originator", "cli_version"}
        ):
            return Claim(2, "a line begins a session with id, timestamp and instructions")
        case {"type": "function_call", "call_id": _, "name": str(), "arguments": str()}:
            return Claim(1, "a line is a call as Codex once wrote it")
        case _:
            return None
