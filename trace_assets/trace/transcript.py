"""One conversation, put together from the contexts of many model calls."""

from collections.abc import Iterator, Sequence

from trace_assets.trace.items import TraceItem


class _Node:
    """An item in a linked list, so that one can be put before another in no time."""

    __slots__ = ("after", "before", "item", "round")

    def __init__(self, item: TraceItem) -> None:
        self.item = item
        self.before = self.after = self
        self.round = 0
        """The last merge that found this item in its context."""


class Transcript:
    """Items in order, each once, though every context repeats the ones before it.

    A context that repeats all items replaces them. Where one lacks some (the history was trimmed,
    or it is another conversation) they stay, in front of what is new.
    """

    def __init__(self) -> None:
        self._clear()
        self._round = 0

    def _clear(self) -> None:
        self._ring: _Node | None = None
        self._size = 0
        self._by_key: dict[object, list[_Node]] = {}

    def items(self) -> list[TraceItem]:
        """Return the items from first to last."""
        return [node.item for node in self._nodes()]

    def _nodes(self) -> Iterator[_Node]:
        node = self._ring
        while node is not None:
            yield node
            node = node.after if node.after is not self._ring else None

    def merge(self, context: Sequence[TraceItem]) -> None:
        """Take in a context, in time proportional to its own length."""
        self._round += 1
        cursors: dict[object, int] = {}
        found = [self._find(item, cursors) for item in context]
        if sum(node is not None for node in found) == self._size:
            self._clear()
            found = [None] * len(context)
        following: _Node | None = None
        for item, node in zip(reversed(context), reversed(found), strict=True):
            if node is None:
                following = self._insert(item, following)
            else:
                node.item = item
                following = node

    def add_missing(self, items: Sequence[TraceItem]) -> None:
        """Append the items that no context showed."""
        self._round += 1
        for item in items:
            if self._find(item, {}) is None:
                self._insert(item, None)

    def _find(self, item: TraceItem, cursors: dict[object, int]) -> _Node | None:
        for key in _keys(item):
            nodes = self._by_key.get(key, [])
            at = cursors.get(key, 0)
            while at < len(nodes) and nodes[at].round == self._round:
                at += 1
            cursors[key] = at
            if at < len(nodes):
                nodes[at].round = self._round
                return nodes[at]
        return None

    def _insert(self, item: TraceItem, following: _Node | None) -> _Node:
        """Put an item before another, or at the end."""
        node = _Node(item)
        for key in _keys(item):
            self._by_key.setdefault(key, []).append(node)
        self._size += 1
        if self._ring is None:
            self._ring = node
            return node
        place = following or self._ring
        node.before, node.after = place.before, place
        place.before.after = place.before = node
        if following is self._ring:
            self._ring = node
        return node


def _keys(item: TraceItem) -> Iterator[object]:
    """Yield what an item is known by when it comes again, the surest first.

    A repeated message may have another id, and a repeated call another status or wording.
    """
    match item.type:
        case "function_call" | "function_call_output":
            yield (item.type, item.call_id)
        case "message":
            if item.id:
                yield (item.type, item.id)
            yield (item.role, item.model_dump_json(include={"content"}))
        case _:
            yield (item.type, item.model_dump_json())
