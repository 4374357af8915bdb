"""What the whole chain of assets costs: `python -m benchmarks.chain [--megabytes N]`.

CPU seconds in one process, from the inbox to the target, as multiples of what no program that
parses and writes JSON record by record can go below: orjson's `loads` and `dumps`. What the chain
takes for a tiny drop is Dagster's own work, and is reported and subtracted.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import dagster as dg

from benchmarks.backfill import project_in, write_days
from benchmarks.bench import FORMAT, Line, best, each
from benchmarks.inputs import write_tau2bench
from trace_assets.defs.jobs import wanted_of
from trace_assets.reading import Record, read_records
from trace_assets.sources import SourceConfig

SOURCE, DAY, NEXT = "bench", "2025-02-01", "2025-02-02"
STEPS = (
    "raw_logs",
    "converted_traces",
    "valid_traces",
    "enriched_traces",
    "trace_dataset",
    "published_dataset",
)


class ChainCost(NamedTuple):
    """What one drop took from the inbox to the target."""

    floor_s: float
    """CPU seconds of orjson's loads and dumps over the same records."""
    fixed_s: float
    """CPU seconds of the chain on a tiny drop."""
    whole_s: float
    """CPU seconds of the chain on the large drop."""
    steps: dict[str, float]
    """Wall seconds of each asset on the large drop."""

    @property
    def floors(self) -> float:
        """The chain's own work, as a multiple of the floor."""
        return (self.whole_s - self.fixed_s) / self.floor_s


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=100)
    options = parser.parse_args()
    for line in lines(options.megabytes):
        row = f"{line.what:58} {line.figure:>10} {line.ratio:>18}  {line.target}"
        print(row.rstrip(), flush=True)


def lines(megabytes: float) -> Iterator[Line]:
    """The table."""
    cost = chain_cost(megabytes)
    yield Line(f"floor: orjson, {megabytes:.0f} MB", f"{cost.floor_s:.2f} s", "1.0 floors")
    yield Line("chain of assets on a tiny drop: Dagster's own", f"{cost.fixed_s:.2f} s")
    yield Line(
        "chain of assets less that",
        f"{cost.whole_s:.2f} s",
        f"{cost.floors:.1f} floors",
        "at most 6 floors",
    )
    for name, seconds in cost.steps.items():
        yield Line(f"  {name} (wall)", f"{seconds:.2f} s", f"{seconds / cost.floor_s:.1f} floors")


def chain_cost(megabytes: float = 100) -> ChainCost:
    """The cost of one run of `process_drop` for a drop of this size."""
    with tempfile.TemporaryDirectory() as folder, project_in(Path(folder)):
        inbox = Path(folder) / "inbox"
        write_days(inbox, 2)
        first, small = (_run(day) for day in (DAY, NEXT))
        assert first[0]
        log = inbox / SOURCE / DAY / "results.json"
        write_tau2bench(log, megabytes)
        large = _run(DAY)
        return ChainCost(_floor(log), small[0], large[0], large[1])


def _floor(log: Path) -> float:
    import orjson

    with log.open("rb") as stream:
        found = read_records(stream, file=log.name, shape=FORMAT.shape)
        records = [item for item in found if isinstance(item, Record)]
    return best(lambda: each(records, lambda one: orjson.dumps(orjson.loads(one.raw))))


def _run(day: str) -> tuple[float, dict[str, float]]:
    """CPU seconds of a run, and the wall seconds of its steps."""
    # Loaded here: the definitions read where things are when they are loaded.
    from trace_assets.definitions import defs
    from trace_assets.defs.backfill import open_instance

    job = defs.resolve_job_def("process_drop")
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    with open_instance() as instance:
        instance.add_dynamic_partitions("sources", [SOURCE])
        start = time.process_time()
        run = job.execute_in_process(
            partition_key=f"{day}|{SOURCE}",
            instance=instance,
            run_config=quiet,
            asset_selection=wanted_of(SourceConfig()),
        )
        taken = time.process_time() - start
    return taken, {name: _wall(run, name) for name in STEPS}


def _wall(run: dg.ExecuteInProcessResult, step: str) -> float:
    (success,) = (event for event in run.events_for_node(step) if event.is_step_success)
    return success.step_success_data.duration_ms / 1000


if __name__ == "__main__":
    main()
