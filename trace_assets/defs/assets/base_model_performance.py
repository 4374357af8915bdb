"""The asset `base_model_performance`."""

import os

import dagster as dg

from trace_assets.defs.assets.relabelled_examples import relabelled_examples
from trace_assets.defs.assets.split import split
from trace_assets.defs.common import failing_clearly
from trace_assets.defs.report import common
from trace_assets.defs.resources import Deployment
from trace_assets.defs.training import by_source, recipe_of
from trace_assets.stages import training as stage
from trace_assets.training.teaching import teacher_from


@dg.asset(**by_source("json"), deps=[relabelled_examples, split])
@failing_clearly()
def base_model_performance(
    context: dg.AssetExecutionContext, deployment: Deployment
) -> dg.MaterializeResult:
    """How well the model that wrote the log does on the test set."""
    source = str(context.partition_key)
    artifact = deployment.source_artifact("base_model_performance", source)
    recipe = recipe_of(deployment, source)
    with teacher_from(os.environ, recipe) as teacher:
        manifest, made = stage.base_model_performance(
            deployment.source_artifact("relabelled_examples", source),
            deployment.source_artifact("split", source),
            artifact,
            recipe=recipe,
            teacher=teacher,
        )
    measured = {name: mean for name, mean in manifest.about["metrics"].items() if mean is not None}
    return dg.MaterializeResult(
        data_version=dg.DataVersion(manifest.digest),
        metadata={
            "dagster/row_count": manifest.about["predictions"],
            **measured,
            "performance": dg.MetadataValue.json(manifest.about),
            **common(artifact, manifest, made=made),
        },
    )
