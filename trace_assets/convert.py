"""One log file to traces: tell its format, read its records, convert each or say why not."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from trace_assets.errors import UnknownFormatError
from trace_assets.formats import Claim, Format, UnknownShapeError, formats
from trace_assets.ledger import FileLedger
from trace_assets.reading import Broken, Context, Place, Record, Shape, read_records
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
    """Which records a drop has held so far; in memory while they are few, then in a file."""

    def __init__(self, in_memory: int = 200_000) -> None:
        self._recent: set[bytes] = set()
        self._limit = in_memory
        self._disk: sqlite3.Connection | None = None

    def add(self, raw: bytes) -> bool:
        """Remember a record by its bytes; whether it was there before."""
        digest = sha256(raw).digest()[:16]
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
    context: dict[str, Any] = {}
    for item in read_records(stream, file=log.file, shape=format.shape if format else Shape()):
        if isinstance(item, Context):
            context[item.pointer] = item.value
            yield item
            continue
        ledger.records += 1
        if isinstance(item, Record) and seen.add(item.raw):
            ledger.count("duplicate")
            continue
        outcome = _outcome(item, log, format, context)
        if isinstance(outcome, Quarantined):
            ledger.count("quarantined", reason=outcome.reason)
        else:
            ledger.count("converted")
            ledger.traces += 1
        yield outcome
    if not ledger.records and not context:
        ledger.records += 1
        ledger.count("quarantined", reason="empty_file")
        place = Place(log.file, 0, 0, log.size, "0")
        yield Quarantined("empty_file", "the file holds no record: it is empty", place, "", b"")


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
        repairs = [{"pointer": repair.pointer, "found": repair.found} for repair in item.repairs]
        extra = metadata.setdefault("extra", {})
        extra["repairs" if "repairs" not in extra else "record_repairs"] = repairs
    return Row(trace, item.place, format.name, log.sha256, columns, item.raw)
