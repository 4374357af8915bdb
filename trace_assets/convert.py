"""Log files to traces: tell the format, read the records, convert each or say why not.

A record is a trace by itself, or a part of one: parts are set aside while the files of a drop are
read (`convert_file`), and become traces after the last file (`convert_gathered`).
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from trace_assets.errors import UnknownFormatError
from trace_assets.formats import (
    Assembled,
    Claim,
    ContextOnlyError,
    Converted,
    Copies,
    Format,
    Gather,
    Part,
    Refused,
    UnknownShapeError,
    formats,
)
from trace_assets.gathering import TRACE_BYTES, Gathered, Group
from trace_assets.ledger import FileLedger, Ledger
from trace_assets.reading import (
    Around,
    Broken,
    Context,
    Item,
    Place,
    Record,
    Repair,
    Shape,
    read_records,
)
from trace_assets.reading.sample import TableRow, sample
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
    mapping: dict[str, Any] | None = None
    """Which column says what, as declared."""


def repaired(repairs: Sequence[Repair]) -> list[dict[str, str]]:
    """What had to be changed so that JSON can hold it: where, and what stood there."""
    return [{"pointer": repair.pointer, "found": repair.found} for repair in repairs]


class Source(NamedTuple):
    """A record that a trace was made from."""

    place: Place
    raw: bytes


class Row(NamedTuple):
    """A record that became a trace, and what else was merged into it."""

    trace: dict[str, Any]
    place: Place
    format: str
    sha256: str
    columns: dict[str, Any]
    raw: bytes
    merged: tuple[Source, ...] = ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """All records that the trace was made from, the one that it counts for first."""
        return (Source(self.place, self.raw), *self.merged)


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
        self.gathered: dict[str, Gathered] = {}
        """By format: the records that are parts of a trace."""
        self.formats: dict[str, Format] = {}
        """Those formats, under the mapping of their files."""
        self.files: set[str] = set()
        """The sha256 of each file that holds such records."""
        self._recent: set[bytes] = set()
        self._limit = in_memory
        self._disk: sqlite3.Connection | None = None

    def __enter__(self) -> "Seen":
        return self

    def __exit__(self, *_: object) -> None:
        for gathered in self.gathered.values():
            gathered.close()
        if self._disk:
            self._disk.close()

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
    found = [
        (format, format.detect(documents))
        for format in formats().values()
        if format.read is not read_records or not _is_table(documents)
    ]
    claimed = [(format, claim) for format, claim in found if claim]
    return sorted(claimed, key=lambda pair: (-pair[1].strength, pair[0].name))


def _is_table(documents: Sequence[Any]) -> bool:
    """Whether a sample is rows of a table, which is nothing that the reader of JSON could read."""
    return bool(documents) and isinstance(documents[0], TableRow)


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


def inspect(
    head: bytes,
    *,
    file: str,
    size: int,
    digest: str,
    format: str | None,
    mapping: dict[str, Any] | None = None,
) -> LogFile:
    """Describe a file: its format by its first bytes, or as given; a mapping is for `csv`."""
    if mapping is not None:
        return LogFile(file, size, digest, "csv", "a mapping is given for it", mapping=mapping)
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
    format = _format_of(log)
    here = _File(log, format, seen, ledger)
    read = format.read if format else read_records
    for item in read(stream, file=log.file, shape=format.shape if format else Shape()):
        if isinstance(item, Context):
            here.hear(item)
            yield item
        else:
            yield from _outcomes(item, here)
    if here.is_empty:
        ledger.read("quarantined", reason="empty_file")
        place = Place(log.file, 0, 0, log.size, "0")
        yield Quarantined("empty_file", "the file holds no record: it is empty", place, "", b"")


def _format_of(log: LogFile) -> Format | None:
    """The format of a file, under the mapping that is declared for it."""
    if log.format is None:
        return None
    format = formats()[log.format]
    if log.mapping is None or format.mapped is None:
        return format
    return format.mapped(log.mapping)


def convert_gathered(seen: Seen, ledger: Ledger) -> Iterator[Row | Quarantined]:
    """Turn what was set aside in the files of a drop into traces, and count it in their ledgers."""
    files = {file.file: file for file in ledger.files}
    for name, gathered in seen.gathered.items():
        format = seen.formats[name]
        for group in gathered.groups():
            for outcome in _assembled(format, gathered, group):
                match outcome:
                    case Row():
                        yield _counted(
                            outcome._replace(sha256=files[outcome.place.file].sha256), files
                        )
                    case Quarantined():
                        files[outcome.place.file].read("quarantined", reason=outcome.reason)
                        yield outcome
                    case Place():
                        files[outcome.file].read("duplicate")


def _counted(row: Row, files: Mapping[str, FileLedger]) -> Row:
    files[row.place.file].read("converted")
    files[row.place.file].traces += 1
    for place, _ in row.merged:
        files[place.file].read("merged")
    return row


def _assembled(
    format: Format, gathered: Gathered, group: Group
) -> Iterator[Row | Quarantined | Place]:
    """What becomes of the records of one key: rows, quarantined ones, the places of copies."""
    if group.size > TRACE_BYTES:
        message = (
            f"the {group.size:,} bytes of its trace are more than the {TRACE_BYTES:,} that one "
            "trace may have"
        )
        for place, raw in gathered.raws(group.key):
            yield Quarantined("too_large", message, place, "", raw)
        return
    assert format.gather is not None  # noqa: S101 - the format gathered them
    parts = gathered.parts(group.key)
    left = dict(enumerate(parts))
    try:
        outcomes = list(format.gather.assemble(parts))
    except UnknownShapeError as error:
        for place, _, raw, _ in (part.record for part in parts):
            yield Quarantined(error.reason, str(error), place, error.pointer, raw)
        return
    for outcome in outcomes:
        yield from _settled(outcome, left, format)
    for part in left.values():
        message = "no trace was made of it: it belongs to no conversation"
        yield Quarantined("unused", message, part.record.place, "", part.record.raw)


def _settled(
    outcome: Assembled | Copies | Refused, left: dict[int, Part], format: Format
) -> Iterator[Row | Quarantined | Place]:
    match outcome:
        case Assembled(converted, numbers):
            yield _joined(converted, [left.pop(number).record for number in numbers], format)
        case Copies(numbers):
            yield from (left.pop(number).record.place for number in numbers)
        case Refused(number, reason, message, pointer):
            record = left.pop(number).record
            yield Quarantined(reason, message, record.place, pointer, record.raw)


def _joined(converted: Converted, records: Sequence[Record], format: Format) -> Row:
    """A trace of several records, with where each of them stands."""
    trace, columns = converted
    lead, *merged = records
    metadata = trace["metadata"]
    metadata["source_type"], metadata["source_uri"] = format.name, lead.place.uri
    repairs = [
        {"record": record.place.uri, **repair}
        for record in records
        for repair in repaired(record.repairs)
    ]
    extra = metadata.setdefault("extra", {})
    if merged:
        _keep(extra, "merged_from", ranges([record.place for record in merged]))
    if repairs:
        _keep(extra, "repairs", repairs)
    sources = tuple(Source(record.place, record.raw) for record in merged)
    return Row(trace, lead.place, format.name, "", columns, lead.raw, sources)


def _keep(extra: dict[str, Any], name: str, value: Any) -> None:
    """Add what we say to what the log says, whose own key of that name stays as it is."""
    extra[name if name not in extra else f"record_{name}"] = value


def ranges(places: Sequence[Place]) -> list[str]:
    """Places as URIs; records that follow one another in a file as one, from first to last.

    >>> ranges([Place("a.jsonl", n, 0, 0, str(n)) for n in (1, 2, 3, 7)])
    ['a.jsonl#1..3', 'a.jsonl#7']
    """
    found: list[str] = []
    start, last = "", ("", "", -2)
    for place in places:
        folder, slash, name = place.fragment.rpartition("/")
        number = int(name) if name.isdecimal() else -2
        following = (place.file, folder + slash, number)
        if number >= 0 and following == (*last[:2], last[2] + 1):
            found[-1] = f"{start}..{number}"
        else:
            start = place.uri
            found.append(start)
        last = following
    return found


class _File:
    """A file that is being converted."""

    def __init__(self, log: LogFile, format: Format | None, seen: Seen, ledger: FileLedger) -> None:
        self.log = log
        self.format = format
        self.seen = seen
        self.ledger = ledger
        self.beside = seen.context_for(log.file)
        self.around = Around()
        self.says_nothing = True
        """Whether there was no context in it so far: then what stands beside it counts."""
        self.set_aside = 0
        self.is_copy = False
        if format and format.gather:
            self.is_copy = log.sha256 in seen.files
            seen.files.add(log.sha256)

    @property
    def is_empty(self) -> bool:
        return not self.ledger.records and not self.set_aside and self.says_nothing

    def hear(self, context: Context) -> None:
        """Note what the file says once for records that follow."""
        self.around.add(context)
        self.says_nothing = False

    def context_of(self, place: Place) -> Mapping[str, Any]:
        """What is said for a record: by its own document, else by a file beside its own."""
        return self.beside if self.says_nothing else self.around.of(place)

    def keep(self, key: str, record: Record, context: Mapping[str, Any]) -> None:
        """Set a part aside."""
        assert self.format is not None  # noqa: S101 - it has a key
        self.seen.formats[self.format.name] = self.format
        is_json = self.format.reads_json or self.format.read is read_records
        self.gathered().add(key, record, context, is_json=is_json)
        self.set_aside += 1

    def gathered(self) -> Gathered:
        """Where the parts of its format are set aside."""
        assert self.format is not None  # noqa: S101 - it has a key
        name = self.format.name
        if name not in self.seen.gathered:  # each one opens a temporary file and database
            self.seen.gathered[name] = Gathered()
        return self.seen.gathered[name]


def _outcomes(item: Record | Broken, here: _File) -> Iterator[Row | Quarantined | Context]:
    """What becomes of an item, counted: one outcome, or the context that it turns out to be."""
    try:
        outcome = _outcome(item, here)
    except ContextOnlyError:
        said = list(_context_of(item))
        here.seen.context[_folder_of(here.log.file)] = {one.pointer: one.value for one in said}
        here.says_nothing = False
        yield from said  # what two folders say alike, each says for its own files
        return
    if isinstance(outcome, Quarantined):
        here.ledger.read("quarantined", reason=outcome.reason)
        yield outcome
    elif outcome:
        here.ledger.read("converted")
        here.ledger.traces += 1
        yield outcome


def _folder_of(file: str) -> str:
    return str(PurePosixPath(file).parent)


def _context_of(item: Item) -> Iterator[Context]:
    """A document that is no record, key by key."""
    assert isinstance(item, Record)  # noqa: S101 - only what was decoded can be told to be context
    for key, value in item.value.items():
        pointer = "/" + key.replace("~", "~0").replace("/", "~1")
        yield Context(item.place.file, pointer, b"", value, item.repairs)


def _outcome(item: Record | Broken, here: _File) -> Row | Quarantined | None:
    """None where the item is counted already, or will be with the trace that it is a part of."""
    if isinstance(item, Broken):
        return Quarantined(item.reason, item.message, item.place, item.pointer, item.raw)
    context = here.context_of(item.place)
    gather = here.format and here.format.gather
    try:
        if gather and _gathered(item, context, here, gather):
            return None
    except UnknownShapeError as error:
        return Quarantined(error.reason, str(error), item.place, error.pointer, item.raw)
    outcome = _converted(item, context, here)
    if here.seen.add(item.raw):
        here.ledger.read("duplicate")
        return None
    return outcome


def _converted(record: Record, context: Mapping[str, Any], here: _File) -> Row | Quarantined:
    format = here.format
    if format is None:
        return Quarantined("unknown_format", here.log.evidence, record.place, "", record.raw)
    try:
        trace, columns = format.convert(record, context)
    except UnknownShapeError as error:
        return Quarantined(error.reason, str(error), record.place, error.pointer, record.raw)
    metadata = trace["metadata"]
    metadata["source_type"], metadata["source_uri"] = format.name, record.place.uri
    if record.repairs:
        _keep(metadata.setdefault("extra", {}), "repairs", repaired(record.repairs))
    return Row(trace, record.place, format.name, here.log.sha256, columns, record.raw)


def _gathered(record: Record, context: Mapping[str, Any], here: _File, gather: Gather) -> bool:
    """Set a record aside if it is a part of a trace; a copy of one that is there is counted."""
    key = gather.key(record, context)
    if key is None:
        return False
    identity = gather.identity(record)
    if here.is_copy:
        here.ledger.read("duplicate")
        return True
    if identity is not None and here.seen.add(identity.encode()):
        here.ledger.read("duplicate")
    else:
        here.keep(key, record, context)
    if gather.links:
        here.gathered().link(key, gather.links(record))
    return True
