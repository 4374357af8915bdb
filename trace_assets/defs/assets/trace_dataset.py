"""The asset `trace_dataset`."""

import dagster as dg

from trace_assets.defs.assets.enriched_traces import enriched_traces
from trace_assets.defs.common import by_drop, failing_clearly, passed_or
from trace_assets.defs.partitions import drop_of
from trace_assets.defs.report import column_schema, common, ledger_table, rows
from trace_assets.defs.resources import Deployment
from trace_assets.stages import package

ROWS_MATCH = "rows_match_ledger"


@dg.asset(
    **by_drop(package.CODE, "json", "yaml"),
    deps=[enriched_traces],
    check_specs=[
        dg.AssetCheckSpec(
            ROWS_MATCH,
            asset="trace_dataset",
            blocking=True,
            description="The dataset has a row for each trace of the ledger, and at least one.",
        )
    ],
)
@failing_clearly()
def trace_dataset(
    context: dg.AssetExecutionContext, deployment: Deployment
) -> dg.MaterializeResult:
    """The day as a dataset: rows, spec and manifest."""
    drop = drop_of(context.partition_key)
    artifact = deployment.artifact("trace_dataset", drop)
    manifest, made = package.package(
        deployment.artifact("enriched_traces", drop),
        artifact,
        drop=drop,
        config=deployment.config_of(drop.source),
    )
    about = manifest.about
    traces = about["ledger"]["traces"]
    return dg.MaterializeResult(
        data_version=dg.DataVersion(manifest.digest),
        metadata={
            **rows(about["rows"]),
            **column_schema(about),
            **ledger_table(about["ledger"]),
            "dagster/table_name": about["key"],
            **common(artifact, manifest, made=made),
        },
        check_results=[
            passed_or(
                ROWS_MATCH,
                passed=about["rows"] == traces and traces > 0,
                blocking=True,
                description=f"{about['rows']} rows, {traces} traces in the ledger"
                + ("" if traces else "; a dataset without rows is not published"),
            )
        ],
    )
