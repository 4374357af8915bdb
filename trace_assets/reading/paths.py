"""The paths of a shape as a tree, to be followed key by key."""

from collections.abc import Callable, Iterable

from trace_assets.reading.place import Shape

_ANY = "*"
_OR = "|"

Leads = Callable[[str], object]
"""Whether a key is one that a search is for."""


class Node:
    """One place in a document: what a format keeps there, and below it."""

    def __init__(self) -> None:
        self.below: dict[str, Node] = {}
        self.is_array = False
        self.is_record = False
        self.first: set[str] = set()
        """Keys of the object here that must be known before the records below it."""

    def child(self, key: str) -> "Node | None":
        """The place of a key, or of an index, if it leads to records."""
        return self.below.get(key) or self.below.get(_ANY)


def tree(shape: Shape) -> Node:
    """The root of a shape's paths.

    Raises:
        ValueError: a path of `first` stands in no object on the way to records.
    """
    root = Node()
    for path in shape.arrays:
        for leaf in _leaves(root, path):
            leaf.is_array = True
    for path in shape.objects:
        for leaf in _leaves(root, path):
            leaf.is_record = True
    for path in shape.first:
        _note_first(root, path)
    return root


def _leaves(root: Node, path: str) -> Iterable[Node]:
    nodes = [root]
    for step in path.split("/"):
        keys = step.split(_OR)
        nodes = [node.below.setdefault(key, Node()) for node in nodes for key in keys]
    return nodes


def _note_first(root: Node, path: str) -> None:
    *steps, last = path.split("/")
    nodes = [root]
    for step in steps:
        keys = step.split(_OR)
        nodes = [node.below[key] for node in nodes for key in keys if key in node.below]
    if not nodes:
        raise ValueError(
            f"the path {path!r} of `first` leads through {'/'.join(steps)!r}, "
            f"where no records are; records are below {sorted(root.below)}"
        )
    for node in nodes:
        node.first.update(last.split(_OR))
