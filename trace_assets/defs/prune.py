"""Dagster keeps every event for ever; this trims the history of runs."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from trace_assets.defs.backfill import open_instance

_BATCH = 100
_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


def prune(*, keep_days: int) -> int:
    """Delete the runs that began more than `keep_days` ago and ended; how many there were.

    What the assets hold stays as it is. A partition whose last run is deleted is shown as not
    materialised: keep more days than a partition is looked at.
    """
    before = datetime.fromtimestamp(time.time(), UTC) - timedelta(days=keep_days)
    deleted = 0
    with open_instance() as instance:
        wanted = dg.RunsFilter(statuses=_ENDED, created_before=before)
        while runs := instance.get_runs(wanted, limit=_BATCH):
            for run in runs:
                _forget(instance, run.run_id)
            deleted += len(runs)
    return deleted


def _forget(instance: dg.DagsterInstance, run_id: str) -> None:
    instance.delete_run(run_id)
    instance.compute_log_manager.delete_logs(prefix=[run_id])
    # With SQLite each run has a file of its own (0.3 MB), which Dagster empties and leaves behind.
    if (path_of := getattr(instance.event_log_storage, "path_for_shard", None)) is not None:
        shard = path_of(run_id)
        for file in (shard, f"{shard}-wal", f"{shard}-shm"):
            Path(file).unlink(missing_ok=True)
