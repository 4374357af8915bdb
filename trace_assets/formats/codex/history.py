"""Where the copied history of a parent session ends in the rollout of a fork or a sub-agent.

The copies keep the times of the parent, or have those at which they were copied: a burst of lines
within milliseconds, in which no model can have answered.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple
from uuid import UUID

from trace_assets.spans.times import is_before, seconds, timestamp
from trace_assets.trace import build

_BURST_S = 0.5
"""Lines that follow one another faster were written in one go."""


class OwnStart(NamedTuple):
    """The first line that belongs to the session itself."""

    line: int
    """0: nothing is copied."""
    is_certain: bool = True


def own_start(lines: Sequence[dict[str, Any]]) -> OwnStart:
    """Find the first own line of a session that names a parent. The first line is its header."""
    begins = lines[0].get("timestamp")
    starts = _turn_starts(lines)
    is_older = any(_is_older(line, begins) for line in lines[1:])
    found = _by_turn_times(lines, starts, begins)
    if found is None and is_older:
        found = next((n for n in starts if not _is_older(lines[n], begins)), len(lines))
    if found is None:
        found = _after_burst(lines, starts)
    if found is not None:
        copied = lines[1:found]
        if any(map(_is_history, copied)) and (is_older or any(map(_is_copied, copied))):
            return OwnStart(found)
    if any(map(_is_meta, lines[1:])) and starts:
        return OwnStart(_after_open_turn(lines, starts), is_certain=False)
    return OwnStart(0)


def _by_turn_times(
    lines: Sequence[dict[str, Any]], starts: Sequence[int], begins: Any
) -> int | None:
    """The first turn that began after the session did, if all turns say when they began."""
    times = [_turn_time(lines[n]) for n in starts]
    if not starts or None in times or not build.is_time(begins):
        return None
    for place, time in zip(starts, times, strict=True):
        late = seconds(begins, time)
        if late is not None and late > -1:  # a time in whole seconds is rounded down
            return place
    return None


def _turn_time(line: dict[str, Any]) -> str | None:
    """When a turn began, by its `started_at` or by the time in its id."""
    match line:
        case {"payload": {"started_at": int(at)}} if at > 0:
            return timestamp(at * 1_000_000_000)
        case {"payload": {"turn_id": str(own)}} if len(own) == 36 and own[14] == "7":
            return _time_of_id(own)
        case _:
            return None


def _time_of_id(own: str) -> str | None:
    try:
        return timestamp((UUID(own).int >> 80) * 1_000_000)
    except ValueError:
        return None


def _is_older(line: dict[str, Any], begins: Any) -> bool:
    stamp = line.get("timestamp")
    return build.is_time(stamp) and build.is_time(begins) and is_before(stamp, begins)


def _after_burst(lines: Sequence[dict[str, Any]], starts: Sequence[int]) -> int | None:
    """The first own line where the copies have new times; None if lines have no times."""
    if not all(build.is_time(line.get("timestamp")) for line in lines):
        return None
    end = next((n for n in range(1, len(lines)) if _is_gap(lines[n - 1], lines[n])), len(lines))
    last = max((n for n in starts if n < end), default=0)
    if not any(map(_is_made, lines[last:end])):
        return last  # the session's own first turn begins before the first answer
    return end


def _after_open_turn(lines: Sequence[dict[str, Any]], starts: Sequence[int]) -> int:
    """The turn after the first one that has no end, for a parent spawns within a turn; or the last.

    The best guess where no time helps.
    """
    for start, following in pairwise(starts):
        if not any(map(_ends_turn, lines[start:following])):
            return following
    return starts[-1]


def _ends_turn(line: dict[str, Any]) -> bool:
    match line:
        case {"type": "event_msg", "payload": {"type": str(kind)}}:
            return kind in ("task_complete", "turn_complete", "turn_aborted")
        case _:
            return False


def _is_gap(before: dict[str, Any], line: dict[str, Any]) -> bool:
    gap = seconds(before["timestamp"], line["timestamp"])
    return gap is not None and gap > _BURST_S


def _turn_starts(lines: Sequence[dict[str, Any]]) -> list[int]:
    """Find the lines at which turns begin: `task_started`, or else `turn_context`."""
    starts: list[int] = []
    turn: Any = None
    has_items = True
    for place, line in enumerate(lines):
        match line:
            case {"type": "event_msg", "payload": {"type": "task_started" | "turn_started"}}:
                starts.append(place)
                turn, has_items = line["payload"].get("turn_id"), False
            case {"type": "turn_context", "payload": {} as context}:
                own = context.get("turn_id")
                if has_items and (own is None or own != turn):
                    starts.append(place)
                    turn = own
                has_items = False
            case _:
                has_items = has_items or _is_history(line)
    return starts


def _is_history(line: dict[str, Any]) -> bool:
    """Whether a line is about what was said, called or counted, or begins another session."""
    match line:
        case {"type": "response_item" | "session_meta" | "compacted"}:
            return True
        case {"type": "event_msg", "payload": {"type": str(kind)}}:
            return kind in ("token_count", "user_message", "agent_message", "agent_reasoning")
        case _:
            return False


def _is_made(line: dict[str, Any]) -> bool:
    """Whether a line is there because a model answered."""
    match line:
        case {"type": "event_msg", "payload": {"type": "token_count", "info": {}}}:
            return True
        case {"type": "response_item", "payload": {"role": str(role)}}:
            return role == "assistant"
        case {"type": "response_item", "payload": {"type": str(kind)}}:
            return kind.endswith("_call") or kind == "reasoning"
        case _:
            return False


def _is_copied(line: dict[str, Any]) -> bool:
    """Whether a line before a session's own first turn can only be a copy."""
    return _is_meta(line) or _is_made(line)


def _is_meta(line: dict[str, Any]) -> bool:
    return line.get("type") == "session_meta"
