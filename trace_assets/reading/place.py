"""What reading takes and gives: plain values without behaviour."""

from typing import Any, NamedTuple


class Shape(NamedTuple):
    """Where a format keeps its records inside a document.

    A path is keys joined by `/`. `*` stands for any key or any element of an array, but not
    for the first key; `resourceSpans|resource_spans` for one key or the other. A document in
    which the first step of a path in `arrays` or `objects` is met before a key of `whole` is
    exploded into its records; any other document is one record.
    """

    arrays: tuple[str, ...] = ()
    """Paths to arrays whose elements are records: `simulations`, `splits/*`, `data/*/spans`."""

    objects: tuple[str, ...] = ()
    """Paths to values that are one record each: `simulation_run`."""

    whole: tuple[str, ...] = ()
    """Root keys that say "this document is itself one record": `messages`."""

    first: tuple[str, ...] = ()
    """Paths to what a format must know before it sees the records of the object that holds it:
    `info` before all records of a document, `resourceSpans/*/resource` before those below the
    same element. Where an object has none of its keys named here before its records, all of
    them are looked for behind the records, at the cost of reading the object twice."""


class Limits(NamedTuple):
    """How much of a file may be held in memory at a time."""

    record_bytes: int = 256 << 20
    """A longer record is `too_large`."""

    kept_bytes: int = 64 << 10
    """What is kept of one that is."""

    window_bytes: int = 1 << 20
    """How much is read ahead; only a longer record makes it grow."""

    ahead_bytes: int = 16 << 20
    """How much is held while looking behind records for what `Shape.first` names. Where that
    is not enough, a stream that can seek is read twice; of one that cannot, the rest is not
    looked at, and what it says comes in its turn."""


class Place(NamedTuple):
    """Where in a file some bytes stand; offsets count decompressed bytes."""

    file: str
    number: int
    """How many records, broken ones included, come before it in the file."""

    offset: int
    length: int
    fragment: str
    """`simulations/12` or `resourceSpans/0/scopeSpans/0/spans/12` in a document, `12` in a bare
    array or in a stream of documents, `3/simulations/12` in the fourth document of a stream."""

    @property
    def uri(self) -> str:
        """The file and the record in it.

        >>> Place("sims.json", 12, 0, 0, "simulations/12").uri
        'sims.json#simulations/12'
        """
        return f"{self.file}#{self.fragment}"


class Repair(NamedTuple):
    """A spot where a record could be kept only by changing it."""

    pointer: str
    found: str
    """What stood there, as JSON writes it; of a row of cells, what was wrong with it."""


class Record(NamedTuple):
    """One record, decoded."""

    place: Place
    value: Any
    raw: bytes
    repairs: tuple[Repair, ...] = ()


class Broken(NamedTuple):
    """Bytes that are no record, whole except for reason `too_large`."""

    place: Place
    raw: bytes
    reason: str
    message: str
    pointer: str
    """Where inside the record, as far as that is known; empty means the record itself."""


class Context(NamedTuple):
    """What a document says once for all its records, or for those below one place in it."""

    file: str
    pointer: str
    """`/info`, `/resourceSpans/0/resource`; the second and later documents of a stream have
    their number first: `/3/info`."""

    raw: bytes
    value: Any
    repairs: tuple[Repair, ...] = ()


Item = Record | Broken | Context
"""What `read_records` yields."""
