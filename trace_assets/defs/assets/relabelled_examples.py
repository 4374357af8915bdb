"""The asset `relabelled_examples`."""

import os

import dagster as dg

from trace_assets.defs.assets.relevant_traces import relevant_traces
from trace_assets.defs.common import failing_clearly
from trace_assets.defs.report import common
from trace_assets.defs.resources import Deployment
from trace_assets.defs.training import by_source, counts_table, recipe_of
from trace_assets.stages import training as stage
from trace_assets.training.teaching import teacher_from


@dg.asset(**by_source("json"), deps=[relevant_traces])
@failing_clearly()
def relabelled_examples(
    context: dg.AssetExecutionContext, deployment: Deployment
) -> dg.MaterializeResult:
    """The relevant traces with the answer that each of their examples should teach."""
    source = str(context.partition_key)
    artifact = deployment.source_artifact("relabelled_examples", source)
    recipe = recipe_of(deployment, source)
    with teacher_from(os.environ, recipe) as teacher:
        manifest, made = stage.relabelled_examples(
            deployment.source_artifact("relevant_traces", source),
            artifact,
            recipe=recipe,
            teacher=teacher,
        )
    about = manifest.about
    return dg.MaterializeResult(
        data_version=dg.DataVersion(manifest.digest),
        metadata={
            "dagster/row_count": about["conversations"],
            "labelled_by": about["labelled_by"],
            "labels": counts_table(**about["labels"]),
            "answers_passed_over": counts_table(**about["answers_passed_over"]),
            **common(artifact, manifest, made=made),
        },
    )
