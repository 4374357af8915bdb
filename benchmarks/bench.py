"""How fast a conversion is, as ratios within one run: `python -m benchmarks.bench [--big]`.

Times are CPU seconds. The floor is what no program that parses and writes JSON record by record
can go below: orjson's `loads` and `dumps`. The tutorial's own script is measured too, where a
Python that has its package is named by TRACE_ASSETS_CONFORMANCE_PYTHON; it and ours take turns, so
that both meet the same neighbours on a busy machine. The last column is what we aim at.
`benchmarks.chain` measures the chain of assets.
"""

import argparse
import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.inputs import write_tau2bench
from benchmarks.measure import Cost, cost_of, median_cost, median_of
from trace_assets.convert import Row
from trace_assets.enrich import Defaults
from trace_assets.formats import formats
from trace_assets.judge import judge_value
from trace_assets.onepass import Input, Outputs, convert
from trace_assets.reading import Record, read_records
from trace_assets.reading.decode import Decoded, decode
from trace_assets.rows import columns_for, dataset_line

FORMAT = formats()["tau2bench"]
NAMES = columns_for([FORMAT.name])
SCRIPT = "convert_tau2bench.py"
RUNS = 5
NOTHING = Cost(0.0, 0.0, 0.0)
FIND_SCRIPT = f"""
from importlib.util import find_spec
from pathlib import Path
places = find_spec("latticeflow.go").submodule_search_locations
print(next(str(path) for place in places for path in Path(place).rglob({SCRIPT!r})))
"""


class Line(NamedTuple):
    """One line of the table."""

    what: str
    figure: str
    ratio: str = ""
    target: str = ""


def main() -> None:
    """Measure and print a table; what could not be measured is in it, with the reason."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=100)
    parser.add_argument("--big", action="store_true", help="also convert ten times as much")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for line in lines(Path(folder), options.megabytes, big=options.big):
            row = f"{line.what:58} {line.figure:>10} {line.ratio:>18}  {line.target}"
            print(row.rstrip(), flush=True)


def lines(folder: Path, megabytes: float, *, big: bool) -> Iterator[Line]:
    """The table, line by line as it is measured."""
    log = folder / "log.json"
    simulations = write_tau2bench(log, megabytes)
    yield Line("input", f"{log.stat().st_size / 1e6:.0f} MB", f"{simulations} simulations")
    yield from in_process(log)
    command = our_command(log, folder)
    cost_of(command)  # so that the byte code is written
    start = median_cost([sys.executable, "-c", "import trace_assets.cli"], runs=RUNS)
    yield Line("trace-assets, start of the process alone", f"{start.cpu_s:.2f} s")
    script = yield from the_tutorial(log)
    ours, theirs = in_turns(command, script, folder)
    yield Line("trace-assets convert, whole process", f"{ours.cpu_s:.2f} s")
    yield Line("  peak memory", f"{ours.peak_mb:.0f} MB")
    if script:
        yield from compared(ours, theirs)
    if not big:
        yield Line("peak memory at ten times the size", "skipped", "asked for by --big")
        return
    write_tau2bench(log, megabytes * 10)
    large = cost_of(command)
    yield Line(
        "  ten times the size: CPU", f"{large.cpu_s:.2f} s", f"{large.cpu_s / ours.cpu_s:.1f} x"
    )
    yield Line(
        "  ten times the size: peak memory",
        f"{large.peak_mb:.0f} MB",
        f"{large.peak_mb / ours.peak_mb:.2f} x",
    )


def in_process(log: Path) -> Iterator[Line]:
    """The parts of a conversion, each with all before it, as multiples of the floor."""
    try:
        import orjson
    except ImportError:
        yield Line("floor: orjson loads + dumps per record", "skipped", "orjson is not installed")
        return
    records = [item for item in items(log) if isinstance(item, Record)]
    base = best(lambda: each(records, lambda one: orjson.dumps(orjson.loads(one.raw))))
    yield Line("floor: orjson loads + dumps per record", f"{base:.3f} s", "1.0 floors")
    steps: list[tuple[str, str, Callable[[Record], object]]] = [
        ("bytes -> values, no key lost", "", lambda one: decode(one.raw)),
        ("  -> traces", "", trace_of),
        (
            "  -> valid traces (convert + validate)",
            "at most 2.5 floors",
            lambda one: judge_value(trace_of(one)),
        ),
        ("  -> facts, dataset rows in ASCII", "", line_of),
    ]
    for what, target, step in steps:
        line = floors(what, lambda step=step: each(records, step), base)
        yield line._replace(target=target)
    outputs = Outputs(log.parent / "out", "bench")
    whole = "file -> dataset, with hashes, context and ledger"
    yield floors(whole, lambda: convert([Input(log, log.name)], outputs), base)


def each(records: list[Record], step: Callable[[Record], object]) -> None:
    """Do a step with every record."""
    for record in records:
        step(record)


def floors(what: str, action: Callable[[], object], base: float) -> Line:
    """The line of an action, as a multiple of the floor."""
    cost = best(action)
    return Line(what, f"{cost:.3f} s", f"{cost / base:.1f} floors")


def items(log: Path) -> Iterator[object]:
    """What the reader finds in a log."""
    with log.open("rb") as stream:
        yield from read_records(stream, file=log.name, shape=FORMAT.shape)


def trace_of(record: Record) -> dict[str, Any]:
    """The record's trace, from its bytes: converting uses a value up."""
    decoded = decode(record.raw)
    assert isinstance(decoded, Decoded)
    return FORMAT.convert(record._replace(value=decoded.value), {}).trace


