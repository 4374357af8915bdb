"""The asset `training_set`."""

from typing import Any

import dagster as dg

from trace_assets.defs.assets.relabelled_examples import relabelled_examples
from trace_assets.defs.assets.relevant_traces import relevant_traces
from trace_assets.defs.assets.split import split
from trace_assets.defs.common import failing_clearly, passed_or
from trace_assets.defs.report import common
from trace_assets.defs.resources import Deployment
from trace_assets.defs.training import bullets, by_source, counts_table, recipe_of
from trace_assets.stages import training as stage
from trace_assets.training.checks import CHECKS


@dg.asset(
    **by_source("json", "yaml"),
    deps=[relevant_traces, relabelled_examples, split],
    check_specs=[
        dg.AssetCheckSpec(
            name, asset="training_set", blocking=each.blocking, description=each.description
        )
        for name, each in CHECKS.items()
    ],
)
@failing_clearly()
def training_set(context: dg.AssetExecutionContext, deployment: Deployment) -> dg.MaterializeResult:
    """The files that distil labs takes: the traces for it to process, and the rows made of them."""
    source = str(context.partition_key)
    artifact = deployment.source_artifact("training_set", source)
    manifest, made = stage.training_set(
        deployment.source_artifact("relevant_traces", source),
        deployment.source_artifact("relabelled_examples", source),
        deployment.source_artifact("split", source),
        artifact,
        recipe=recipe_of(deployment, source),
    )
    about = manifest.about["training_set"]
    return dg.MaterializeResult(
        data_version=dg.DataVersion(manifest.digest),
        metadata={
            "dagster/row_count": about["rows"]["train"] + about["rows"]["test"],
            "rows": counts_table(**about["rows"]),
            "left_out": counts_table(**about["left_out"]),
            "not_in_messages": counts_table(**about["not_in_messages"]),
            "labelled_by": manifest.about["relabelled_examples"]["labelled_by"],
            **common(artifact, manifest, made=made),
        },
        check_results=[_result(name, manifest.about["checks"][name]) for name in CHECKS],
    )


def _result(name: str, found: dict[str, Any]) -> dg.AssetCheckResult:
    return passed_or(
        name,
        passed=not found["problems"],
        blocking=CHECKS[name].blocking,
        description=f"{found['problems']} problems",
        first=bullets(found["first"], none="All is well."),
    )
