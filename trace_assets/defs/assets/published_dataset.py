"""The asset `published_dataset`."""

import dagster as dg

from trace_assets.defs.assets.trace_dataset import trace_dataset
from trace_assets.defs.common import UPLOAD_POOL, by_drop, failing_clearly, upload_spec, uploaded
from trace_assets.defs.partitions import drop_of
from trace_assets.defs.report import published
from trace_assets.defs.resources import Deployment
from trace_assets.stages import publish
from trace_assets.stages.code import code_version

CODE = code_version(publish.__name__)


@dg.asset(
    **by_drop(CODE, "file"),
    deps=[trace_dataset],
    pool=UPLOAD_POOL,
    check_specs=[upload_spec("published_dataset")],
)
@failing_clearly()
def published_dataset(
    context: dg.AssetExecutionContext, deployment: Deployment
) -> dg.MaterializeResult:
    """The day's dataset at the target: all files or none, verified there."""
    drop = drop_of(context.partition_key)
    publication = publish.publish(
        deployment.artifact("trace_dataset", drop),
        deployment.target_store(),
        prefix=f"{drop.source}/{drop.date}/",
    )
    return dg.MaterializeResult(
        data_version=dg.DataVersion(publication.digest),
        metadata=published(publication),
        check_results=[uploaded(publication)],
    )
