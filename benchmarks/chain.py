"""What the whole chain of assets takes in one process, beyond what a tiny drop takes."""

import shutil
import sys
from pathlib import Path

from benchmarks.inputs import EXAMPLES
from benchmarks.measure import Cost, cost_of

DAY = "2026-01-02"
INSTANCE = Path(__file__).parent.parent / "dagster.yaml"


def chain_costs(log: Path, folder: Path) -> tuple[Cost, Cost]:
    """The costs of a backfill of one tiny drop, and of the same with this log for a drop."""
    tiny = next(iter(sorted(EXAMPLES.rglob("*.json"))))
    return _backfill(tiny, folder / "tiny"), _backfill(log, folder / "large")


def _backfill(log: Path, folder: Path) -> Cost:
    drop = folder / "inbox" / "bench" / DAY
    home = folder / "home"
    drop.mkdir(parents=True)
    home.mkdir()
    shutil.copyfile(log, drop / "log.json")
    shutil.copyfile(INSTANCE, home / "dagster.yaml")
    places = {name: folder / name.lower() for name in ("INBOX", "STORE", "TARGET", "SOURCES")}
    settings = [f"TRACE_ASSETS_{name}={place}" for name, place in places.items()]
    command = [sys.executable, "-m", "trace_assets.cli", "backfill", "--from", DAY, "--to", DAY]
    cost = cost_of(["env", f"DAGSTER_HOME={home}", *settings, *command])
    shutil.rmtree(folder)
    return cost
