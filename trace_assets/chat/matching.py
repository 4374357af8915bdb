"""Which result answers which call, in constant time for each."""

from collections import deque
from collections.abc import Iterable
from typing import Any

from trace_assets.chat.piece import Answered, Called
from trace_assets.trace import build


class _Call:
    __slots__ = ("call_id", "is_open")

    def __init__(self, call_id: str) -> None:
        self.call_id = call_id
        self.is_open = True


class _Waiting:
    """Calls in their order; those that were answered by another way are passed over."""

    __slots__ = ("calls", "message")

    def __init__(self, message: int) -> None:
        self.message = message
        self.calls: deque[_Call] = deque()

    def take(self) -> _Call | None:
        while self.calls:
            call = self.calls.popleft()
            if call.is_open:
                return call
        return None


class Calls:
    """The call ids of one trace: each the 12-hex sha256 of the log's own, or of the item's id.

    A result finds its call by the log's id. Where ids are missing or repeat, results come in the
    order of the calls, by the tool's name where the result gives it. Those of the latest message,
    or row of calls, go first: a call that got no result does not steal that of a later one.
    """

    def __init__(self, calls: Iterable[Called]) -> None:
        keys = [_key(call.original_id) for call in calls]
        self._repeated = build.repeated(keys)
        self._known = frozenset(keys) - self._repeated
        """The ids that name one call."""
        self._answered: set[str] = set()
        """Call ids that have an output."""
        self._same_id: dict[str, list[_Waiting]] = {}
        """By an id, what waits under it: one entry for each message."""
        self._latest: dict[tuple[str | None, bool], _Waiting] = {}
        """Of the latest message with calls, what waits: by name and all, with or without ids."""
        self._message = -1
        self._is_calling = False
        """Whether the last piece was a call: calls in a row are parallel, be they one message or
        items that are a message each."""

    def called(self, piece: Called, item_id: str, message: int) -> str:
        """The id of the next call of the trace, which is part of a message."""
        if not self._is_calling and message != self._message:
            self._latest = {}
            self._message = message
        self._is_calling = True
        key = _key(piece.original_id)
        call = _Call(build.short_id(key if key in self._known else item_id))
        if call.call_id not in self._answered:
            self._wait(call, key, piece.name)
        return call.call_id

    def _wait(self, call: _Call, key: str, name: str) -> None:
        pools = [(None, False), (name, False)]
        if not key:
            pools += [(None, True), (name, True)]
        for pool in pools:
            self._latest.setdefault(pool, _Waiting(self._message)).calls.append(call)
        waiting = self._same_id.setdefault(key, [])
        if not waiting or waiting[-1].message != self._message:
            waiting.append(_Waiting(self._message))
        waiting[-1].calls.append(call)

    def interrupted(self) -> None:
        """Note that the next piece of the trace is neither call nor result."""
        self._is_calling = False

    def answered(self, piece: Answered, item_id: str) -> str:
        """The id of the call that the next result of the trace answers, or one of its own."""
        self._is_calling = False
        key = _key(piece.original_id)
        call = self._call_of(key, piece.name)
        if call is None:
            own = build.short_id(key) if key and key not in self._repeated else ""
            call = _Call(own if own and own not in self._answered else build.short_id(item_id))
        call.is_open = False
        self._answered.add(call.call_id)
        return call.call_id

    def _call_of(self, key: str, name: str | None) -> _Call | None:
        if key:
            waiting = self._same_id.get(key, [])
            while waiting:
                if (call := waiting[-1].take()) is not None:
                    return call
                waiting.pop()
            if key in self._known:  # its call comes later, or has a result already
                return None
        pool = self._latest.get((name, bool(key)))
        return None if pool is None else pool.take()


def _key(call_id: Any) -> str:
    """A call's id as text; "" where there is none."""
    return "" if call_id is None else build.json_text(call_id)
