"""What the first line of a rollout says about its session, and the id of the session."""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, NamedTuple, cast

from trace_assets.formats import Part

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


class Session(NamedTuple):
    """One session, or thread, of Codex."""

    meta: dict[str, Any]
    """The first `session_meta`; empty where the file has none."""
    id: str
    """"" where the log does not say."""
    parent: str | None
    """The session that it was forked from, or that spawned it as a sub-agent."""
    is_subagent: bool


def session_of(parts: Sequence[Part]) -> Session:
    """The session of a rollout's lines."""
    meta = _meta_of(parts)
    parent = _parent(meta)
    own = _own_id(meta)
    if parent is not None:
        # The file of a fork names the thread last; its first line may have the id of the root.
        own = _thread_of(parts[0].record.place.file) or own
    return Session(meta, own, parent, _is_subagent(meta))


def session_starts(parts: Sequence[Part]) -> list[int]:
    """The lines at which the rollouts of a file begin: users join rollouts to one file.

    The header of another session after messages begins another rollout. In a session with a parent
    it is a copy from the parent.
    """
    starts = [0]
    current: Mapping[str, Any] = {}
    has_items = False
    for number, part in enumerate(parts):
        match part.record.value:
            case {"type": "session_meta", "payload": {} as meta}:
                is_other = _own_id(meta) != _own_id(current) and _parent(current) is None
                if has_items and is_other:
                    starts.append(number)
                if is_other:
                    current, has_items = cast("dict[str, Any]", meta), False
            case {"type": "response_item"}:
                has_items = True
            case _:
                pass
    return starts


def _thread_of(file: str) -> str:
    """The last UUID in the name of a rollout; "" if the name has none."""
    name = PurePosixPath(file).name
    found = _UUID.findall(name) if name.startswith("rollout-") else []
    return found[-1] if found else ""


def _parent(meta: Mapping[str, Any]) -> str | None:
    match meta:
        case {"source": {"subagent": {"thread_spawn": {"parent_thread_id": str(parent)}}}}:
            return parent
        case {"parent_thread_id": str(parent)} | {"forked_from_id": str(parent)}:
            return parent
        case _:
            return None


def _is_subagent(meta: Mapping[str, Any]) -> bool:
    match meta:
        case {"source": {"subagent": _}} | {"thread_source": "subagent"}:
            return True
        case {"parent_thread_id": str()}:
            return True
        case _:
            return False


def _meta_of(parts: Sequence[Part]) -> dict[str, Any]:
    """Return the first description of the session in the file, or an empty one."""
    match parts[0].context:
        case {"/session": {} as session}:
            return cast("dict[str, Any]", session)
        case _:
            pass
    for part in parts:
        match part.record.value:
            case {"type": "session_meta", "payload": {} as payload}:
                return cast("dict[str, Any]", payload)
            case {"id": _, "timestamp": _} as line if "type" not in line and "role" not in line:
                return cast("dict[str, Any]", line)
            case _:
                pass
    return {}


def _own_id(meta: Mapping[str, Any]) -> str:
    match meta:
        case {"id": str(own)} | {"session_id": str(own)}:
            return own
        case {"id": int(own)} if not isinstance(own, bool):
            return str(own)
        case _:
            return ""
