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
from trace_assets.defs.jobs import drop_job, source_job, wanted_of
from trace_assets.defs.partitions import declared, key_of
from trace_assets.defs.resources import Deployment
from trace_assets.defs.sensors import days_of
from trace_assets.drops import Drop, LeftOut, drops_in
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
    """The instance that the UI uses: of DAGSTER_HOME, else of `dagster.yaml` in this folder."""
    if os.environ.get("DAGSTER_HOME"):
        with dg.DagsterInstance.get() as instance:
            yield instance
        return
    if not Path("dagster.yaml").exists():
        raise ConfigError(
            "DAGSTER_HOME is not set and there is no dagster.yaml in this folder: run the command "
            "in the project's folder, or set DAGSTER_HOME"
        )
    with dg.DagsterInstance.from_config(str(Path.cwd())) as instance:
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
    drops = _wanted(_drops(say), sources, _day(first, "0001-01-01"), _day(last, "9999-12-31"))
    declarations = declared(Deployment().places())
    bar.total = len(drops)
    result = BackfillResult([], {})
    jobs = {job.name: definitions.resolve_job_def(job.name) for job in (drop_job, source_job)}
    with fewer_flushes(), open_instance() as instance:
        instance.add_dynamic_partitions("sources", sorted({drop.source for drop in drops}))
        for source, of_source in groupby(drops, key=lambda drop: drop.source):
            before = len(result.done)
            for drop in of_source:
                wanted = wanted_of(declarations.of(drop.source))
                _run(jobs[drop_job.name], instance, str(key_of(drop)), result, say, wanted)
                bar.update(1)
            if len(result.done) > before:
                _run(jobs[source_job.name], instance, source, result, say)
    return result


def _drops(say: Callable[[str], object]) -> list[Drop]:
    deployment = Deployment()
    left_out = LeftOut()
    days = days_of(declared(deployment.places()))
    groups = drops_in(deployment.inbox_store().list(), left_out, days=days)
    drops = [group.drop for group in groups]
    if left_out.counts:
        say(str(left_out))
    return drops


def _wanted(drops: list[Drop], sources: list[str] | None, first: str, last: str) -> list[Drop]:
    there = {drop.source for drop in drops}
    if unknown := sorted(set(sources or ()) - there):
        known = ", ".join(sorted(there)) or "none"
        raise ConfigError(
            f"{Deployment().places().inbox}: no drop of {', '.join(unknown)}; "
            f"the sources there: {known}"
        )
    chosen = there if sources is None else set(sources)
    return [drop for drop in drops if drop.source in chosen and first <= drop.date <= last]


def _day(given: str | None, default: str) -> str:
    """A day as the partitions name it, so that comparing texts compares days."""
    try:
        return date.fromisoformat(given).isoformat() if given else default
    except ValueError as error:
        raise ConfigError(f"{given!r} is no day; expected YYYY-MM-DD") from error


def _run(
    job: dg.JobDefinition,
    instance: dg.DagsterInstance,
    key: str,
    result: BackfillResult,
    say: Callable[[str], object],
    wanted: list[dg.AssetKey] | None = None,
) -> None:
    run = job.execute_in_process(
        partition_key=key,
        instance=instance,
        raise_on_error=False,
        run_config=_QUIET,
        asset_selection=wanted,
    )
    if run.success:
        result.done.append(key)
        return
    result.failed[key] = _reason(run)
    say(f"{key}: failed: {result.failed[key]}")


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
