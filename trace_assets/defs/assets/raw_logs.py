"""The asset `raw_logs`."""

import dagster as dg

from trace_assets.defs.common import by_drop, failing_clearly, passed_or
from trace_assets.defs.partitions import drop_of
from trace_assets.defs.report import common, files_table, not_taken
from trace_assets.defs.resources import Deployment
from trace_assets.stages import fetch

FORMATS_KNOWN = "formats_are_known"


@dg.asset(
    **by_drop(fetch.CODE, "file"),
    check_specs=[
        dg.AssetCheckSpec(
            FORMATS_KNOWN,
            asset="raw_logs",
            description="Each file is recognised by exactly one format.",
        )
    ],
)
@failing_clearly()
def raw_logs(context: dg.AssetExecutionContext, deployment: Deployment) -> dg.MaterializeResult:
    """Every file of the day's drop, byte for byte, with its sha256 and its format."""
    drop = drop_of(context.partition_key)
    config = deployment.config_of(drop.source)
    artifact = deployment.artifact("raw_logs", drop)
    manifest, made = fetch.fetch(
        deployment.inbox_store(),
        artifact,
        drop=drop,
        format=config.format,
        mapping=config.mapping.told() if config.mapping else None,
        columns=config.columns,
    )
    logs = manifest.about["files"]
    unknown = [log["file"] for log in logs if log["format"] is None]
    return dg.MaterializeResult(
        data_version=dg.DataVersion(manifest.digest),
        metadata={
            **files_table(logs),
            **not_taken(manifest.about["left_out"]),
            **common(artifact, manifest, made=made),
        },
        check_results=[
            passed_or(
                FORMATS_KNOWN,
                passed=not unknown,
                blocking=False,
                description=f"{len(unknown)} of {len(logs)} files are of no known format",
            )
        ],
    )
