"""The paths of a shape as a tree, to be followed key by key."""

from trace_assets.reading.place import Shape


class Node:
    """One place in a document: what a format keeps there, and below it."""

    def __init__(self) -> None:
        self.below: dict[str, Node] = {}
        self.is_array = False
        self.is_record = False

    def child(self, key: str) -> "Node | None":
        """The place of a key, if it leads to records."""
        return self.below.get(key) or self.below.get("*")


def tree(shape: Shape) -> Node:
    """The root of a shape's paths."""
    root = Node()
    for path in shape.arrays:
        _leaf(root, path).is_array = True
    for path in shape.objects:
        _leaf(root, path).is_record = True
    return root


def _leaf(node: Node, path: str) -> Node:
    for step in path.split("/"):
        node = node.below.setdefault(step, Node())
    return node
