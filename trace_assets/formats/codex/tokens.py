"""The tokens of each model call, from the `token_count` events of a rollout."""

from typing import Any, cast

Usage = dict[str, Any]


class TokenCounts:
    """Reads the counts of one rollout in their order."""

    def __init__(self) -> None:
        self._total: Any = None
        """The session's total at the last count."""

    def used(self, info: dict[str, Any]) -> Usage | None:
        """What the last model call used; None if the event repeats an earlier count.

        A count with a total only is the difference to the total before it. A total that is smaller
        than the one before it begins a new count.
        """
        total = info.get("total_token_usage")
        if total is not None and total == self._total:
            return None
        before, self._total = self._total, total if total is not None else self._total
        match info:
            case {"last_token_usage": {} as last}:
                return cast("Usage", last)
            case {"total_token_usage": {} as now}:
                return _difference(cast("Usage", now), before)
            case _:
                return None


def _difference(now: Usage, before: Any) -> Usage:
    match before:
        case {}:
            earlier = cast("Usage", before)
        case _:
            return now
    used = {key: _minus(count, earlier.get(key)) for key, count in now.items()}
    is_reset = any(type(count) is int and count < 0 for count in used.values())
    return now if is_reset else used


def _minus(count: Any, before: Any) -> Any:
    return count - before if type(count) is int and type(before) is int else count


def added(one: Usage | None, other: Usage) -> Usage:
    """Two counts as one: what both have is added.

    >>> added({"input_tokens": 5}, {"input_tokens": 2, "output_tokens": 1})
    {'input_tokens': 7, 'output_tokens': 1}
    """
    together = dict(one or {})
    for key, count in other.items():
        known = together.get(key)
        together[key] = known + count if type(count) is int and type(known) is int else count
    return together
