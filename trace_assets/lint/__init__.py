"""A dataset held against what its readers accept, and rows repaired that they would misread.

The contract is that of rows, traces and the spec beside them. A reader of a dataset raises no error
for most of what is looked for here: it shows a conversation without turns, or with other ids at
every load.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from trace_assets.errors import ConfigError
from trace_assets.lint.rows import Rows
from trace_assets.lint.spec import spec_problems
from trace_assets.onepass.outputs import together
from trace_assets.reading import DecompressionError
from trace_assets.reading.compression import open_plain

SHOWN = 200
"""How many problems are told one by one."""

ROW_BYTES = 1 << 28
"""A longer row cannot be judged in bounded memory."""

_BUFFER_BYTES = 1 << 20


class Findings(NamedTuple):
    """What a whole dataset came to."""

    rows: int
    problems: int
    left: int
    """How many problems the repaired dataset has; that of the dataset where none was asked for."""
    repaired: int
    """How many rows of it are written in another way."""
    warnings: Counter[str]
    """By rule, the rows that bend it as a log truthfully may."""


def lint(dataset: Path, *, repair: Path | None, say: Callable[[str], object]) -> Findings:
    """Tell every problem of a dataset and its spec, the first `SHOWN` of them line by line.

    A repaired dataset has the rows of the dataset as they stand, but for types, roles and FORMAT
    that their shape tells; a row that cannot be repaired whole is left as it is.

    Raises:
        ConfigError: there is no such dataset, or `repair` would write over it.
    """
    _expect(dataset, repair)
    telling = _Telling(say)
    spec = dataset.with_name(dataset.name.split(".jsonl")[0] + ".yaml")
    if spec.is_file():
        for problem in spec_problems(spec, dataset):
            telling.tell(f"{spec}: {problem}")
    in_spec = telling.count
    with ExitStack() as stack:
        target = stack.enter_context(together([repair]))[1][0] if repair else None
        file = stack.enter_context(dataset.open("rb", _BUFFER_BYTES))
        count, repaired, left, rows = _judge(dataset, file, target, telling)
    left = in_spec + (left if repair else telling.count - in_spec)
    telling.end()
    return Findings(count, telling.count, left, repaired, rows.warnings)


def _judge(
    dataset: Path, file: BinaryIO, target: BinaryIO | None, telling: "_Telling"
) -> tuple[int, int, int, Rows]:
    rows = Rows()
    number = repaired = left = 0
    try:
        for number, line in enumerate(_lines(file), start=1):
            if len(line) >= ROW_BYTES:
                raise ConfigError(f"{dataset}:{number}: a row of more than {ROW_BYTES:,} bytes")
            row = line.removesuffix(b"\n")
            verdict = rows.judge(row, is_first=number == 1)
            for problem in verdict.problems:
                telling.tell(f"{dataset}:{number}: {problem}")
            left += verdict.left
            repaired += verdict.repaired is not row
            if target:
                target.write(verdict.repaired + line[len(row) :])
    except DecompressionError as error:
        raise ConfigError(f"{dataset}: {error}") from error
    return number, repaired, left, rows


def _lines(file: BinaryIO) -> Iterator[bytes]:
    stream = open_plain(file)
    if stream is not file:  # what a decompressor gives is a raw stream, which is slow line by line
        stream = BufferedReader(cast("RawIOBase", stream), _BUFFER_BYTES)
    while line := stream.readline(ROW_BYTES):
        yield line


def _expect(dataset: Path, repair: Path | None) -> None:
    if not dataset.is_file():
        found = "a folder" if dataset.is_dir() else "nothing"
        raise ConfigError(f"{dataset}: expected a dataset, a file of JSON lines; found {found}")
    if repair and repair.exists() and repair.samefile(dataset):
        raise ConfigError(f"{repair}: --repair would write over the dataset; name another file")


class _Telling:
    """Says problems until there are too many, and counts them."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say = say
        self.count = 0

    def tell(self, problem: str) -> None:
        self.count += 1
        if self.count <= SHOWN:
            self._say(problem)

    def end(self) -> None:
        if self.count > SHOWN:
            self._say(f"... and {self.count - SHOWN:,} more problems")
