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

from benchmarks.leaves import Made, scalars
from trace_assets.chatlogs.streams import stream_of
from trace_assets.convert import (
    LogFile,
    Quarantined,
    Row,
    Seen,
    convert_file,
    convert_gathered,
)
from trace_assets.formats import formats
from trace_assets.ledger import FileLedger, Ledger
from trace_assets.onepass import described
from trace_assets.onepass.inputs import Input, inputs_of
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
    dropped: Counter[str]
    """The same of those that stand where the format says it drops something on purpose."""


def main() -> int:
    """Print each file with leaves that are missing, then a line for each format; 1 if any is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, help="default: TRACE_ASSETS_CORPUS")
    parser.add_argument("--format", help="only files that this format reads")
    options = parser.parse_args()
    corpus = os.environ.get("TRACE_ASSETS_CORPUS")
    paths = options.paths or ([Path(corpus)] if corpus else [])
    if not paths:
        parser.error("name logs, or a folder of them in TRACE_ASSETS_CORPUS")
    sums: dict[str, list[Coverage]] = {}
    for input in inputs_of(paths):
        found = coverage_of(input)
        if found.format is None or options.format not in (None, found.format):
            continue
        sums.setdefault(found.format, []).append(found)
        if found.missing:
            _print(found)
    return _print_sums(sums)


def coverage_of(input: Input) -> Coverage:
    """Convert one file alone, and look for every leaf of it."""
    log = described(input, None)
    if log.format is None:
        return Coverage(log.file, None, 0, Counter(), Counter())
    made, kept = Made(), set[int]()
    for outcome in _outputs(input, log):
        if isinstance(outcome, Quarantined):
            kept.add(hash(outcome.raw))
        else:
            made.add(_value_of(outcome))
    missing: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    leaves = 0
    drops = named_drops(formats()[log.format].docs)
    for item in _inputs(input, log):
        is_kept = hash(item.raw) in kept  # with all that its bytes say
        is_streamed = stream_of(item.value) is not None
        for pointer, scalar in scalars(item.value, ""):
            leaves += 1
            if not is_kept and not made.has(pointer, scalar):
                path = _path(pointer)
                is_piece = is_streamed and _key(path) in _PIECES
                is_dropped = is_piece or _is_dropped(path, scalar, drops)
                (dropped if is_dropped else missing)[path] += 1
    return Coverage(log.file, log.format, leaves, missing, dropped)


def named_drops(docs: str) -> frozenset[str]:
    """The keys, paths and values in backticks under "Dropped on purpose" of a docstring.

    What begins with a slash is the whole path of a leaf, with `*` for each index.

    >>> sorted(named_drops('... Dropped on purpose: `object`, the `/type` of a stream, `""`.'))
    ['""', '/type', 'object']
    """
    return frozenset(re.findall(r"`([^`]+)`", docs.partition("Dropped on purpose:")[2]))


def _is_dropped(path: str, scalar: Any, drops: frozenset[str]) -> bool:
    """Whether a leaf stands under such a key, or in a list under it, or is such a value."""
    return not drops.isdisjoint((path, _key(path), str(scalar) or '""'))


def _key(path: str) -> str:
    """The key under which a leaf stands, or the list that it is in."""
    return next((step for step in reversed(path.split("/")) if step != "*"), "")


_PIECES = frozenset(
    (
        "type",
        "object",
        "index",
        "sequence_number",
        "output_index",
        "content_index",
        "summary_index",
        "command_index",
        "obfuscation",
        "delta",
        "text",
        "content",
        "arguments",
        "partial_json",
        "command",
        "status",
        "bytes",
        "token",
        "logprob",
    )
)
"""What events of a stream tell in pieces, or of pieces; the whole answer has none of it."""


def _inputs(input: Input, log: LogFile) -> Iterator[Record | Context]:
    """What can be read of a file; the bytes of the rest are in quarantine as they are."""
    format = formats()[log.format or ""]
    with input.path.open("rb") as stream:
        for item in format.read(open_plain(stream), file=log.file, shape=format.shape):
            if isinstance(item, Record | Context):
                yield item
            assert isinstance(item, Record | Context | Broken)


def _outputs(input: Input, log: LogFile) -> Iterator[Row | Quarantined | Context]:
    ledger = Ledger([FileLedger(log.file, sha256=log.sha256, size=log.size, format=log.format)])
    with Seen() as seen:
        with input.path.open("rb") as stream:
            outcomes = convert_file(open_plain(stream), log, seen=seen, ledger=ledger.files[0])
            yield from outcomes
        yield from convert_gathered(seen, ledger)
    ledger.check()


def _value_of(outcome: Row | Context) -> Any:
    return [outcome.trace, outcome.columns] if isinstance(outcome, Row) else outcome.value


def _path(pointer: str) -> str:
    steps = pointer.split("/")
    return "/".join("*" if step.isdecimal() else step for step in steps)


def _print(found: Coverage) -> None:
    share = _share(found.leaves, found.missing.total())
    print(f"{share:>9}  {found.leaves:>9,}  {found.format:18} {found.file}")
    for path, count in found.missing.most_common(_MOST_PATHS):
        print(f"{'':21}{count:>9,} x {path[:120]}")


def _print_sums(sums: dict[str, list[Coverage]]) -> int:
    """A line for each format: what it read, and what of it is not found for which reason."""
    print(f"{'':16}{'files':>7}{'leaves':>12}{'found':>12}{'dropped':>10}{'missing':>10}")
    everything = [coverage for group in sums.values() for coverage in group]
    for name, group in [*sorted(sums.items()), ("all", everything)]:
        leaves = sum(found.leaves for found in group)
        dropped = sum((found.dropped for found in group), Counter[str]())
        missing = sum((found.missing for found in group), Counter[str]())
        lost = f"{dropped.total():>10,}{missing.total():>10,}"
        share = _share(leaves, missing.total() + dropped.total())
        print(f"{name:16}{len(group):>7,}{leaves:>12,}{share:>12}{lost}")
        if name != "all":
            _print_paths("dropped on purpose", dropped)
            _print_paths("missing", missing)
    return 1 if any(found.missing for found in everything) else 0


def _print_paths(what: str, paths: Counter[str]) -> None:
    if paths:
        shown = [f"{path[-60:]} {count:,}" for path, count in paths.most_common(_MOST_PATHS)]
        more = f" and {len(paths) - len(shown)} more" if len(paths) > len(shown) else ""
        print(f"{'':18}{what}: {', '.join(shown)}{more}")


def _share(leaves: int, missing: int) -> str:
    return f"{100 * (leaves - missing) / leaves:.3f} %" if leaves else "-"


if __name__ == "__main__":
    sys.exit(main())
