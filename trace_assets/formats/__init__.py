"""The log formats: one file each, found by listing this folder.

A format is a value named `FORMAT` at the foot of its file: how to recognise a log of its kind,
where the records are inside it, and how one record becomes one trace. To add one, write the file,
put a log under `tests/formats/fixtures/<name>/`, run `make goldens`, read the golden file and
commit.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, BinaryIO, NamedTuple, Protocol

from trace_assets.guards import Kinds
from trace_assets.reading import Item, Record, Shape, read_records


class Claim(NamedTuple):
    """Why a format takes a log for its own."""

    strength: int
    """3: the log names the format or has a mark that no other has; 2: the structure is the
    format's own; 1: the structure fits, and may fit others."""
    evidence: str
    """What was found, in a sentence that a person can check against the file."""


class Converted(NamedTuple):
    """One record as a trace, before anything is computed about it."""

    trace: dict[str, Any]
    """JSON-ready: `FORMAT`, `items`, `metadata` and, for span formats, `events`."""
    columns: dict[str, Any]
    """What the format adds to the dataset row: a value or None for each name of its `columns`."""


class Part(NamedTuple):
    """One of the records that a trace is made of."""

    record: Record
    context: Mapping[str, Any]
    """What its file says once for it, as for `Format.convert`."""


class Assembled(NamedTuple):
    """A trace of several records, before anything is computed about it."""

    converted: Converted
    parts: Sequence[int]
    """Which parts it is made of. The first is the record that the trace counts for; the others are
    merged into it. A part can be in one trace only."""


class Copies(NamedTuple):
    """Parts that say what another part says, so that they are counted and not used."""

    parts: Sequence[int]


class Refused(NamedTuple):
    """A part that belongs in quarantine, alone."""

    part: int
    reason: str
    message: str
    pointer: str = ""


class Gather(NamedTuple):
    """How a format whose traces are spread over records brings them together."""

    key: Callable[[Record, Mapping[str, Any]], str | None]
    """What all records of one trace have in common, anywhere in the drop. None: the record is a
    trace by itself, for `Format.convert`.

    Raises:
        UnknownShapeError: the record belongs in quarantine.
        ContextOnlyError: it is no record.
    """
    assemble: Callable[[Sequence[Part]], Iterable[Assembled | Copies | Refused]]
    """Turns all records of one key, in the order of files and places, into traces. Records with one
    key may turn out to be several traces.

    Raises:
        UnknownShapeError: all of them belong in quarantine.
    """
    identity: Callable[[Record], str | None] = lambda _: None
    """What two records share if one is a copy of the other, such as a span's id; None where only
    a copy of the whole file can be told."""
    links: Callable[[Record], Sequence[str]] | None = None
    """Names by which records of one trace are told to be such though their keys differ, as where a
    resumed session begins with the lines of an earlier one: keys that share a name become one."""
    is_by_file: bool = False
    """Whether no trace has records of two files: what a file holds need not wait for the others."""


class UnknownShapeError(Exception):
    """A record, or a part of it, has a shape that its format does not know.

    Not an error of the run: the record goes to quarantine under `reason`.
    """

    def __init__(self, pointer: str, message: str, *, reason: str = "unknown_shape") -> None:
        super().__init__(message)
        self.pointer = pointer
        """JSON pointer to the part, from the record's root."""
        self.reason = reason


class ContextOnlyError(Exception):
    """A document is no record: it only says something for the records in the files beside it.

    Not an error of the run: each of its keys becomes context, of its own file and of those beside
    and below it that have none.
    """


class Reader(Protocol):
    """How a format's files are read: `reading.read_records` for everything in JSON."""

    def __call__(self, stream: BinaryIO, *, file: str, shape: Shape) -> Iterator[Item]:
        """Yield the records of a file."""
        ...


def whole_record(record: Record) -> str:
    """`Gather.identity` by all bytes: what is exported again may have grown: it is no copy."""
    return sha256(record.raw).hexdigest()


def no_record_alone(record: Record, context: Mapping[str, Any]) -> Converted:
    """`Format.convert` of a format whose records all have a key."""
    raise UnknownShapeError("", f"record {record.place.number} has no key, {len(context)} context")


class Format(NamedTuple):
    """One kind of log."""

    name: str
    spec_url: str
    """Where the format is described, or the code that writes it."""
    detect: Callable[[Sequence[Any]], Claim | None]
    """Judges the first documents of a file; the last one may be cut, with its brackets closed."""
    shape: Shape
    """Where the records are inside a document."""
    convert: Callable[[Record, Mapping[str, Any]], Converted]
    """Turns a record into a trace, given what the file says once for all its records (JSON pointer
    to value).

    Raises:
        UnknownShapeError: the record belongs in quarantine.
        ContextOnlyError: it is no record.
    """
    columns: tuple[str, ...]
    """The columns that the format adds to a dataset row."""
    docs: str
    """The module's docstring: source, observed, residue, dropped on purpose."""
    gather: Gather | None = None
    """For a format whose traces are made of several records each."""
    read: Reader = read_records
    mapped: "Callable[[dict[str, Any]], Format] | None" = None
    """For a format whose records need to be told which column says what: itself under a mapping,
    as `trace_assets.mapping.Mapping.told` gives it."""
    reads_json: bool = False
    """Whether the bytes of each record that a reader of its own yields are the JSON of its value,
    as those of `read_records` are: what waits for its trace is then kept once. Rows of a table are
    excepted."""
    kinds: Kinds | None = None
    """The record types, event names, block types and roles that the format knows, and where they
    are in a record; any other is counted and tagged."""
    silent: frozenset[str] = frozenset()
    """Keys of a record whose text is no part of a conversation, at any depth."""


@cache
def formats() -> dict[str, Format]:
    """Every format in this folder, by name, in alphabetical order."""
    names = sorted(module.name for module in iter_modules(__path__))
    found = [import_module(f"{__name__}.{name}").FORMAT for name in names]
    return {format.name: format for format in found}
