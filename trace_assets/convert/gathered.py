"""Records that are parts of one trace to that trace, after the last file of a drop was read."""

from collections.abc import Iterator, Mapping, Sequence

from trace_assets.convert.outcome import Quarantined, Row, Source, keep, repaired
from trace_assets.convert.seen import Seen
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
        yield from convert_groups(seen.formats[name], gathered, files)


def convert_groups(
    format: Format, gathered: Gathered, files: Mapping[str, FileLedger]
) -> Iterator[Row | Quarantined]:
    """Turn what was set aside for one format into traces."""
    for group in gathered.groups():
        for outcome in _assembled(format, gathered, group):
            match outcome:
                case Row():
                    yield _counted(outcome._replace(sha256=files[outcome.place.file].sha256), files)
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
