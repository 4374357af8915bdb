"""The asset `valid_traces`."""

import dagster as dg

from trace_assets.defs.assets.converted_traces import converted_traces
from trace_assets.defs.common import by_drop, failing_clearly, passed_or
from trace_assets.defs.partitions import drop_of
from trace_assets.defs.report import common, first_problems, ledger_table, rows, why
from trace_assets.defs.resources import Deployment
from trace_assets.stages import validate

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
@failing_clearly()
def valid_traces(context: dg.AssetExecutionContext, deployment: Deployment) -> dg.MaterializeResult:
    """The traces that load strictly in the Trace model and keep the rules."""
    drop = drop_of(context.partition_key)
    threshold = deployment.config_of(drop.source).quarantine_threshold
    artifact = deployment.artifact("valid_traces", drop)
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
            **rows(manifest.about["rows"]),
            **ledger_table(ledger),
            **first_problems(artifact, ledger["reasons"]),
            **common(artifact, manifest, made=made),
        },
        check_results=[
            passed_or(
                QUARANTINE_SHARE,
                passed=share <= threshold,
                blocking=True,
                description=f"{ledger['quarantined']} of {ledger['records']} records are in "
                f"quarantine ({share:.1%}), and the source allows {threshold:.1%}"
                f"{why(ledger['reasons'])}",
                quarantine_share=share,
                threshold=threshold,
            )
        ],
    )
