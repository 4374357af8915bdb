"""What becomes of the records of files, written line by line: rows, quarantine and context."""

from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, NamedTuple

from trace_assets.convert import (
    Quarantined,
    Row,
    Seen,
    convert_file,
    convert_gathered,
)
from trace_assets.enrich import Defaults
from trace_assets.judge import Judgement, judge_value
from trace_assets.ledger import FileLedger, Ledger, headed
from trace_assets.onepass.opening import File, opened
from trace_assets.reading import Context
from trace_assets.reading.compression import open_plain
from trace_assets.rows import context_line, dataset_line, quarantine_line

_BLOCK_BYTES = 1 << 20

Report = Callable[[int], object]


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
        with opened(file) as (stream, log):
            counts = FileLedger(log.file, sha256=log.sha256, size=log.size, format=log.format)
            ledger.files.append(counts)
            watch.begins(number)
            outcomes = convert_file(open_plain(stream), log, seen=seen, ledger=counts)
            for outcome in _told(outcomes, stream, log.size, report):
                writer.write(outcome)
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
