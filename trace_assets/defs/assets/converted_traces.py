"""The asset `converted_traces`."""

import dagster as dg

from trace_assets.defs.assets.raw_logs import raw_logs
from trace_assets.defs.common import by_drop, failing_clearly, passed_or
from trace_assets.defs.partitions import drop_of
from trace_assets.defs.report import common, first_problems, ledger_table, rows, unknown_kinds
from trace_assets.defs.resources import Deployment
from trace_assets.ledger import Ledger
from trace_assets.stages import convert

LEDGER_BALANCES = "ledger_balances"


@dg.asset(
    **by_drop(convert.CODE, "json"),
    deps=[raw_logs],
    check_specs=[
        dg.AssetCheckSpec(
            LEDGER_BALANCES,
            asset="converted_traces",
            blocking=True,
            description="records = converted + merged + duplicate + filtered + quarantined",
        )
    ],
)
@failing_clearly()
def converted_traces(
    context: dg.AssetExecutionContext, deployment: Deployment
) -> dg.MaterializeResult:
    """Every record of the day's logs, as a trace or as the reason why it is none."""
    drop = drop_of(context.partition_key)
    artifact = deployment.artifact("converted_traces", drop)
    manifest, made = convert.convert(deployment.artifact("raw_logs", drop), artifact)
    ledger = manifest.about["ledger"]
    problems = Ledger.from_dict(ledger).problems()
    return dg.MaterializeResult(
        data_version=dg.DataVersion(manifest.digest),
        metadata={
            **rows(manifest.about["rows"]),
            **ledger_table(ledger),
            **unknown_kinds(ledger),
            **first_problems(artifact, ledger["reasons"]),
            **common(artifact, manifest, made=made),
        },
        check_results=[
            passed_or(
                LEDGER_BALANCES,
                passed=not problems,
                blocking=True,
                description="; ".join(problems) or f"{ledger['records']} records accounted for",
            )
        ],
    )
