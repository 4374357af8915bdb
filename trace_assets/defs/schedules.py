"""Every night: the drops that the sensor missed, and the dataset of each source."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import dagster as dg

from trace_assets.defs.jobs import drop_job, source_job
from trace_assets.defs.partitions import declared
from trace_assets.defs.resources import Deployment
from trace_assets.defs.sensors import (
    LISTING_SECONDS,
    days_of,
    new_sources,
    now,
    run_request,
    settle_times,
)
from trace_assets.drops import Group, LeftOut, changed, drops_in, is_source_name
from trace_assets.sources import SourceConfig

MOST_RUNS = 500
"""What one night asks for at most; the next night goes on."""


@dg.schedule(
    cron_schedule="0 2 * * *", job=drop_job, default_status=dg.DefaultScheduleStatus.RUNNING
)
def nightly_sweep(
    context: dg.ScheduleEvaluationContext, deployment: Deployment
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Ask for a run of every settled drop whose files are not what `raw_logs` holds.

    A drop whose run failed before it was fetched is asked for again every night.
    """
    sources = declared(deployment.places())
    decision = changed(
        _missed(context, deployment, days=days_of(sources)),
        {},
        now=now(),
        settle=timedelta(seconds=SourceConfig().settle_seconds),
        settle_of=settle_times(sources),
        limit=MOST_RUNS,
    )
    wanted = {drop.source for drop, _ in decision.requests}
    for request in new_sources(context.instance, wanted):
        context.instance.add_dynamic_partitions(request.partitions_def_name, request.partition_keys)
    for drop, fingerprint in decision.requests:
        yield run_request(drop, f"{fingerprint}@{_night(context):%Y-%m-%d}", sources)
    if not decision.requests:
        inbox = deployment.inbox_store().uri("")
        yield dg.SkipReason(f"no drop was missed in the inbox {inbox}")


@dg.schedule(
    cron_schedule="0 4 * * *", job=source_job, default_status=dg.DefaultScheduleStatus.RUNNING
)
def nightly_join(
    context: dg.ScheduleEvaluationContext, deployment: Deployment
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Ask for the dataset of every source; one that has no new traces does nothing."""
    names = context.instance.get_dynamic_partitions("sources")
    ready = [name for name in names if deployment.days_of("enriched_traces", name)]
    for name in ready:
        # Dagster takes several requests of one tick only when each has a run key.
        yield dg.RunRequest(partition_key=name, run_key=f"{name}@{_night(context):%Y-%m-%d}")
    if not ready:
        yield dg.SkipReason("no source has traces yet")


def _missed(
    context: dg.ScheduleEvaluationContext, deployment: Deployment, *, days: tuple[str, str]
) -> Iterator[Group]:
    """The drops that `raw_logs` does not hold as they are, for as long as a tick may take.

    Each night begins with another source, so that none is always the one left out.
    """
    inbox = deployment.inbox_store()
    deadline = time.monotonic() + LISTING_SECONDS
    names = sorted(filter(is_source_name, inbox.folders()))
    turn = _night(context).toordinal() % max(len(names), 1)
    for name in (*names[turn:], *names[:turn]):
        for group in drops_in(inbox.list(f"{name}/"), LeftOut(), days=days):
            if deployment.fetched_fingerprint(group.drop) != group.fingerprint:
                yield group
            if time.monotonic() > deadline:
                context.log.warning(
                    f"only the drops up to {group.key} were compared in {LISTING_SECONDS} s; "
                    "the next night begins with another source"
                )
                return


def _night(context: dg.ScheduleEvaluationContext) -> datetime:
    return context.scheduled_execution_time
