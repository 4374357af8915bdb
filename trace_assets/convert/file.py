"""The records of one file to traces, each counted in the ledger; parts of traces are set aside."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from trace_assets import guards
from trace_assets.convert.gathered import convert_groups
from trace_assets.convert.outcome import Quarantined, Row, keep, repaired
from trace_assets.convert.seen import Seen, digest_of
from trace_assets.convert.telling import LogFile
from trace_assets.custom_columns import CustomColumns
from trace_assets.formats import (
    ContextOnlyError,
    Format,
    Gather,
    UnknownShapeError,
    formats,
)
from trace_assets.gathering import Gathered
from trace_assets.ledger import FileLedger
from trace_assets.reading import (
    Around,
    Broken,
    Context,
    Item,
    Place,
    Record,
    Shape,
    read_records,
)


def convert_file(
    stream: BinaryIO, log: LogFile, *, seen: Seen, ledger: FileLedger
) -> Iterator[Row | Quarantined | Context]:
    """Convert a file's records in their order, and count each in the ledger.

    `stream` gives the file's plain bytes, decompressed. What the file says once for all its
    records comes out as Context, as the reader finds it. A file that is no log counts as one
    filtered record and is not read.
    """
    if log.left_out:
        ledger.left_out = log.left_out
        ledger.read("filtered")
        return
    format = _format_of(log)
    here = _File(log, format, seen, ledger)
    read = format.read if format else read_records
    for item in read(stream, file=log.file, shape=format.shape if format else Shape()):
        if isinstance(item, Context):
            here.hear(item)
            yield item
        else:
            yield from _outcomes(item, here)
    yield from here.own_traces()
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


class _File:
    """A file that is being converted."""

    def __init__(self, log: LogFile, format: Format | None, seen: Seen, ledger: FileLedger) -> None:
        self.log = log
        self.format = format
        self.seen = seen
        self.ledger = ledger
        self.beside = seen.context_for(log.file)
        self.around = Around()
        self.columns = CustomColumns(log.columns)
        self.says_nothing = True
        """Whether there was no context in it so far: then what stands beside it counts."""
        self.is_table = False
        """Whether its records are rows of a table, whose bytes are not JSON."""
        self.set_aside = 0
        self.own: Gathered | None = None
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
        self.is_table = context.pointer == "/table"

    def context_of(self, place: Place) -> Mapping[str, Any]:
        """What is said for a record: by its own document, else by a file beside its own."""
        return self.beside if self.says_nothing else self.around.of(place)

    def keep(self, key: str, record: Record, context: Mapping[str, Any]) -> None:
        """Set a part aside."""
        assert self.format is not None  # noqa: S101 - it has a key
        reads_json = self.format.reads_json or self.format.read is read_records
        is_json = reads_json and not self.is_table
        self.gathered().add(key, record, context, is_json=is_json)
        self.set_aside += 1

    def gathered(self) -> Gathered:
        """Where its parts are set aside: with those of the other files of its format, or apart."""
        assert self.format is not None  # noqa: S101 - it has a key
        assert self.format.gather is not None  # noqa: S101 - the key is told by it
        if self.format.gather.is_by_file:
            self.own = self.own or Gathered(with_values=True)
            return self.own
        name = self.format.name
        self.seen.formats[name] = self.format
        self.seen.columns = self.columns
        if name not in self.seen.gathered:
            self.seen.gathered[name] = Gathered()
        return self.seen.gathered[name]

    def own_traces(self) -> Iterator[Row | Quarantined]:
        """The traces of parts that need not wait for other files."""
        if self.own is None:
            return
        assert self.format is not None  # noqa: S101 - its parts were set aside
        with closing(self.own):
            files = {self.log.file: self.ledger}
            yield from convert_groups(self.format, self.own, files, self.columns)


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
        here.ledger.note_broken(item.place.number, item.place.uri)
        return Quarantined(item.reason, item.message, item.place, item.pointer, item.raw)
    context = here.context_of(item.place)
    gather = here.format and here.format.gather
    try:
        if gather and _gathered(item, context, here, gather):
            return None
    except UnknownShapeError as error:
        return Quarantined(error.reason, str(error), item.place, error.pointer, item.raw)
    digest = digest_of(item.raw)
    if here.seen.has(digest):
        here.ledger.read("duplicate")
        return None
    outcome = _converted(item, context, here)
    here.seen.keep_record(item.raw, digest)
    return outcome


def _converted(record: Record, context: Mapping[str, Any], here: _File) -> Row | Quarantined:
    format = here.format
    if format is None:
        return Quarantined("unknown_format", here.log.evidence, record.place, "", record.raw)
    look = guards.look(record.value, kinds=format.kinds, silent=format.silent)
    guards.count_kinds(here.ledger.unknown_kinds, look.unknown)
    declared = here.columns.values_in(record.value)  # before the format uses it up
    try:
        trace, columns = format.convert(record, context)
    except UnknownShapeError as error:
        return Quarantined(error.reason, str(error), record.place, error.pointer, record.raw)
    metadata = trace["metadata"]
    metadata["source_type"], metadata["source_uri"] = format.name, record.place.uri
    if record.repairs:
        keep(metadata.setdefault("extra", {}), "repairs", repaired(record.repairs))
    sources = [guards.Source(record.place.uri, record.raw)]
    findings = guards.inspect(trace, [look], sources, silent=format.silent)
    here.ledger.count_text(findings.text_read, findings.text_all)
    columns = columns | declared
    row = Row(trace, record.place, format.name, here.log.sha256, columns, record.raw)
    return row._replace(findings=findings)


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
