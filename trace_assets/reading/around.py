"""What a document says around the record that is being read."""

import re
from collections.abc import Mapping
from typing import Any

from trace_assets.reading.place import Context, Place

_INDEX = re.compile(r"/(?:0|[1-9][0-9]*)(?=/)")
_DOCUMENT_OF_POINTER = re.compile(r"/[1-9][0-9]*(?=/)")
_DOCUMENT_OF_PLACE = re.compile(r"/[1-9][0-9]*(?=/|\Z)")


class Around:
    """Remembers what was said, for as long as it applies to records that may follow.

    That is what the document said, and what the arrays and objects said that the reader is
    inside of: memory grows with the depth of a document, not with its length. What stands
    behind a record, and is not named by `Shape.first`, is not known for it.
    """

    def __init__(self) -> None:
        self._document = ""
        self._levels: dict[str, dict[str, Any]] = {}  # by the pointer of what encloses them
        self._inside: str | None = None  # what encloses the record that was asked for last
        self._said: Mapping[str, Any] = {}

    def add(self, context: Context) -> None:
        """Remember what was read."""
        enclosing, _, _ = context.pointer.rpartition("/")
        document = _DOCUMENT_OF_POINTER.match(context.pointer)
        self._enter(enclosing, document[0] if document else "")
        level = self._levels.setdefault(enclosing, {})
        level[context.pointer.removeprefix(self._document)] = context.value
        self._inside = None

    def of(self, place: Place) -> Mapping[str, Any]:
        """What was said so far around a record, by pointers with `*` for each index on its way.

        >>> around = Around()
        >>> around.add(Context("f", "/resourceSpans/7/resource", b"{}", {}))
        >>> around.of(Place("f", 0, 0, 0, "resourceSpans/7/scopeSpans/0/spans/12"))
        {'/resourceSpans/*/resource': {}}
        >>> around.of(Place("f", 0, 0, 0, "resourceSpans/8/scopeSpans/0/spans/0"))
        {}
        """
        enclosing, _, _ = f"/{place.fragment}".rpartition("/")
        if enclosing and enclosing == self._inside:
            return self._said
        document = _DOCUMENT_OF_PLACE.match(f"/{place.fragment}")
        self._enter(enclosing, document[0] if document else "")
        self._inside = enclosing
        self._said = {
            _INDEX.sub("/*", pointer): value
            for level in self._levels.values()
            for pointer, value in level.items()
        }
        return self._said

    def _enter(self, pointer: str, document: str) -> None:
        """Forget what was said in the parts of the file that are left."""
        inside = f"{pointer}/"
        self._levels = {
            level: said
            for level, said in self._levels.items()
            if document == self._document and inside.startswith(f"{level}/")
        }
        self._document = document
