"""Records that are parts of one trace to that trace, after the last file of a drop was read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from trace_assets import guards
from trace_assets.convert.outcome import Quarantined, Row, Source, keep, repaired
from trace_assets.convert.seen import Seen
from trace_assets.custom_columns import CustomColumns, Values, first_of
from trace_assets.formats import (
    Assembled,
    Converted,
    Copies,
    Format,
    Part,
    Refused,
    UnknownShapeError,
)
from trace_assets.gathering import TRACE_BYTES, Gathered, Group
from trace_assets.ledger import FileLedger, Ledger
from trace_assets.reading import Place, Record


def convert_gathered(seen: Seen, ledger: Ledger) -> Iterator[Row | Quarantined]:
    """Turn what was set aside in the files of a drop into traces, and count it in their ledgers."""
    files = {file.file: file for file in ledger.files}
    for name, gathered in seen.gathered.items():
        yield from convert_groups(seen.formats[name], gathered, files, seen.columns)


def convert_groups(
    format: Format,
    gathered: Gathered,
    files: Mapping[str, FileLedger],
    columns: CustomColumns,
) -> Iterator[Row | Quarantined]:
    """Turn what was set aside for one format into traces."""
    for group in gathered.groups():
        for outcome in _assembled(format, gathered, group, files, columns):
            match outcome:
                case Row():
                    yield _counted(outcome._replace(sha256=files[outcome.place.file].sha256), files)
                case Quarantined():
                    files[outcome.place.file].read("quarantined", reason=outcome.reason)
                    yield outcome
                case Place():
                    files[outcome.file].read("duplicate")


def _counted(row: Row, files: Mapping[str, FileLedger]) -> Row:
    ledger = files[row.place.file]
    ledger.read("converted")
    ledger.traces += 1
    ledger.count_text(row.findings.text_read, row.findings.text_all)
    for place, _ in row.merged:
        files[place.file].read("merged")
    return row


def _assembled(
    format: Format,
    gathered: Gathered,
    group: Group,
    files: Mapping[str, FileLedger],
    columns: CustomColumns,
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
    looks = [_look(part, format, files) for part in parts]
    declared = [columns.values_in(part.record.value) for part in parts]
    try:
        outcomes = list(format.gather.assemble(parts))
    except UnknownShapeError as error:
        for place, _, raw, _ in (part.record for part in parts):
            yield Quarantined(error.reason, str(error), place, error.pointer, raw)
        return
    work = _Work(format, looks, declared, left, _missing(outcomes, parts), files)
    for outcome in outcomes:
        yield from _settled(outcome, work)
    for part in left.values():
        message = "no trace was made of it: it belongs to no conversation"
        yield Quarantined("unused", message, part.record.place, "", part.record.raw)


class _Work(NamedTuple):
    """The parts of one key, while traces are made of them."""

    format: Format
    looks: Sequence[guards.Look]
    """What the guards noted of each part."""
    declared: Sequence[Values]
    """The values of the declared columns in each part."""
    left: dict[int, Part]
    """The parts without an outcome so far, by number."""
    missing: Sequence[str]
    """The parts that cannot be read, by place."""
    files: Mapping[str, FileLedger]


def _look(part: Part, format: Format, files: Mapping[str, FileLedger]) -> guards.Look:
    """Note what a part holds, before the format uses it up."""
    record = part.record
    look = guards.look(record.value, kinds=format.kinds, silent=format.silent)
    if look.unknown:
        guards.count_kinds(files[record.place.file].unknown_kinds, look.unknown)
    return look


def _missing(outcomes: Sequence[Assembled | Copies | Refused], parts: Sequence[Part]) -> list[str]:
    """The places of parts that are refused though they belong to the conversation.

    A record without a conversation leaves no gap in one.
    """
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    gaps = [outcome.part for outcome in refused if outcome.reason != "no_conversation"]
    return [parts[number].record.place.uri for number in gaps]


def _settled(
    outcome: Assembled | Copies | Refused, work: _Work
) -> Iterator[Row | Quarantined | Place]:
    left = work.left
    match outcome:
        case Assembled(converted, numbers):
            row = _joined(converted, [left.pop(number).record for number in numbers], work.format)
            declared = first_of([work.declared[number] for number in sorted(numbers)])
            yield row._replace(
                findings=_inspected(row, numbers, work), columns=row.columns | declared
            )
        case Copies(numbers):
            yield from (left.pop(number).record.place for number in numbers)
        case Refused(number, reason, message, pointer):
            record = left.pop(number).record
            yield Quarantined(reason, message, record.place, pointer, record.raw)


def _inspected(row: Row, numbers: Sequence[int], work: _Work) -> guards.Findings:
    return guards.inspect(
        row.trace,
        [work.looks[number] for number in numbers],
        [guards.Source(source.place.uri, source.raw) for source in row.sources],
        silent=work.format.silent,
        missing=[*work.missing, *_broken(row, work.files)],
    )


def _broken(row: Row, files: Mapping[str, FileLedger]) -> Iterator[str]:
    """The records that cannot be parsed and stand among those of a trace, or next to them.

    Which trace such a record belongs to is unknown. A trace of one record has no gap.
    """
    sources = row.sources if row.merged else ()
    damaged = {source.place.file for source in sources if files[source.place.file].broken}
    for name in sorted(damaged):
        numbers = [source.place.number for source in row.sources if source.place.file == name]
        around = range(min(numbers) - 1, max(numbers) + 2)
        yield from (uri for number, uri in files[name].broken if number in around)


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
        keep(extra, "merged_from", ranges([record.place for record in merged]))
    if repairs:
        keep(extra, "repairs", repairs)
    sources = tuple(Source(record.place, record.raw) for record in merged)
    return Row(trace, lead.place, format.name, "", columns, lead.raw, sources)


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
