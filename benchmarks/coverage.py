"""How much of a log is found again in what is made of it: `make coverage-report`.

For each file, the share of its scalar leaves that are in its rows, its context or its quarantine,
and the paths of those that are not. Only what a format's docstring lists as dropped on purpose may
be missing. A time counts as found in any spelling, JSON in a text as the values in it.
"""

import argparse
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from benchmarks.leaves import Made, scalars
from trace_assets.convert import (
    LogFile,
    Quarantined,
    Row,
    Seen,
    convert_file,
    convert_gathered,
)
from trace_assets.formats import formats
from trace_assets.inputs import Input, inputs_of
from trace_assets.ledger import FileLedger, Ledger
from trace_assets.outcomes import detected, hashed
from trace_assets.reading import Broken, Context, Record
from trace_assets.reading.compression import open_plain

_MOST_PATHS = 8


class Coverage(NamedTuple):
    """What was found again of one file."""

    file: str
    format: str | None
    leaves: int
    missing: Counter[str]
    """How many leaves are not found, by their path with `*` for each index."""
    dropped: int = 0
    """How many are not found under a key that the format says it drops on purpose."""


def main() -> int:
    """Print a line for each file, and the paths that are missing; 1 if any is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, help="default: TRACE_ASSETS_CORPUS")
    parser.add_argument("--format", help="only files that this format reads")
    options = parser.parse_args()
    corpus = os.environ.get("TRACE_ASSETS_CORPUS")
    paths = options.paths or ([Path(corpus)] if corpus else [])
    if not paths:
        parser.error("name logs, or a folder of them in TRACE_ASSETS_CORPUS")
    total, missing, dropped = 0, 0, 0
    for input in inputs_of(paths):
        found = coverage_of(input)
        if found.format is None or options.format not in (None, found.format):
            continue
        total += found.leaves
        missing += found.missing.total()
        dropped += found.dropped
        _print(found)
    print(
        f"{total:,} leaves, {dropped:,} dropped on purpose, {missing:,} not found: "
        f"{_share(total, missing)}"
    )
    return 1 if missing else 0


def coverage_of(input: Input) -> Coverage:
    """Convert one file alone, and look for every leaf of it."""
    log = hashed(detected(input, None))
    if log.format is None:
        return Coverage(log.file, None, 0, Counter())
    made = Made()
    for value in _outputs(input, log):
        made.add(value)
    lost: Counter[str] = Counter()
    leaves = 0
    for value in _inputs(input, log):
        for pointer, scalar in scalars(value, ""):
            leaves += 1
            if not made.has(pointer, scalar):
                lost[_path(pointer)] += 1
    keys = dropped_keys(formats()[log.format].docs)
    missing = Counter({path: n for path, n in lost.items() if keys.isdisjoint(path.split("/"))})
    return Coverage(log.file, log.format, leaves, missing, lost.total() - missing.total())


def dropped_keys(docs: str) -> frozenset[str]:
    """The keys that a format's docstring names in backticks under "Dropped on purpose".

    >>> sorted(dropped_keys("... Dropped on purpose: `object`, and `delta` of a stream."))
    ['delta', 'object']
    """
    return frozenset(re.findall(r"`([^`]+)`", docs.partition("Dropped on purpose:")[2]))


def _inputs(input: Input, log: LogFile) -> Iterator[Any]:
    """The values in a file that can be read; the bytes of others are in quarantine as they are."""
    format = formats()[log.format or ""]
    with input.path.open("rb") as stream:
        for item in format.read(open_plain(stream), file=log.file, shape=format.shape):
            if isinstance(item, Record | Context):
                yield item.value
            assert isinstance(item, Record | Context | Broken)


def _outputs(input: Input, log: LogFile) -> Iterator[Any]:
    ledger = Ledger([FileLedger(log.file, sha256=log.sha256, size=log.size, format=log.format)])
    with Seen() as seen:
        with input.path.open("rb") as stream:
            outcomes = convert_file(open_plain(stream), log, seen=seen, ledger=ledger.files[0])
            yield from map(_value_of, outcomes)
        yield from map(_value_of, convert_gathered(seen, ledger))
    ledger.check()


def _value_of(outcome: Row | Quarantined | Context) -> Any:
    match outcome:
        case Row():
            return [outcome.trace, outcome.columns]
        case Context():
            return outcome.value
        case Quarantined(raw=raw):
            try:
                return msgspec.json.decode(raw)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                return raw.decode(errors="replace")


def _path(pointer: str) -> str:
    steps = pointer.split("/")
    return "/".join("*" if step.isdecimal() else step for step in steps)


def _print(found: Coverage) -> None:
    share = _share(found.leaves, found.missing.total())
    print(f"{share:>9}  {found.leaves:>9,}  {found.format:18} {found.file}")
    for path, count in found.missing.most_common(_MOST_PATHS):
        print(f"{'':21}{count:>9,} x {path[:120]}")


def _share(leaves: int, missing: int) -> str:
    return f"{100 * (leaves - missing) / leaves:.3f} %" if leaves else "-"


if __name__ == "__main__":
    sys.exit(main())
