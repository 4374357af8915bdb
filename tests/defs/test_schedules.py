"""What the two schedules ask for."""

import os
import time
from datetime import UTC, datetime

import dagster as dg
import pytest

from tests.defs.deployed import Deployed, log, simulation
from trace_assets.definitions import defs
from trace_assets.defs import schedules
from trace_assets.defs.resources import Deployment
from trace_assets.defs.schedules import nightly_join, nightly_sweep

# Dagster itself tags a run of a schedule with the keys of both dimensions, and warns of them.
pytestmark = pytest.mark.filterwarnings("ignore:Non-compliant tag keys")

DAY = "2026-01-02|bot"


def night(deployed: Deployed, schedule: dg.ScheduleDefinition, day: int = 5) -> list[dg.RunRequest]:
    with dg.build_schedule_context(
        instance=deployed.instance,
        scheduled_execution_time=datetime(2026, 2, day, 2, tzinfo=UTC),
        repository_def=defs.get_repository_def(),
        resources={"deployment": Deployment()},
    ) as context:
        return list(schedule.evaluate_tick(context).run_requests or ())


def test_the_sweep_asks_for_what_was_never_fetched_or_changed_since(deployed: Deployed) -> None:
    deployed.drop(DAY, log(simulation("a")))
    deployed.drop("2026-01-03|bot", log(simulation("b")))
    assert deployed.run(DAY).success
    assert [one.partition_key for one in night(deployed, nightly_sweep)] == ["2026-01-03|bot"]
    deployed.drop(DAY, log(simulation("c")), name="late.json")
    asked = [one.partition_key for one in night(deployed, nightly_sweep)]
    assert asked == [DAY, "2026-01-03|bot"]


def test_the_sweep_makes_sources_of_new_folders(deployed: Deployed) -> None:
    deployed.drop(DAY, log(simulation("a")))
    night(deployed, nightly_sweep)
    assert deployed.instance.get_dynamic_partitions("sources") == ["bot"]


def test_the_sweep_asks_again_the_next_night(deployed: Deployed) -> None:
    deployed.drop(DAY, log(simulation("a")))
    first, second = (night(deployed, nightly_sweep, day)[0].run_key for day in (5, 6))
    assert first != second


def test_the_sweep_leaves_alone_what_is_still_growing(deployed: Deployed) -> None:
    file = deployed.drop(DAY, log(simulation("a")), minutes_ago=0)
    assert night(deployed, nightly_sweep) == []
    settled = time.time() - 61
    os.utime(file, (settled, settled))
    assert len(night(deployed, nightly_sweep)) == 1


def test_a_sweep_that_has_no_time_left_begins_with_another_source_the_next_night(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    for source in ("bot", "shop", "till"):
        deployed.drop(f"2026-01-02|{source}", log(simulation("a")))
    monkeypatch.setattr(schedules, "LISTING_SECONDS", -1)
    asked = [night(deployed, nightly_sweep, day)[0].partition_key for day in (5, 6, 7)]
    assert sorted(map(str, asked)) == ["2026-01-02|bot", "2026-01-02|shop", "2026-01-02|till"]


def test_every_source_that_has_traces_is_joined_every_night(deployed: Deployed) -> None:
    for key in (DAY, "2026-01-02|shop"):
        deployed.drop(key, log(simulation("a")))
        assert deployed.run(key).success
    deployed.instance.add_dynamic_partitions("sources", ["empty"])
    first = night(deployed, nightly_join)
    assert [one.partition_key for one in first] == ["bot", "shop"]
    second = night(deployed, nightly_join, 6)
    assert {one.run_key for one in first}.isdisjoint(one.run_key for one in second)


def test_a_night_without_sources_is_skipped(deployed: Deployed) -> None:
    assert night(deployed, nightly_join) == []
    assert night(deployed, nightly_sweep) == []
