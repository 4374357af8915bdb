"""Files to a dataset in one pass, without Dagster: the same pure code as the chain of assets."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, NamedTuple

from trace_assets.convert import (
    LogFile,
    Quarantined,
    Row,
    Seen,
    convert_file,
    convert_gathered,
    inspect,
)
from trace_assets.enrich import Defaults
from trace_assets.garbage import rare_garbage_collection
from trace_assets.judge import Judgement, judge_value
from trace_assets.ledger import FileLedger, Ledger, headed
from trace_assets.package.manifest import manifest_bytes
from trace_assets.package.spec import spec_text
from trace_assets.reading import Context
from trace_assets.reading.compression import head, open_plain
from trace_assets.rows import (
    columns_for,
    context_line,
    dataset_line,
    quarantine_line,
)

HEAD_BYTES = 1 << 18
"""How much of a file its format is told by."""

_BLOCK_BYTES = 1 << 20


class Input(NamedTuple):
    """A file to convert, under the name that the dataset's rows will give it."""

    path: Path
    name: str


class Outputs:
    """The five files of a conversion; each appears under its name when all of them are complete."""

    def __init__(self, folder: Path, key: str) -> None:
        self.key = key
        self.dataset = folder / f"{key}.jsonl"
        self.spec = folder / f"{key}.yaml"
        self.quarantine = folder / f"{key}.quarantine.jsonl"
        self.context = folder / f"{key}.context.jsonl"
        self.ledger = folder / f"{key}.ledger.json"

    def all(self) -> list[Path]:
        """Their paths, the dataset first."""
        return [self.dataset, self.spec, self.quarantine, self.context, self.ledger]


def described(input: Input, format: str | None) -> LogFile:
    """Hash a file and tell its format."""
    digest = sha256()
    with input.path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
        file.seek(0)
        start = head(open_plain(file), HEAD_BYTES)
        size = file.seek(0, 2)
    return inspect(start, file=input.name, size=size, digest=digest.hexdigest(), format=format)


_NOTHING_DECLARED = Defaults()


def _tell_nobody(_: int) -> None:
    pass


def convert(
    inputs: Sequence[Input],
    outputs: Outputs,
    *,
    format: str | None = None,
    defaults: Defaults = _NOTHING_DECLARED,
    report: Callable[[int], object] = _tell_nobody,
) -> Ledger:
    """Convert files into the five outputs; `report` hears how many bytes of input are done.

    Nothing of it depends on when or in which folder it runs: the same files under the same names
    give the same bytes.
    """
    logs = [described(input, format) for input in inputs]
    names = columns_for(sorted({log.format for log in logs if log.format}))
    ledger = Ledger()
    with ExitStack() as stack:
        seen = stack.enter_context(Seen())
        stack.enter_context(rare_garbage_collection())
        drafts = [stack.enter_context(_Draft(path)) for path in outputs.all()]
        dataset, spec, quarantine, context, ledger_file = (draft.file for draft in drafts)
        writer = _Writer(dataset, quarantine, context, names, defaults, ledger)
        for input, log in zip(inputs, logs, strict=True):
            counts = FileLedger(log.file, sha256=log.sha256, size=log.size, format=log.format)
            ledger.files.append(counts)
            file = stack.enter_context(input.path.open("rb"))
            for outcome in convert_file(open_plain(file), log, seen=seen, ledger=counts):
                writer.write(outcome)
            file.close()
            report(log.size)
        for outcome in convert_gathered(seen, ledger):
            writer.write(outcome)
        ledger.check()
        spec.write(spec_text(outputs.key).encode())
        ledger_file.write(manifest_bytes(ledger.as_dict()))
    return ledger


class _Draft:
    """A file that appears under its name only when it is complete."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f".{path.name}.part")
        self.file: BinaryIO

    def __enter__(self) -> "_Draft":
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self.file = self._part.open("wb", buffering=_BLOCK_BYTES)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.file.close()
            self._part.replace(self._path)
        else:
            self.file.close()
            self._part.unlink(missing_ok=True)


class _Writer:
    """Takes each outcome of a conversion through judging and enriching to its file."""

    def __init__(
        self,
        dataset: BinaryIO,
        quarantine: BinaryIO,
        context: BinaryIO,
        names: list[str],
        defaults: Defaults,
        ledger: Ledger,
    ) -> None:
        self._dataset = dataset
        self._quarantine = quarantine
        self._context = context
        self._names = names
        self._defaults = defaults
        self._ledger = ledger

    def write(self, outcome: Row | Quarantined | Context) -> None:
        match outcome:
            case Row():
                self._write_row(outcome)
            case Quarantined():
                self._quarantine.write(quarantine_line(outcome))
            case Context():
                self._context.write(context_line(outcome))

    def _write_row(self, row: Row) -> None:
        judgement = judge_value(row.trace)
        if judgement.reason:
            self._refuse(row, judgement)
            return
        line = dataset_line(row, judgement, defaults=self._defaults, names=self._names)
        self._dataset.write(line)

    def _refuse(self, row: Row, judgement: Judgement) -> None:
        files = {file.file: file for file in self._ledger.files}
        message = "; ".join(judgement.problems)
        for heading, (place, raw) in headed(row.sources):
            refused = Quarantined(judgement.reason, message, place, "", raw)
            self._quarantine.write(quarantine_line(refused))
            files[place.file].move_to_quarantine(judgement.reason, heading=heading)
