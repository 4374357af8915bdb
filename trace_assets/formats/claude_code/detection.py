"""Whether a log is one of Claude Code's."""

from collections.abc import Iterator, Sequence
from typing import Any

from trace_assets.formats import Claim

_OWN_TYPES = frozenset(("file-history-snapshot", "queue-operation", "ai-title", "last-prompt"))

_LOOK = 20
"""How many lines of a list are looked at."""


def detect(documents: Sequence[Any]) -> Claim | None:
    """Claim lines by what links them to their session, and streams by their messages.

    Qwen Code writes the same lines around Gemini's messages, which have `parts`.
    """
    if any(map(_is_geminis, documents)):
        return None
    claims = [claim for document in documents for claim in _claims(document) if claim]
    return max(claims, key=lambda claim: claim.strength, default=None)


def _claims(document: Any) -> Iterator[Claim | None]:
    match document:
        case {"loglines": [*lines]} | [*lines]:
            yield from map(_line, lines[:_LOOK])
        case {"messages": [{"direction": "send" | "recv", "message": {"type": str()}}, *_]}:
            yield Claim(3, "`messages` with a `direction` each: the control protocol of its SDK")
        case _:
            yield _line(document)


def _is_geminis(document: Any) -> bool:
    match document:
        case {"message": {"parts": _}}:
            return True
        case _:
            return False


def _line(line: Any) -> Claim | None:
    return _marked(line) or _built(line)


def _marked(line: Any) -> Claim | None:
    """By what no other log has."""
    match line:
        case {"type": str(), "isSidechain": bool(), "parentUuid": _}:
            return Claim(3, "a line has `parentUuid` and `isSidechain`")
        case {"type": str(kind)} if kind in _OWN_TYPES:
            return Claim(3, f"a line is of type `{kind}`")
        case {"type": "summary", "summary": str(), "leafUuid": _}:
            return Claim(3, "a summary names its `leafUuid`")
        case {"type": "system", "subtype": "init", "claude_code_version": _}:
            return Claim(3, "a stream begins with the `claude_code_version`")
        case {"type": str(), "message": {}, "uuid": str(), "sessionId": str()}:
            return Claim(3, "a line has a `message`, a `uuid` and a `sessionId`")
        case {"agent": "claude_code", "sessionId": str()}:
            return Claim(3, "a line names `claude_code` as its agent")
        case _:
            return None


def _built(line: Any) -> Claim | None:
    """By how it is built."""
    match line:
        case {"sessionId": str(), "requestId": str(), "message": {"usage": {}}}:
            return Claim(2, "a `message` with usage, a `sessionId` and a `requestId`")
        case {"type": "user" | "human" | "assistant", "message": {"content": _}}:
            return Claim(2, "a line of type user or assistant holds a `message` with its content")
        case _:
            return None
