"""The asset `source_dataset`."""

import warnings

import dagster as dg

from trace_assets.defs.common import (
    GROUP,
    OWNERS,
    RETRY,
    UPLOAD_POOL,
    failing_clearly,
    passed_or,
    upload_spec,
    uploaded,
)
from trace_assets.defs.partitions import SOURCES
from trace_assets.defs.report import column_schema, common
from trace_assets.defs.resources import Deployment
from trace_assets.stages import aggregate, publish

HAS_ROWS = "dataset_has_rows"

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
    owners=OWNERS,
    kinds={"python", "json", "yaml"},
    code_version=aggregate.CODE,
    retry_policy=RETRY,
    pool=UPLOAD_POOL,
    check_specs=[
        dg.AssetCheckSpec(
            HAS_ROWS,
            asset="source_dataset",
            description="The days of the source hold at least one trace; what is empty stays here.",
        ),
        upload_spec("source_dataset"),
    ],
)
@failing_clearly()
def source_dataset(
    context: dg.AssetExecutionContext, deployment: Deployment
) -> dg.MaterializeResult:
    """One dataset of a whole source, published; of a trace that came again, the newest."""
    source = str(context.partition_key)
    artifact = deployment.source_artifact("source_dataset", source)
    manifest, made = aggregate.aggregate(
        deployment.days_of("enriched_traces", source),
        artifact,
        source=source,
        config=deployment.config_of(source),
    )
    about = manifest.about
    publication = (
        publish.publish(artifact, deployment.target_store(), prefix=f"{source}/all-days/")
        if about["rows"]
        else None
    )
    return dg.MaterializeResult(
        data_version=dg.DataVersion(manifest.digest),
        metadata={
            **column_schema(about),
            "dagster/row_count": about["rows"],
            "dagster/table_name": about["key"],
            "days": len(about["days"]),
            "superseded": about["superseded"],
            **common(artifact, manifest, made=made),
        },
        check_results=[
            passed_or(
                HAS_ROWS,
                passed=about["rows"] > 0,
                blocking=False,
                description=f"{about['rows']} rows of {len(about['days'])} days",
            ),
            uploaded(publication),
        ],
    )
