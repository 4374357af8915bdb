"""The asset `enriched_traces`."""

import dagster as dg

from trace_assets.defs.assets.valid_traces import valid_traces
from trace_assets.defs.common import by_drop, failing_clearly, passed_or
from trace_assets.defs.partitions import drop_of
from trace_assets.defs.report import column_schema, common, rows, text_read, turns_picture
from trace_assets.defs.resources import Deployment
from trace_assets.stages import enrich

TRACES_HAVE_TURNS = "traces_have_turns"
TEXT_IS_READ = "text_is_read"


@dg.asset(
    **by_drop(enrich.CODE, "json", "parquet"),
    deps=[valid_traces],
    check_specs=[
        dg.AssetCheckSpec(
            TRACES_HAVE_TURNS,
            asset="enriched_traces",
            description="Every trace has a user message, and so at least one turn.",
        ),
        dg.AssetCheckSpec(
            TEXT_IS_READ,
            asset="enriched_traces",
            description="Most of the prose of the records is in the items of their traces.",
        ),
    ],
)
@failing_clearly()
def enriched_traces(
    context: dg.AssetExecutionContext, deployment: Deployment
) -> dg.MaterializeResult:
    """The traces with every fact filled in, and the facts as two Parquet tables."""
    drop = drop_of(context.partition_key)
    artifact = deployment.artifact("enriched_traces", drop)
    manifest, made = enrich.enrich(
        deployment.artifact("valid_traces", drop),
        artifact,
        drop=drop,
        defaults=deployment.config_of(drop.source).defaults(),
    )
    without = manifest.about["turns"].get("0", 0)
    return dg.MaterializeResult(
        data_version=dg.DataVersion(manifest.digest),
        metadata={
            **rows(manifest.about["rows"]),
            **column_schema(manifest.about),
            **turns_picture(manifest.about["turns"]),
            **common(artifact, manifest, made=made),
        },
        check_results=[
            passed_or(
                TRACES_HAVE_TURNS,
                passed=not without,
                blocking=False,
                description=f"{without} of {manifest.about['rows']} traces have no user message",
            ),
            passed_or(
                TEXT_IS_READ,
                passed=not manifest.about["text"]["unread"],
                blocking=False,
                **text_read(manifest.about),
            ),
        ],
    )
