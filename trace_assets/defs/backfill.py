"""Bulk history in one process: the same job and instance as a run from the UI, sooner."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import dagster as dg

from trace_assets.defs.flushes import fewer_flushes
from trace_assets.defs.home import dagster_home
from trace_assets.defs.jobs import drop_job, source_job
from trace_assets.defs.partitions import declared
from trace_assets.defs.resources import Deployment
from trace_assets.defs.sensors import days_of, new_drops, run_request
from trace_assets.drops import Group, LeftOut, drops_in
from trace_assets.errors import ConfigError
from trace_assets.progress import Bar

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class BackfillResult(NamedTuple):
    """How a backfill ended."""

    done: list[str]
    failed: dict[str, str]
    """Partition key to the reason, in words."""

    def as_dict(self) -> dict[str, Any]:
        """For the last line of the command's output."""
        return {"partitions": len(self.done) + len(self.failed), **self._asdict()}


@contextmanager
def open_instance() -> Iterator[dg.DagsterInstance]:
    """Open the instance that the UI and the daemon use.

    Raises:
        ConfigError: DAGSTER_HOME is not set and this folder has no `dagster.yaml`.
    """
    home = dagster_home(os.environ, Path.cwd())
    with dg.DagsterInstance.from_config(str(home)) as instance:
        yield instance


def backfill(
    definitions: dg.Definitions,
    *,
    sources: list[str] | None,
    first: str | None,
    last: str | None,
    bar: Bar,
    say: Callable[[str], object],
) -> BackfillResult:
    """Materialise every drop in a range of days, then join each source; go on past a failure.

    `sources`, `first` and `last` default to what is in the inbox. Days without a drop are passed
    over: there is nothing to materialise.

    Raises:
        ConfigError: a day is no date, or a source has no drop in the inbox.
    """
    groups = _wanted(_groups(say), sources, _day(first, "0001-01-01"), _day(last, "9999-12-31"))
    declarations = declared(Deployment().places())
    bar.total = len(groups)
    result = BackfillResult([], {})
    jobs = {job.name: definitions.resolve_job_def(job.name) for job in (drop_job, source_job)}
    with fewer_flushes(), open_instance() as instance:
        instance.add_dynamic_partitions("sources", sorted({group.drop.source for group in groups}))
        for source, of_source in groupby(groups, key=lambda group: group.drop.source):
            before = len(result.done)
            for group in of_source:
                request = run_request(group.drop, group.fingerprint, declarations)
                _run(jobs[drop_job.name], instance, request, result, say)
                bar.update(1)
            if len(result.done) > before:
                request = dg.RunRequest(partition_key=source)
                _run(jobs[source_job.name], instance, request, result, say)
    return result


def _groups(say: Callable[[str], object]) -> list[Group]:
    deployment = Deployment()
    left_out = LeftOut()
    days = days_of(declared(deployment.places()))
    groups = list(drops_in(deployment.inbox_store().list(), left_out, days=days))
    if left_out.counts:
        say(str(left_out))
    return groups


def _wanted(groups: list[Group], sources: list[str] | None, first: str, last: str) -> list[Group]:
    there = {group.drop.source for group in groups}
    if unknown := sorted(set(sources or ()) - there):
        known = ", ".join(sorted(there)) or "none"
        raise ConfigError(
            f"{Deployment().places().inbox}: no drop of {', '.join(unknown)}; "
            f"the sources there: {known}"
        )
    chosen = there if sources is None else set(sources)
    return [
        group
        for group in groups
        if group.drop.source in chosen and first <= group.drop.date <= last
    ]


def _day(given: str | None, default: str) -> str:
    """A day as the partitions name it, so that comparing texts compares days."""
    try:
        return date.fromisoformat(given).isoformat() if given else default
    except ValueError as error:
        raise ConfigError(f"{given!r} is no day; expected YYYY-MM-DD") from error


def _run(
    job: dg.JobDefinition,
    instance: dg.DagsterInstance,
    request: dg.RunRequest,
    result: BackfillResult,
    say: Callable[[str], object],
) -> None:
    key = str(request.partition_key)
    if other := _running(instance, key):
        result.failed[key] = (
            f"the run {other} of this partition is in progress; run the backfill again when it has "
            "ended, or end it if its process is gone"
        )
        say(f"{key}: failed: {result.failed[key]}")
        return
    run = job.execute_in_process(
        partition_key=key,
        instance=instance,
        raise_on_error=False,
        run_config=_QUIET,
        asset_selection=request.asset_selection,
        tags=dict(request.tags),
    )
    if run.success:
        result.done.append(key)
        if request.run_key:
            # What is done is not done again: by these the daemon knows the sensor's own runs.
            known = {"dagster/sensor_name": new_drops.name, "dagster/run_key": request.run_key}
            instance.add_run_tags(run.run_id, known)
        return
    result.failed[key] = _reason(run)
    say(f"{key}: failed: {result.failed[key]}")


def _running(instance: dg.DagsterInstance, partition: str) -> str | None:
    """The id of a run of the partition that is in progress, in any process of the instance.

    Runs that the daemon starts are limited by `dagster.yaml`. Those of a backfill are not queued.
    """
    in_progress = dg.RunsFilter(
        tags={"dagster/partition": partition},
        statuses=[dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED],
    )
    ids = instance.get_run_ids(in_progress, limit=1)
    return ids[0] if ids else None


def _reason(run: dg.ExecuteInProcessResult) -> str:
    """Why a run failed: the failed step's own words, or the blocking check that did not pass."""
    for event in run.get_step_failure_events():
        data = event.step_failure_data
        if data.user_failure_data and data.user_failure_data.description:
            return data.user_failure_data.description
        if data.error:
            cause = data.error.cause or data.error
            return cause.message.strip()
    return "the run failed before its first step"
