"""The asset `base_model_performance`."""

import dagster as dg

from trace_assets.defs.assets.split import split
from trace_assets.defs.common import failing_clearly
from trace_assets.defs.report import common
from trace_assets.defs.resources import Deployment
from trace_assets.defs.training import by_source, measure, recipe_of
from trace_assets.stages import training as stage


@dg.asset(**by_source("json"), deps=[split])
@failing_clearly()
def base_model_performance(
    context: dg.AssetExecutionContext, deployment: Deployment
) -> dg.MaterializeResult:
    """How well the model that wrote the log does on the test set."""
    source = str(context.partition_key)
    artifact = deployment.source_artifact("base_model_performance", source)
    manifest, made = stage.base_model_performance(
        deployment.source_artifact("relabelled_examples", source),
        deployment.source_artifact("split", source),
        artifact,
        recipe=recipe_of(deployment, source),
        measure=measure(),
    )
    return dg.MaterializeResult(
        data_version=dg.DataVersion(manifest.digest),
        metadata={
            "performance": dg.MetadataValue.json(manifest.about),
            **common(artifact, manifest, made=made),
        },
    )
