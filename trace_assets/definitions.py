"""The table of contents: every asset, job, sensor and schedule that Dagster loads."""

import dagster as dg

from trace_assets.defs import assets
from trace_assets.defs.jobs import drop_job, source_job, training_job
from trace_assets.defs.resources import Deployment
from trace_assets.defs.schedules import nightly_join, nightly_sweep
from trace_assets.defs.scrub import scrub_store, weekly_scrub
from trace_assets.defs.sensors import new_drops

defs = dg.Definitions(
    assets=dg.load_assets_from_package_module(assets),
    jobs=[drop_job, source_job, training_job, scrub_store],
    sensors=[new_drops],
    schedules=[nightly_sweep, nightly_join, weekly_scrub],
    resources={"deployment": Deployment()},
    executor=dg.in_process_executor,
)
