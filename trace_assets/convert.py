"""One log file to traces: tell its format, read its records, convert each or say why not."""

import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from trace_assets.errors import UnknownFormatError
from trace_assets.formats import Claim, ContextOnlyError, Format, UnknownShapeError, formats
from trace_assets.ledger import FileLedger
from trace_assets.reading import Broken, Context, Item, Place, Record, Repair, Shape, read_records
from trace_assets.reading.sample import sample
from trace_assets.trace import build

if TYPE_CHECKING:
    import sqlite3


class LogFile(NamedTuple):
    """One file of a drop, after it was fetched."""

    file: str
    """Its name inside the drop, or its path."""
    size: int
    sha256: str
    format: str | None
    """None: no format, or more than one, recognises it."""
    evidence: str
    """What the format was told by, or why there is none."""
    runner_up: str | None = None
    """The next claim, if there was one: `name: evidence`."""


def repaired(repairs: Sequence[Repair]) -> list[dict[str, str]]:
    """What had to be changed so that JSON can hold it: where, and what stood there."""
    return [{"pointer": repair.pointer, "found": repair.found} for repair in repairs]


class Row(NamedTuple):
    """A record that became a trace."""

    trace: dict[str, Any]
    place: Place
    format: str
    sha256: str
    columns: dict[str, Any]
    raw: bytes


class Quarantined(NamedTuple):
    """A record that did not become a trace, whole, with its reason."""

    reason: str
    """A stable code, such as `not_json` or `unknown_shape`."""
    message: str
    place: Place
    pointer: str
    """JSON pointer from the record's root to what is wrong; "" for the record itself."""
    raw: bytes

    def as_dict(self) -> dict[str, Any]:
        """The quarantine row; `raw_base64` stands in for `raw` where the bytes are not UTF-8."""
        row = {
            "reason": self.reason,
            "message": self.message,
            "file": self.place.file,
            "record": self.place.number,
            "offset": self.place.offset,
            "pointer": self.pointer,
        }
        return row | build.raw_text(self.raw)

    def __str__(self) -> str:
        where = f"{self.place.uri}{self.pointer and f' at {self.pointer}'}"
        return f"{where}: {self.reason}: {self.message}"


class Seen:
    """What a drop has held so far: its records, in memory while they are few, then in a file."""

    def __init__(self, in_memory: int = 200_000) -> None:
        self.context: dict[str, dict[str, Any]] = {}
        """By folder: what files that hold no record say for the files beside and below them."""
        self._recent: set[bytes] = set()
        self._limit = in_memory
        self._disk: sqlite3.Connection | None = None

    def context_for(self, file: str) -> dict[str, Any]:
        """What the nearest such file beside or above a file says; empty where there is none."""
        for folder in PurePosixPath(file).parents:
            if context := self.context.get(str(folder)):
                return dict(context)
        return {}

    def add(self, raw: bytes) -> bool:
        """Remember a record by its bytes; whether it was there before."""
        return self.add_digest(sha256(raw).digest()[:16])

    def add_digest(self, digest: bytes) -> bool:
        """Remember a record by its digest; whether it was there before."""
        if digest in self._recent or self._spilled(digest):
            return True
        self._recent.add(digest)
        if len(self._recent) >= self._limit:
            self._spill()
        return False

    def _spilled(self, digest: bytes) -> bool:
        query = "SELECT 1 FROM seen WHERE digest = ?"
        return bool(self._disk and self._disk.execute(query, (digest,)).fetchone())

    def _spill(self) -> None:
        if self._disk is None:
            import sqlite3  # few drops are that large

            self._disk = sqlite3.connect("")  # a temporary file that SQLite removes by itself
            self._disk.execute("CREATE TABLE seen (digest BLOB PRIMARY KEY) WITHOUT ROWID")
        rows = [(digest,) for digest in sorted(self._recent)]
        self._disk.executemany("INSERT INTO seen VALUES (?)", rows)
        self._recent.clear()


def claims(head: bytes) -> list[tuple[Format, Claim]]:
    """What each format says of a file's first bytes; the strongest claim first."""
    documents = sample(head)
    found = [(format, format.detect(documents)) for format in formats().values()]
    claimed = [(format, claim) for format, claim in found if claim]
    return sorted(claimed, key=lambda pair: (-pair[1].strength, pair[0].name))


def recognise(head: bytes, *, file: str) -> tuple[Format, Claim, str | None]:
    """The format of a file, why, and the runner-up.

    Raises:
        UnknownFormatError: none recognises it, or two claim it with equal strength.
    """
    found = claims(head)
    strongest = [format.name for format, claim in found if claim.strength == found[0][1].strength]
    if len(strongest) != 1:
        raise UnknownFormatError(file, matches=strongest, known=list(formats()))
    runner_up = f"{found[1][0].name}: {found[1][1].evidence}" if len(found) > 1 else None
    return (*found[0], runner_up)


