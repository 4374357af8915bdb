"""The face for programs: log files to traces, one after the other, without datasets or Dagster."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from trace_assets.convert import (
    Quarantined,
    Row,
    Seen,
    convert_file,
    convert_gathered,
    expect_known,
)
from trace_assets.errors import ConfigError
from trace_assets.judge import judge_value
from trace_assets.ledger import FileLedger, Ledger
from trace_assets.onepass.inputs import Input, inputs_of
from trace_assets.onepass.opening import all_detected, opened
from trace_assets.reading import Context
from trace_assets.reading.compression import open_plain
from trace_assets.trace import Trace, load


def traces_in(
    *paths: str | os.PathLike[str], format: str | None = None
) -> Iterator[Trace | Quarantined]:
    """Yield what each record becomes: a valid Trace, or itself with the reason why not.

    Files come in the order of their names, folders are walked; traces that are made of several
    records come after the last file. Copies of a record come once. The format of each file is
    detected, or as given.

    Raises:
        ConfigError: at the call: no path is given, a path names nothing, or the format is not
            known.
        OSError: at the call, a folder cannot be listed; later, a file cannot be read.
        ChangedFileError: a file was written to or replaced while it was read.
    """
    expect_known(format)
    if not paths:
        raise ConfigError("no path is given: expected files or folders with logs")
    return _found(inputs_of([Path(path) for path in paths]), format)


def _found(inputs: Sequence[Input], format: str | None) -> Iterator[Trace | Quarantined]:
    for outcome in _outcomes(inputs, format):
        if not isinstance(outcome, Context):
            yield from _judged(outcome)


def _outcomes(inputs: Sequence[Input], format: str | None) -> Iterator[Row | Quarantined | Context]:
    ledger = Ledger()
    with Seen() as seen:
        for file in all_detected(inputs, format):
            with opened(file) as (stream, log):
                counts = FileLedger(log.file, sha256=log.sha256, size=log.size, format=log.format)
                ledger.files.append(counts)
                yield from convert_file(open_plain(stream), log, seen=seen, ledger=counts)
        yield from convert_gathered(seen, ledger)


def _judged(outcome: Row | Quarantined) -> Iterator[Trace | Quarantined]:
    if isinstance(outcome, Quarantined):
        yield outcome
        return
    judgement = judge_value(outcome.trace)
    if not judgement.reason:
        yield load(outcome.trace)
        return
    message = "; ".join(judgement.problems)
    for place, raw in outcome.sources:
        yield Quarantined(judgement.reason, message, place, "", raw)
