"""The asset `source_dataset`."""

import warnings

import dagster as dg

from trace_assets.defs.common import GROUP
from trace_assets.defs.partitions import SOURCES
from trace_assets.defs.report import RETRY, column_schema, common, failing_clearly
from trace_assets.defs.resources import Deployment
from trace_assets.stages import aggregate, publish

# The one beta class in use: without it a source would depend on its days in lineage only by name.
warnings.filterwarnings("ignore", "Class `MultiToSingleDimensionPartitionMapping`", dg.BetaWarning)


@dg.asset(
    partitions_def=SOURCES,
    deps=[
        dg.AssetDep(
            dg.AssetKey("enriched_traces"),
            partition_mapping=dg.MultiToSingleDimensionPartitionMapping("source"),
        )
    ],
    group_name=GROUP,
    owners=["team:data-engineering"],
    kinds={"python", "json", "yaml"},
    code_version=aggregate.CODE,
    retry_policy=RETRY,
    pool="upload",
)
def source_dataset(
    context: dg.AssetExecutionContext, deployment: Deployment
) -> dg.MaterializeResult:
    """One dataset of a whole source, published; of a trace that came again, the newest."""
    source = str(context.partition_key)
    artifact = deployment.source_artifact("source_dataset", source)
    with failing_clearly():
        manifest, made = aggregate.aggregate(
            deployment.days_of("enriched_traces", source),
            artifact,
            source=source,
            config=deployment.config_of(source),
        )
        publish.publish(artifact, deployment.target_store(), prefix=f"{source}/all-days/")
    about = manifest.about
    return dg.MaterializeResult(
        data_version=dg.DataVersion(manifest.digest),
        metadata={
            **common(artifact, manifest, made=made),
            **column_schema(about["columns"]),
            "dagster/row_count": about["rows"],
            "dagster/table_name": about["key"],
            "days": len(about["days"]),
            "superseded": about["superseded"],
        },
    )
