"""What becomes of the records of files, written line by line: rows, quarantine and context."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Any, BinaryIO, NamedTuple

from trace_assets.convert import (
    LogFile,
    Quarantined,
    Row,
    Seen,
    convert_file,
    convert_gathered,
    inspect,
)
from trace_assets.convert.training_folder import without_training_parts
from trace_assets.enrich import Defaults
from trace_assets.errors import TraceAssetsError
from trace_assets.judge import Judgement, judge_value
from trace_assets.ledger import FileLedger, Ledger, headed
from trace_assets.onepass.inputs import Input
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


def detected(input: Input, format: str | None, mapping: dict[str, Any] | None = None) -> File:
    """Tell a file's format by its first bytes; its hash is left for `hashed`."""
    with input.path.open("rb") as file:
        start = head(open_plain(file), HEAD_BYTES)
        size = file.seek(0, 2)
    log = inspect(start, file=input.name, size=size, digest="", format=format, mapping=mapping)
    return File(input, log)


def all_detected(
    inputs: Sequence[Input], format: str | None, mapping: dict[str, Any] | None = None
) -> list[File]:
    """Detect the format of each file. Files that the others show to be no logs are marked."""
    files = [detected(input, format, mapping) for input in inputs]
    logs = without_training_parts([file.log for file in files])
    return [file._replace(log=log) for file, log in zip(files, logs, strict=True)]


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


DATASET, QUARANTINE, CONTEXT = 0, 1, 2
"""Positions in `Lines`."""


class Watch:
    """Hears of what is converted; this one does nothing about it."""

    def begins(self, number: int) -> None:
        """The files are gone through in order."""

    def wrote(self, where: int, line: bytes, raw: bytes | None) -> None:
        """A line was written to one of `Lines`; `raw` is the record that it is about."""

    def ends(self, number: int) -> None:
        """The file is read; what was set aside in it is written after the last one."""


_NOBODY = Watch()


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
    watch: Watch = _NOBODY,
) -> Ledger:
    """Convert files one after the other, then what was set aside in them."""
    ledger = Ledger()
    writer = _Writer(lines, manner, ledger, watch)
    for number, file in enumerate(files):
        log = hashed(file)
        counts = FileLedger(log.file, sha256=log.sha256, size=log.size, format=log.format)
        ledger.files.append(counts)
        watch.begins(number)
        with file.input.path.open("rb") as stream:
            outcomes = convert_file(open_plain(stream), log, seen=seen, ledger=counts)
            for outcome in _told(outcomes, stream, log.size, report):
                writer.write(outcome)
            _expect_unchanged(stream, file)
        watch.ends(number)
    for outcome in convert_gathered(seen, ledger):
        writer.write(outcome)
    return ledger


_Outcome = Row | Quarantined | Context


def _told(
    outcomes: Iterator[_Outcome], stream: BinaryIO, size: int, report: Report
) -> Iterator[_Outcome]:
    """Pass a file's outcomes on, and report how far it is read: `size` in all."""
    told = 0
    for outcome in outcomes:
        yield outcome
        done = min(stream.tell(), size)
        if done - told >= _BLOCK_BYTES:
            report(done - told)
            told = done
    report(size - told)


def _expect_unchanged(stream: BinaryIO, file: File) -> None:
    if stream.seek(0, 2) != file.log.size:
        raise ChangedFileError(
            f"{file.input.path}: changed while it was read; convert it when it is complete"
        )


class _Writer:
    """Takes each outcome of a conversion through judging and enriching to its file."""

    def __init__(self, lines: Lines, manner: Manner, ledger: Ledger, watch: Watch) -> None:
        self._lines = lines
        self._manner = manner
        self._ledger = ledger
        self._watch = watch
        self._files: dict[str, FileLedger] = {}

    def write(self, outcome: _Outcome) -> None:
        match outcome:
            case Row():
                self._write_row(outcome)
            case Quarantined():
                self._write_line(QUARANTINE, quarantine_line(outcome), outcome.raw)
            case Context():
                self._write_line(CONTEXT, context_line(outcome), None)

    def _write_row(self, row: Row) -> None:
        judgement = judge_value(row.trace)
        if judgement.reason:
            self._refuse(row, judgement)
            return
        names, defaults = self._manner
        line = dataset_line(row, judgement, defaults=defaults, names=names)
        self._write_line(DATASET, line, row.raw)

    def _refuse(self, row: Row, judgement: Judgement) -> None:
        message = "; ".join(judgement.problems)
        for heading, (place, raw) in headed(row.sources):
            refused = Quarantined(judgement.reason, message, place, "", raw)
            self._write_line(QUARANTINE, quarantine_line(refused), raw)
            self._counts(place.file).move_to_quarantine(judgement.reason, heading=heading)

    def _counts(self, file: str) -> FileLedger:
        if file not in self._files:  # one may be refused in each of many files
            self._files.update((one.file, one) for one in self._ledger.files[len(self._files) :])
        return self._files[file]

    def _write_line(self, where: int, line: bytes, raw: bytes | None) -> None:
        self._lines[where].write(line)
        self._watch.wrote(where, line, raw)
