"""What becomes of the records of files, written line by line: rows, quarantine and context."""

from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha256
from typing import BinaryIO, NamedTuple

from trace_assets.convert import LogFile, Quarantined, Row, Seen, convert_file, inspect
from trace_assets.enrich import Defaults
from trace_assets.errors import TraceAssetsError
from trace_assets.inputs import Input
from trace_assets.judge import judge_value
from trace_assets.ledger import FileLedger
from trace_assets.reading import Context
from trace_assets.reading.compression import head, open_plain
from trace_assets.rows import context_line, dataset_line, quarantine_line

HEAD_BYTES = 1 << 18
"""How much of a file its format is told by."""

_BLOCK_BYTES = 1 << 20

Report = Callable[[int], object]


class ChangedFileError(TraceAssetsError):
    """A file was written to while it was read."""


class File(NamedTuple):
    """A file to convert, and what was told of it."""

    input: Input
    log: LogFile


def detected(input: Input, format: str | None) -> File:
    """Tell a file's format by its first bytes; its hash is left for `hashed`."""
    with input.path.open("rb") as file:
        start = head(open_plain(file), HEAD_BYTES)
        size = file.seek(0, 2)
    return File(input, inspect(start, file=input.name, size=size, digest="", format=format))


def hashed(file: File) -> LogFile:
    """What was told of a file, with its hash."""
    digest = sha256()
    with file.input.path.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            digest.update(block)
    return file.log._replace(sha256=digest.hexdigest())


class Lines(NamedTuple):
    """Where a conversion writes what becomes of its records."""

    dataset: BinaryIO
    quarantine: BinaryIO
    context: BinaryIO


DATASET, QUARANTINE = 0, 1
"""Positions in `Lines`."""

Wrote = Callable[[int, int, bytes], object]
"""Hears of each row and quarantine line: its file's number, its position in `Lines`, its bytes."""


def _tell_nobody(*_: object) -> None:
    pass


class Manner(NamedTuple):
    """What is the same for all files of a conversion."""

    names: list[str]
    """The columns of the dataset."""
    defaults: Defaults


def convert_files(
    files: Sequence[File],
    lines: Lines,
    manner: Manner,
    *,
    seen: Seen,
    report: Report,
    wrote: Wrote = _tell_nobody,
) -> list[FileLedger]:
    """Convert files one after the other; what each held."""
    ledgers: list[FileLedger] = []
    for number, file in enumerate(files):
        writer = _Writer(lines, manner, partial(wrote, number))
        ledgers.append(_convert(file, writer, seen, report))
    return ledgers


def _convert(file: File, writer: "_Writer", seen: Seen, report: Report) -> FileLedger:
    log = hashed(file)
    counts = FileLedger(log.file, sha256=log.sha256, size=log.size, format=log.format)
    told = 0
    with file.input.path.open("rb") as stream:
        for outcome in convert_file(open_plain(stream), log, seen=seen, ledger=counts):
            writer.write(outcome, counts)
            done = min(stream.tell(), log.size)
            if done - told >= _BLOCK_BYTES:
                report(done - told)
                told = done
        if stream.seek(0, 2) != log.size:
            raise ChangedFileError(
                f"{file.input.path}: changed while it was read; convert it when it is complete"
            )
    report(log.size - told)
    return counts


class _Writer:
    """Takes each outcome of a conversion through judging and enriching to its file."""

    def __init__(self, lines: Lines, manner: Manner, wrote: Callable[[int, bytes], object]) -> None:
        self._lines = lines
        self._manner = manner
        self._wrote = wrote

    def write(self, outcome: Row | Quarantined | Context, counts: FileLedger) -> None:
        match outcome:
            case Row():
                self._write_row(outcome, counts)
            case Quarantined():
                self._write_line(QUARANTINE, quarantine_line(outcome))
            case Context():
                self._lines.context.write(context_line(outcome))

    def _write_row(self, row: Row, counts: FileLedger) -> None:
        judgement = judge_value(row.trace)
        if judgement.reason:
            message = "; ".join(judgement.problems)
            refused = Quarantined(judgement.reason, message, row.place, "", row.raw)
            self._write_line(QUARANTINE, quarantine_line(refused))
            counts.move_to_quarantine(judgement.reason)
            return
        names, defaults = self._manner
        self._write_line(DATASET, dataset_line(row, judgement, defaults=defaults, names=names))

    def _write_line(self, where: int, line: bytes) -> None:
        self._lines[where].write(line)
        self._wrote(where, line)
