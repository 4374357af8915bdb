"""The jobs: what one run does."""

import dagster as dg

CHAIN = dg.AssetSelection.assets(
    "raw_logs",
    "converted_traces",
    "valid_traces",
    "enriched_traces",
    "trace_dataset",
    "published_dataset",
)

drop_job = dg.define_asset_job(
    "process_drop",
    CHAIN,
    executor_def=dg.in_process_executor,  # the chain is linear: a process per step costs 1.5 s each
    description="One drop, from the inbox to a dataset at the target.",
)

source_job = dg.define_asset_job(
    "join_source",
    dg.AssetSelection.assets("source_dataset"),
    executor_def=dg.in_process_executor,
    description="All days of one source, joined into one dataset at the target.",
)
