"""The jobs: what one run does."""

import dagster as dg

from trace_assets.sources import SourceConfig

CHAIN = (
    "raw_logs",
    "converted_traces",
    "valid_traces",
    "enriched_traces",
    "trace_dataset",
    "published_dataset",
)
"""What every drop goes through."""

drop_job = dg.define_asset_job(
    "process_drop",
    dg.AssetSelection.assets(*CHAIN, "interactions"),
    executor_def=dg.in_process_executor,  # the chain is linear: a process per step costs 1.5 s each
    description="One drop, from the inbox to a dataset at the target and to interactions.",
)


def wanted_of(config: SourceConfig) -> list[dg.AssetKey]:
    """The assets that a drop goes through unasked; interactions only where they are declared."""
    names = [*CHAIN, "interactions"] if config.interactions else CHAIN
    return [dg.AssetKey(name) for name in names]


source_job = dg.define_asset_job(
    "join_source",
    dg.AssetSelection.assets("source_dataset"),
    executor_def=dg.in_process_executor,
    description="All days of one source, joined into one dataset at the target.",
)

training_job = dg.define_asset_job(
    "make_training_set",
    dg.AssetSelection.assets(
        "relevant_traces", "relabelled_examples", "split", "training_set", "base_model_performance"
    ),
    executor_def=dg.in_process_executor,
    description="The training set of one source, as its recipe in sources.yaml says.",
)
