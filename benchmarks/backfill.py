"""What a partition costs before its data does: `python -m benchmarks.backfill [--days N]`.

The drops are tiny, so what is measured is Dagster's own work: making a run, its events, its checks.
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from benchmarks.inputs import EXAMPLES
from benchmarks.measure import cost_of

PROJECT = Path(__file__).parent.parent
LOG = EXAMPLES / "telecom-agent" / "2026-01-02" / "results.json"
FIRST = date(2025, 2, 1)


class BackfillCost(NamedTuple):
    """What a backfill over tiny days took, without starting the process."""

    days: int
    wall_s: float
    """Per partition."""
    cpu_s: float
    """Per partition."""
    peak_mb: float
    """Of the whole process."""


def main() -> None:
    """Measure and print; the second run shows whether memory grows with the number of days."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=50)
    options = parser.parse_args()
    few = backfill_cost(options.days)
    many = backfill_cost(options.days * 4)
    for cost in (few, many):
        what = f"backfill of {cost.days} tiny days, per partition"
        print(f"{what:58} {cost.wall_s:>10.2f} s {f'CPU {cost.cpu_s:.2f} s':>22}", flush=True)
        print(f"{'  peak memory':58} {cost.peak_mb:>9.0f} MB", flush=True)
    print(f"{'  four times the days: peak memory':58} {many.peak_mb / few.peak_mb:>10.2f} x")


def backfill_cost(days: int = 50) -> BackfillCost:
    """The cost of one more partition of `trace-assets backfill`.

    A backfill of a single day is subtracted: it starts the process and makes the instance, too.
    """
    one, all_of_them = (_whole(count) for count in (1, days))
    more = days - 1
    return BackfillCost(
        days,
        (all_of_them[0] - one[0]) / more,
        (all_of_them[1] - one[1]) / more,
        all_of_them[2],
    )


def _whole(days: int) -> tuple[float, float, float]:
    with tempfile.TemporaryDirectory() as folder:
        with project_in(Path(folder)):
            write_days(Path(folder) / "inbox", days)
            cost = cost_of([sys.executable, "-m", "trace_assets.cli", "backfill"])
        return cost.wall_s, cost.cpu_s, cost.peak_mb


def write_days(inbox: Path, days: int) -> None:
    """Write a drop of a few kilobytes for each of some days."""
    for number in range(days):
        drop = inbox / "bench" / str(FIRST + timedelta(days=number))
        drop.mkdir(parents=True)
        shutil.copy(LOG, drop)


@contextmanager
def project_in(folder: Path) -> Iterator[None]:
    """Work in a folder as in a project's: its places and Dagster instance are in it."""
    shutil.copy(PROJECT / "dagster.yaml", folder)
    places = {
        f"TRACE_ASSETS_{name.upper()}": str(folder / name)
        for name in ("inbox", "store", "target", "sources")
    }
    path = os.pathsep.join([str(PROJECT), *sys.path])
    before = dict(os.environ)
    os.environ.pop("DAGSTER_HOME", None)
    os.environ |= places | {"PYTHONPATH": path}
    try:
        with chdir(folder):
            yield
    finally:
        os.environ.clear()
        os.environ |= before


if __name__ == "__main__":
    main()
