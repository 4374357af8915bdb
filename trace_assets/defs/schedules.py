"""Every night: the drops that the sensor missed, and the dataset of each source."""

from collections.abc import Iterator
from datetime import timedelta

import dagster as dg

from trace_assets.defs.jobs import drop_job, source_job
from trace_assets.defs.partitions import declared
from trace_assets.defs.resources import Deployment
from trace_assets.defs.sensors import days_of, new_sources, now, run_request, settle_times
from trace_assets.drops import LeftOut, changed, drops_in
from trace_assets.sources import SourceConfig

MOST_RUNS = 500
"""What one night asks for at most; the next night goes on."""


@dg.schedule(
    cron_schedule="0 2 * * *", job=drop_job, default_status=dg.DefaultScheduleStatus.RUNNING
)
def nightly_sweep(
    context: dg.ScheduleEvaluationContext, deployment: Deployment
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Ask for a run of every settled drop whose files are not what `raw_logs` holds."""
    sources = declared(deployment.places())
    groups = drops_in(deployment.inbox_store().list(), LeftOut(), days=days_of(sources))
    missed = (
        group for group in groups if deployment.fetched_fingerprint(group.drop) != group.fingerprint
    )
    decision = changed(
        missed,
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
        yield run_request(drop, fingerprint)
    if not decision.requests:
        yield dg.SkipReason("nothing was missed")


@dg.schedule(
    cron_schedule="0 4 * * *", job=source_job, default_status=dg.DefaultScheduleStatus.RUNNING
)
def nightly_join(
    context: dg.ScheduleEvaluationContext, deployment: Deployment
) -> Iterator[dg.RunRequest | dg.SkipReason]:
    """Ask for the dataset of every source; one that has no new traces does nothing."""
    names = context.instance.get_dynamic_partitions("sources")
    for name in names:
        if deployment.days_of("enriched_traces", name):
            yield dg.RunRequest(partition_key=name)
    if not names:
        yield dg.SkipReason("there is no source yet")
