"""The sensor on new drops: a pure decision (`drops.changed`) and this shell around it."""

import time
from datetime import UTC, datetime, timedelta

import dagster as dg

from trace_assets.defs.jobs import drop_job, wanted_of
from trace_assets.defs.partitions import SOURCES, declared, key_of
from trace_assets.defs.resources import Deployment
from trace_assets.drops import Cursor, Decision, Drop, LeftOut, changed, scan
from trace_assets.sources import SourceConfig, Sources

LISTING_SECONDS = 40
"""How long one tick may list; Dagster ends a tick after 60 seconds. The next one goes on."""

RUNS_PER_TICK = 20


@dg.sensor(
    job=drop_job,
    minimum_interval_seconds=30,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def new_drops(context: dg.SensorEvaluationContext, deployment: Deployment) -> dg.SensorResult:
    """Ask for a run of every drop that arrived or changed, once it has settled."""
    sources = declared(deployment.places())
    cursor = Cursor.loads(context.cursor)
    if cursor.trouble:
        context.log.warning(cursor.trouble)
    deadline = time.monotonic() + LISTING_SECONDS
    left_out = LeftOut()
    inbox = deployment.inbox_store()
    found = scan(
        inbox,
        cursor.place,
        left_out=left_out,
        budget=lambda: time.monotonic() < deadline,
        days=days_of(sources),
    )
    decision = changed(
        found.groups,
        cursor.seen,
        now=now(),
        settle=timedelta(seconds=SourceConfig().settle_seconds),
        settle_of=settle_times(sources),
        limit=RUNS_PER_TICK,
    )
    # What the limit kept back must be met again: only a look at everything moves the place on.
    place = cursor.place if decision.more else found.place
    if decision.requests and left_out.counts:
        context.log.warning(str(left_out))  # a tick that asks for runs has no skip reason
    requests = [run_request(drop, fingerprint, sources) for drop, fingerprint in decision.requests]
    return dg.SensorResult(
        run_requests=requests,
        skip_reason=None if requests else _why_not(decision, left_out, inbox.uri("")),
        dynamic_partitions_requests=new_sources(
            context.instance, {drop.source for drop, _ in decision.requests}
        ),
        cursor=Cursor(decision.seen, place).dumps(),
    )


def now() -> datetime:
    """The time of a tick."""
    return datetime.fromtimestamp(time.time(), UTC)


def days_of(sources: Sources) -> tuple[str, str]:
    """The first and last day that there are partitions for: a key outside fails a whole tick."""
    return str(sources.first_day), now().date().isoformat()


def settle_times(sources: Sources) -> dict[str, timedelta]:
    """How long each declared source must be quiet before its drop is taken."""
    return {
        name: timedelta(seconds=source.settle_seconds) for name, source in sources.sources.items()
    }


def run_request(drop: Drop, fingerprint: str, sources: Sources) -> dg.RunRequest:
    """One run of one drop as it is now; the same drop is never asked for twice."""
    return dg.RunRequest(
        asset_selection=wanted_of(sources.of(drop.source)),
        run_key=f"{key_of(drop)}@{fingerprint}",
        partition_key=key_of(drop),
        tags={"trace_assets/source": drop.source, "trace_assets/date": drop.date},
    )


def new_sources(
    instance: dg.DagsterInstance, names: set[str]
) -> list[dg.AddDynamicPartitionsRequest]:
    """What makes sources of folders that were not there before."""
    new = sorted(names - set(instance.get_dynamic_partitions("sources")))
    return [SOURCES.build_add_request(new)] if new else []


def _why_not(decision: Decision, left_out: LeftOut, inbox: str) -> str:
    """Why a tick requests no run, and which inbox it listed."""
    waiting = ", ".join(f"{drop.source}/{drop.date}" for drop in decision.waiting[:5])
    lines = [
        f"{len(decision.waiting)} drops may still be growing: {waiting}" if waiting else "",
        str(left_out),
    ]
    why = "\n".join(filter(None, lines)) or "no drop is new or changed"
    return f"{why}\ninbox: {inbox}"
