"""The asset `split`."""

import dagster as dg

from trace_assets.defs.assets.relabelled_examples import relabelled_examples
from trace_assets.defs.common import failing_clearly
from trace_assets.defs.report import common
from trace_assets.defs.resources import Deployment
from trace_assets.defs.training import by_source, counts_table, recipe_of
from trace_assets.stages import training as stage


@dg.asset(**by_source("json"), deps=[relabelled_examples])
@failing_clearly()
def split(context: dg.AssetExecutionContext, deployment: Deployment) -> dg.MaterializeResult:
    """Which traces train, which test, and which are context; near-duplicates stay together."""
    source = str(context.partition_key)
    artifact = deployment.source_artifact("split", source)
    manifest, made = stage.split(
        deployment.source_artifact("relabelled_examples", source),
        artifact,
        recipe=recipe_of(deployment, source),
    )
    about = manifest.about
    return dg.MaterializeResult(
        data_version=dg.DataVersion(manifest.digest),
        metadata={
            "dagster/row_count": about["traces"]["total"],
            "seed": about["seed"],
            "groups": about["groups"],
            "traces": counts_table(**about["traces"]),
            "strata": dg.MetadataValue.json(about["strata"]),
            **common(artifact, manifest, made=made),
        },
    )
