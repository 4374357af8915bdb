"""The asset `relevant_traces`."""

import os

import dagster as dg

from trace_assets.defs.common import failing_clearly, passed_or
from trace_assets.defs.report import common
from trace_assets.defs.resources import Deployment
from trace_assets.defs.training import ALL_DAYS, by_source, counts_table, recipe_of
from trace_assets.stages import training as stage
from trace_assets.training.teaching import teacher_from

SOME_ARE_RELEVANT = "some_are_relevant"


@dg.asset(
    **by_source("json"),
    deps=[ALL_DAYS],
    check_specs=[
        dg.AssetCheckSpec(
            SOME_ARE_RELEVANT,
            asset="relevant_traces",
            blocking=True,
            description="At least one trace is about the job.",
        )
    ],
)
@failing_clearly()
def relevant_traces(
    context: dg.AssetExecutionContext, deployment: Deployment
) -> dg.MaterializeResult:
    """The traces of a source that are about the job, as messages, with the score of each."""
    source = str(context.partition_key)
    artifact = deployment.source_artifact("relevant_traces", source)
    recipe = recipe_of(deployment, source)
    with teacher_from(os.environ, recipe) as teacher:
        manifest, made = stage.relevant_traces(
            deployment.days_of("enriched_traces", source),
            artifact,
            source=source,
            recipe=recipe,
            teacher=teacher,
        )
    about = manifest.about
    return dg.MaterializeResult(
        data_version=dg.DataVersion(manifest.digest),
        metadata={
            "dagster/row_count": about["traces"]["kept"],
            "scored_by": about["scored_by"],
            "traces": counts_table(**about["traces"], superseded=about["superseded"]),
            "uncertain": counts_table(**about["uncertain"]),
            "left_out": counts_table(**about["left_out"]),
            **common(artifact, manifest, made=made),
        },
        check_results=[
            passed_or(
                SOME_ARE_RELEVANT,
                passed=about["traces"]["kept"] > 0,
                blocking=True,
                description="{kept} of {total} traces are about the job".format(**about["traces"]),
            )
        ],
    )