def line_of(record: Record) -> bytes:
    """The record's dataset row."""
    trace = trace_of(record)
    trace["metadata"]["source_uri"] = record.place.uri
    row = Row(trace, record.place, FORMAT.name, "", {}, record.raw)
    return dataset_line(row, judge_value(trace), defaults=Defaults(), names=NAMES)


def best(action: Callable[[], object], runs: int = 3) -> float:
    """The CPU seconds of the fastest of several runs, with the garbage of before out of the way."""
    costs: list[float] = []
    for _ in range(runs):
        gc.collect()
        gc.freeze()
        start = time.process_time()
        action()
        costs.append(time.process_time() - start)
    return min(costs)


def our_command(log: Path, folder: Path) -> list[str]:
    """What the command line runs."""
    module = [sys.executable, "-m", "trace_assets.cli"]
    return [*module, "convert", str(log), "--out", str(folder / "out")]


def the_tutorial(log: Path) -> Generator[Line, None, list[str]]:
    """The command that runs the tutorial's script on the same file; none, and why, without it."""
    python = os.environ.get("TRACE_ASSETS_CONFORMANCE_PYTHON")
    if not python:
        yield Line("the tutorial's script", "skipped", "TRACE_ASSETS_CONFORMANCE_PYTHON is not set")
        return []
    found = subprocess.run([python, "-c", FIND_SCRIPT], capture_output=True, text=True, check=False)
    if found.returncode:
        yield Line("the tutorial's script", "skipped", f"{python} has no {SCRIPT}")
        return []
    return [python, found.stdout.strip(), "--input-file", str(log)]


def in_turns(ours: Sequence[str], theirs: Sequence[str], folder: Path) -> tuple[Cost, Cost]:
    """The median costs of two commands that are run one after the other, round by round.

    Theirs writes into the folder that it runs in; ours is that of the code we stand in.
    """
    rounds = [
        (cost_of(ours), cost_of(theirs, cwd=folder) if theirs else NOTHING) for _ in range(RUNS)
    ]
    return median_of([ours for ours, _ in rounds]), median_of([theirs for _, theirs in rounds])


def compared(ours: Cost, theirs: Cost) -> Iterator[Line]:
    """What the tutorial's script takes for the same file, and our part of it."""
    cpu, memory = ours.cpu_s / theirs.cpu_s, ours.peak_mb / theirs.peak_mb
    yield Line("the tutorial's script, whole process", f"{theirs.cpu_s:.2f} s")
    yield Line("  peak memory", f"{theirs.peak_mb:.0f} MB")
    yield Line("trace-assets / tutorial: CPU", f"{cpu:.2f}", f"1/{1 / cpu:.1f}", "at most 1/5")
    yield Line("trace-assets / tutorial: memory", f"{memory:.2f}", f"1/{1 / memory:.0f}")


if __name__ == "__main__":
    main()