def inspect(head: bytes, *, file: str, size: int, digest: str, format: str | None) -> LogFile:
    """Describe a file: its format by its first bytes, or as given."""
    if format is not None:
        return LogFile(file, size, digest, format, "given, not detected")
    try:
        found, claim, runner_up = recognise(head, file=file)
    except UnknownFormatError as error:
        return LogFile(file, size, digest, None, str(error))
    return LogFile(file, size, digest, found.name, claim.evidence, runner_up)


def convert_file(
    stream: BinaryIO, log: LogFile, *, seen: Seen, ledger: FileLedger
) -> Iterator[Row | Quarantined | Context]:
    """Convert a file's records in their order, and count each in the ledger.

    `stream` gives the file's plain bytes, decompressed. What the file says once for all its
    records comes out as Context, as the reader finds it.
    """
    format = formats()[log.format] if log.format else None
    around = _Around(seen.context_for(log.file))
    for item in read_records(stream, file=log.file, shape=format.shape if format else Shape()):
        if isinstance(item, Context):
            around.add(item)
            yield item
        else:
            yield from _outcomes(item, log, format, around=around, seen=seen, ledger=ledger)
    if not ledger.records and around.is_empty:
        ledger.read("quarantined", reason="empty_file")
        place = Place(log.file, 0, 0, log.size, "0")
        yield Quarantined("empty_file", "the file holds no record: it is empty", place, "", b"")


def _outcomes(
    item: Record | Broken,
    log: LogFile,
    format: Format | None,
    *,
    around: "_Around",
    seen: Seen,
    ledger: FileLedger,
) -> Iterator[Row | Quarantined | Context]:
    """What becomes of an item, counted: one outcome, or the context that it turns out to be."""
    try:
        outcome = _outcome(item, log, format, around.of(item.place))
    except ContextOnlyError:
        said = list(_context_of(item))
        seen.context[_folder_of(log.file)] = {one.pointer: one.value for one in said}
        around.is_empty = False
        yield from said  # what two folders say alike, each says for its own files
        return
    if isinstance(item, Record) and seen.add(item.raw):
        ledger.read("duplicate")
        return
    if isinstance(outcome, Quarantined):
        ledger.read("quarantined", reason=outcome.reason)
    else:
        ledger.read("converted")
        ledger.traces += 1
    yield outcome


class _Around:
    """What is said once for a record: by its own document, else by a file beside its own."""

    def __init__(self, beside: dict[str, Any]) -> None:
        self.is_empty = True
        """Whether the file itself has said nothing so far."""
        self._beside = beside
        self._document = 0
        self._said: dict[str, Any] = {}

    def add(self, context: Context) -> None:
        document, pointer = 0, context.pointer
        if match := _LATER_DOCUMENT.match(pointer):
            document, pointer = int(match[1]), match[2]
        if document != self._document:
            self._document, self._said = document, {}
        self._said[pointer] = context.value
        self.is_empty = False

    def of(self, place: Place) -> Mapping[str, Any]:
        if self.is_empty:
            return self._beside
        first = place.fragment.partition("/")[0]
        document = int(first) if first.isdecimal() else 0
        return self._said if document == self._document else {}


_LATER_DOCUMENT = re.compile(r"/([1-9][0-9]*)(/.+)", re.DOTALL)
"""The pointers of the second and later documents of a file begin with the document's number."""


def _folder_of(file: str) -> str:
    return str(PurePosixPath(file).parent)


def _context_of(item: Item) -> Iterator[Context]:
    """A document that is no record, key by key."""
    assert isinstance(item, Record)  # noqa: S101 - only what was decoded can be told to be context
    for key, value in item.value.items():
        pointer = "/" + key.replace("~", "~0").replace("/", "~1")
        yield Context(item.place.file, pointer, b"", value, item.repairs)


def _outcome(
    item: Record | Broken, log: LogFile, format: Format | None, context: Mapping[str, Any]
) -> Row | Quarantined:
    if isinstance(item, Broken):
        return Quarantined(item.reason, item.message, item.place, item.pointer, item.raw)
    if format is None:
        return Quarantined("unknown_format", log.evidence, item.place, "", item.raw)
    try:
        trace, columns = format.convert(item, context)
    except UnknownShapeError as error:
        return Quarantined(error.reason, str(error), item.place, error.pointer, item.raw)
    metadata = trace["metadata"]
    metadata["source_type"], metadata["source_uri"] = format.name, item.place.uri
    if item.repairs:
        extra = metadata.setdefault("extra", {})
        name = "repairs" if "repairs" not in extra else "record_repairs"
        extra[name] = repaired(item.repairs)
    return Row(trace, item.place, format.name, log.sha256, columns, item.raw)
