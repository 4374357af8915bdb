"""Once a week, the whole store is read again: a damaged file is found before it is needed."""

import dagster as dg

from trace_assets.defs.common import failing_clearly
from trace_assets.defs.resources import Deployment
from trace_assets.stages.scrub import scrub

_SHOWN = 50


@dg.op
def verify_store(context: dg.OpExecutionContext, deployment: Deployment) -> None:
    """Compare every file of the store with the hash that its manifest has."""
    files = size = 0
    problems: list[str] = []
    with failing_clearly():
        for found in scrub(deployment.store_of_assets()):
            files, size = files + found.files, size + found.size
            problems += found.problems
    context.add_output_metadata({"files": files, "bytes": size, "damaged": len(problems)})
    if problems:
        raise dg.Failure(
            description=f"{len(problems)} damaged: " + "; ".join(problems[:_SHOWN]),
            metadata={"damaged": dg.MetadataValue.json(problems[:_SHOWN])},
            allow_retries=False,
        )


@dg.job(
    executor_def=dg.in_process_executor,
    description="The whole store, read again and compared with the hashes of its manifests.",
)
def scrub_store() -> None:
    """Verify every file at rest."""
    verify_store()


weekly_scrub = dg.ScheduleDefinition(
    name="weekly_scrub",
    job=scrub_store,
    cron_schedule="0 5 * * 0",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every Sunday: names each file of the store that is damaged or missing.",
)
