"""The asset `valid_traces`."""

import dagster as dg

from trace_assets.defs.assets.converted_traces import converted_traces
from trace_assets.defs.common import by_drop, passed_or
from trace_assets.defs.partitions import drop_of
from trace_assets.defs.report import common, failing_clearly, first_problems, ledger_table, rows
from trace_assets.defs.resources import Deployment
from trace_assets.stages import validate
from trace_assets.stages.lines import first_rows

QUARANTINE_SHARE = "quarantine_share"


@dg.asset(
    **by_drop(validate.CODE, "json"),
    deps=[converted_traces],
    check_specs=[
        dg.AssetCheckSpec(
            QUARANTINE_SHARE,
            asset="valid_traces",
            blocking=True,
            description="The share of records in quarantine is within the source's threshold.",
        )
    ],
)
def valid_traces(context: dg.AssetExecutionContext, deployment: Deployment) -> dg.MaterializeResult:
    """The traces that load strictly in the Trace model and keep the rules."""
    drop = drop_of(context.partition_key)
    threshold = deployment.config_of(drop.source).quarantine_threshold
    artifact = deployment.artifact("valid_traces", drop)
    with failing_clearly():
        manifest, made = validate.validate(
            deployment.artifact("raw_logs", drop),
            deployment.artifact("converted_traces", drop),
            artifact,
        )
    ledger = manifest.about["ledger"]
    share = ledger["quarantined"] / max(ledger["records"], 1)
    return dg.MaterializeResult(
        data_version=dg.DataVersion(manifest.digest),
        metadata={
            **common(artifact, manifest, made=made),
            **rows(manifest.about["rows"]),
            **ledger_table(ledger),
            **first_problems(first_rows(artifact, "quarantine", 20), ledger["reasons"]),
        },
        check_results=[
            passed_or(
                QUARANTINE_SHARE,
                passed=share <= threshold,
                blocking=True,
                description=f"{ledger['quarantined']} of {ledger['records']} records are in "
                f"quarantine ({share:.1%}); the source allows {threshold:.1%}",
                quarantine_share=share,
                threshold=threshold,
            )
        ],
    )
