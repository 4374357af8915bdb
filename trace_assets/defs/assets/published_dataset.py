"""The asset `published_dataset`."""

import dagster as dg

from trace_assets.defs.assets.trace_dataset import trace_dataset
from trace_assets.defs.common import by_drop
from trace_assets.defs.partitions import drop_of
from trace_assets.defs.report import failing_clearly, published
from trace_assets.defs.resources import Deployment
from trace_assets.stages import publish


@dg.asset(**by_drop("1", "file"), deps=[trace_dataset], pool="upload")
def published_dataset(
    context: dg.AssetExecutionContext, deployment: Deployment
) -> dg.MaterializeResult:
    """The day's dataset at the target: all files or none, verified there."""
    drop = drop_of(context.partition_key)
    with failing_clearly():
        publication = publish.publish(
            deployment.artifact("trace_dataset", drop),
            deployment.target_store(),
            prefix=f"{drop.source}/{drop.date}/",
        )
    return published(publication)
