"""How fast a conversion is, as ratios within one run: `python -m benchmarks.bench [--big]`.

Times are CPU seconds. The floor is what no program that parses and writes JSON record by record
can go below: orjson's `loads` and `dumps`. The tutorial's own script is measured too, where a
Python that has its package is named by TRACE_ASSETS_CONFORMANCE_PYTHON.
"""

import argparse
import gc
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.inputs import write_tau2bench
from benchmarks.measure import Cost, median_cost
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


def main() -> None:
    """Measure and print a table; what could not be measured is in it, with the reason."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=100)
    parser.add_argument("--big", action="store_true", help="also convert ten times as much")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for line in lines(Path(folder), options.megabytes, big=options.big):
            print(f"{line.what:58} {line.figure:>12} {line.ratio:>22}", flush=True)


def lines(folder: Path, megabytes: float, *, big: bool) -> Iterator[Line]:
    """The table, line by line as it is measured."""
    log = folder / "log.json"
    simulations = write_tau2bench(log, megabytes)
    yield Line("input", f"{log.stat().st_size / 1e6:.0f} MB", f"{simulations} simulations")
    yield from in_process(log)
    ours = converted(log, folder)
    yield Line("trace-assets convert, whole process", f"{ours.cpu_s:.2f} s")
    yield Line("  peak memory", f"{ours.peak_mb:.0f} MB")
    yield from against_the_tutorial(log, folder, ours)
    if not big:
        yield Line("peak memory at ten times the size", "skipped", "asked for by --big")
        return
    write_tau2bench(log, megabytes * 10)
    large = converted(log, folder, runs=1)
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
    steps: dict[str, Callable[[Record], object]] = {
        "bytes -> values, no key lost": lambda one: decode(one.raw),
        "  -> traces": trace_of,
        "  -> valid traces (convert + validate)": lambda one: judge_value(trace_of(one)),
        "  -> facts, dataset rows in ASCII": line_of,
    }
    for what, step in steps.items():
        yield floors(what, lambda step=step: each(records, step), base)
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


def converted(log: Path, folder: Path, runs: int = 3) -> Cost:
    """What the command line takes."""
    command = [
        sys.executable,
        "-m",
        "trace_assets.cli",
        "convert",
        str(log),
        "--out",
        str(folder / "out"),
    ]
    return median_cost(command, runs=runs)


def against_the_tutorial(log: Path, folder: Path, ours: Cost) -> Iterator[Line]:
    """What the tutorial's script takes for the same file."""
    python = os.environ.get("TRACE_ASSETS_CONFORMANCE_PYTHON")
    if not python:
        yield Line("the tutorial's script", "skipped", "TRACE_ASSETS_CONFORMANCE_PYTHON is not set")
        return
    found = subprocess.run([python, "-c", FIND_SCRIPT], capture_output=True, text=True, check=False)
    if found.returncode:
        yield Line("the tutorial's script", "skipped", f"{python} has no {SCRIPT}")
        return
    theirs = median_cost([python, found.stdout.strip(), "--input-file", str(log)], cwd=folder)
    yield Line("the tutorial's script, whole process", f"{theirs.cpu_s:.2f} s")
    yield Line("  peak memory", f"{theirs.peak_mb:.0f} MB")
    yield Line(
        "trace-assets / tutorial: CPU",
        f"{ours.cpu_s / theirs.cpu_s:.2f}",
        f"1/{theirs.cpu_s / ours.cpu_s:.1f}",
    )
    yield Line(
        "trace-assets / tutorial: memory",
        f"{ours.peak_mb / theirs.peak_mb:.2f}",
        f"1/{theirs.peak_mb / ours.peak_mb:.0f}",
    )


if __name__ == "__main__":
    main()
