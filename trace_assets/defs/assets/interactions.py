"""The asset `interactions`."""

import dagster as dg

from trace_assets.defs.assets.enriched_traces import enriched_traces
from trace_assets.defs.common import by_drop, failing_clearly, passed_or
from trace_assets.defs.partitions import drop_of
from trace_assets.defs.report import common, text_of
from trace_assets.defs.resources import Deployment
from trace_assets.interactions import InteractionsConfig
from trace_assets.stages import interactions as stage

INTERACTIONS_HOLD = "interactions_hold"


@dg.asset(
    **by_drop(stage.CODE, "json"),
    deps=[enriched_traces],
    check_specs=[
        dg.AssetCheckSpec(
            INTERACTIONS_HOLD,
            asset="interactions",
            blocking=True,
            description="Ids are unique, parents are there and in the same interaction, and "
            "every step says where it belongs: what readers rely on and do not check.",
        )
    ],
)
@failing_clearly()
def interactions(context: dg.AssetExecutionContext, deployment: Deployment) -> dg.MaterializeResult:
    """The day's traces as steps in interactions, for people who annotate them."""
    drop = drop_of(context.partition_key)
    artifact = deployment.artifact("interactions", drop)
    manifest, made = stage.interactions(
        deployment.artifact("raw_logs", drop),
        deployment.artifact("valid_traces", drop),
        deployment.artifact("enriched_traces", drop),
        artifact,
        config=deployment.config_of(drop.source).interactions or InteractionsConfig(),
    )
    about = manifest.about
    errors = about["errors"]
    counts = ("traces", "interactions", "steps", "groups")
    return dg.MaterializeResult(
        data_version=dg.DataVersion(manifest.digest),
        metadata={
            **{name: about[name] for name in counts},
            **{name: dg.MetadataValue.json(about[name]) for name in ("span_kinds", "statuses")},
            "raw_from": dg.MetadataValue.json(about["raw_from"]),
            "findings": dg.MetadataValue.md(_findings(about["first"])),
            **common(artifact, manifest, made=made),
        },
        check_results=[
            passed_or(
                INTERACTIONS_HOLD,
                passed=not errors,
                blocking=True,
                description=", ".join(f"{count} {name}" for name, count in errors.items())
                or f"{about['steps']} steps in {about['interactions']} interactions",
                warnings=dg.MetadataValue.json(about["warnings"]),
            )
        ],
    )


def _findings(found: list[dict[str, str]]) -> str:
    lines = [
        f"- **{text_of(each['name'])}** {text_of(each['where'])}: {text_of(each['message'])}"
        for each in found[:20]
    ]
    return "\n".join(lines) or "Nothing odd was found."
