"""Every row leads back to its bytes: the record as the log has it, by its place."""

from contextlib import ExitStack
from typing import BinaryIO

from trace_assets.artifacts import Artifact
from trace_assets.reading import Place
from trace_assets.reading.compression import open_plain


class Originals:
    """Reads records again from the raw files, cheapest in the order in which they stand there."""

    def __init__(self, raw: Artifact) -> None:
        self._raw = raw
        self._open = ExitStack()
        self._file = ""
        self._plain: BinaryIO | None = None

    def __enter__(self) -> "Originals":
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def bytes_of(self, place: Place) -> bytes:
        """The bytes of the record at a place."""
        if self._plain is None or place.file != self._file:
            self._open.close()
            stored = self._open.enter_context(self._raw.open(place.file))
            self._file, self._plain = place.file, open_plain(stored)
        self._plain.seek(place.offset)
        parts: list[bytes] = []
        missing = place.length
        while missing and (part := self._plain.read(missing)):
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)
