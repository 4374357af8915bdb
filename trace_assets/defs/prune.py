"""Dagster keeps every event for ever; this trims the history of runs."""

import time
from datetime import UTC, datetime, timedelta

import dagster as dg

from trace_assets.defs.backfill import open_instance

_BATCH = 100
_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


def prune(*, keep_days: int) -> int:
    """Delete the runs that ended more than `keep_days` ago; how many there were.

    What the assets hold stays as it is. A partition whose last run is deleted is shown as not
    materialised: keep more days than a partition is looked at.
    """
    before = datetime.fromtimestamp(time.time(), UTC) - timedelta(days=keep_days)
    deleted = 0
    with open_instance() as instance:
        wanted = dg.RunsFilter(statuses=_ENDED, created_before=before)
        while runs := instance.get_runs(wanted, limit=_BATCH):
            for run in runs:
                instance.delete_run(run.run_id)
            deleted += len(runs)
    return deleted
