"""Naming what was read: each record gets its number and its place."""

from trace_assets.reading.decode import decode
from trace_assets.reading.ladder import Fault
from trace_assets.reading.place import Broken, Context, Item, Place, Record


class Teller:
    """Makes the items of one file from their bytes."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.number = 0

    def place(self, offset: int, length: int, fragment: str) -> Place:
        """The place of the next record."""
        place = Place(self.file, self.number, offset, length, fragment)
        self.number += 1
        return place

    def record(self, raw: bytes, offset: int, fragment: str) -> Item:
        """A record, or what is wrong with it."""
        result = decode(raw)
        place = self.place(offset, len(raw), fragment)
        if isinstance(result, Fault):
            return Broken(place, raw, *result)
        return Record(place, result.value, raw, result.repairs)

    def context(self, raw: bytes, offset: int, pointer: str) -> Item:
        """What a document says for all its records, or what is wrong with it."""
        result = decode(raw)
        if isinstance(result, Fault):
            return Broken(self.place(offset, len(raw), pointer[1:]), raw, *result)
        return Context(self.file, pointer, raw, result.value, result.repairs)

    def broken(
        self, raw: bytes, offset: int, fragment: str, fault: Fault, length: int | None = None
    ) -> Item:
        """Bytes that should not be there, or the lack of some; `length` if not all are kept."""
        size = len(raw) if length is None else length
        return Broken(self.place(offset, size, fragment), raw, *fault)


class ContextTeller(Teller):
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
        """The context if it is wanted and can be read; its offset is noted as told."""
        if pointer not in self._wanted:
            return self._nothing
        item = super().context(raw, offset, pointer)
        if isinstance(item, Context):
            self._wanted.discard(pointer)
            self._told.add(offset)
        return item
