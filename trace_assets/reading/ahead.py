"""What a format must know before the records of a document, where it stands behind them."""

from collections.abc import Iterator

from trace_assets.reading.paths import Node
from trace_assets.reading.place import Context, Item
from trace_assets.reading.tell import Teller
from trace_assets.reading.walk import Walk


class _ContextTeller(Teller):
    """Passes over records without decoding them, and tells the context that is wanted."""

    def __init__(self, file: str, wanted: set[str], told: set[int]) -> None:
        super().__init__(file)
        self._nothing = Context(file, "", b"", None)
        self._wanted = wanted
        self._told = told

    def record(self, raw: bytes, offset: int, fragment: str) -> Item:  # noqa: ARG002
        """Nothing: its turn comes later."""
        return self._nothing

    def context(self, raw: bytes, offset: int, pointer: str) -> Item:
        """The context if it is wanted and can be read."""
        if pointer not in self._wanted:
            return self._nothing
        item = super().context(raw, offset, pointer)
        if isinstance(item, Context):
            self._wanted.discard(pointer)
            self._told.add(offset)
        return item


def look_ahead(walk: Walk, root: Node, pointer: str, wanted: set[str]) -> Iterator[Context]:
    """Yield the wanted context of the document at the cursor; nothing if it cannot be.

    The records are passed at the speed of the parser's own skipping. What is told here
    is noted in the walk, so that it is told once.
    """
    fork = walk.window.fork()
    if fork is None:
        return
    quiet = Walk(fork, _ContextTeller(walk.teller.file, wanted, walk.told), walk.limits)
    for item in quiet.members(root, pointer, ""):
        if isinstance(item, Context) and item.pointer:
            yield item
        if not wanted:
            break
    walk.window.rejoin(fork)
