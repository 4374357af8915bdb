"""The weekly job names each damaged file of the store, and fails."""

from pathlib import Path

import dagster as dg

from trace_assets.artifacts import Artifact
from trace_assets.defs.backfill import _running
from trace_assets.defs.resources import Deployment
from trace_assets.defs.scrub import scrub_store
from trace_assets.store import store_at


def run(place: Path) -> dg.ExecuteInProcessResult:
    resources = {"deployment": Deployment(store=str(place))}
    return scrub_store.execute_in_process(resources=resources, raise_on_error=False)


def test_the_job_fails_with_the_name_of_a_damaged_file(tmp_path: Path) -> None:
    artifact = Artifact(store_at(str(tmp_path)), "raw_logs/bot/2026-01-02")
    with artifact.replace("0" * 16) as draft, draft.create("a.json") as file:
        file.write(b"{}")
    assert run(tmp_path).success
    damaged = tmp_path / artifact.expect().file("a.json").key
    damaged.write_bytes(b"[]")
    failed = run(tmp_path)
    assert not failed.success
    (event,) = failed.get_step_failure_events()
    assert event.step_failure_data.user_failure_data
    assert str(damaged) in (event.step_failure_data.user_failure_data.description or "")


def test_a_backfill_sees_a_run_of_the_partition_that_is_in_progress() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        tags = {"dagster/partition": "2026-01-02|bot"}
        run = instance.create_run_for_job(
            scrub_store, tags=tags, status=dg.DagsterRunStatus.STARTED
        )
        assert _running(instance, "2026-01-02|bot") == run.run_id
        assert _running(instance, "2026-01-03|bot") is None
