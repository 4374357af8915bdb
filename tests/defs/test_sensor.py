"""The sensor on new drops, tick by tick, on a real inbox."""

import os
import time
from pathlib import Path

import pytest

from tests.defs.deployed import Deployed, failures, log, simulation
from tests.s3_server import S3Server
from trace_assets.defs import sensors
from trace_assets.errors import ConfigError, StoreError
from trace_assets.store import store_at

# Dagster itself tags a run of a sensor with the keys of both dimensions, and warns of them.
pytestmark = pytest.mark.filterwarnings("ignore:Non-compliant tag keys")

DAY = "2026-01-02|bot"


def test_a_new_drop_is_asked_for_once(deployed: Deployed) -> None:
    deployed.drop(DAY, log(simulation("a")))
    first = deployed.tick()
    assert first.keys == [DAY]
    second = deployed.tick(first.cursor)
    assert second.keys == []
    assert second.skipped == f"no drop is new or changed\ninbox: {deployed.folder / 'inbox'}"


def test_interactions_are_made_unasked_where_a_source_declares_them(deployed: Deployed) -> None:
    deployed.declare("sources: {bot: {interactions: {per: trace}}}")
    deployed.drop(DAY, log(simulation("a")))
    deployed.drop("2026-01-02|shop", log(simulation("b")))
    bot, shop = deployed.tick().requests
    names = {key.to_user_string() for key in bot.asset_selection or ()}
    assert "interactions" in names
    assert names - {key.to_user_string() for key in shop.asset_selection or ()} == {"interactions"}


def test_a_drop_that_may_still_be_growing_waits(deployed: Deployed) -> None:
    file = deployed.drop(DAY, log(simulation("a")), minutes_ago=0)
    first = deployed.tick()
    assert first.keys == []
    assert first.skipped.startswith("1 drops may still be growing: bot/2026-01-02\ninbox: ")
    settled = time.time() - 61
    os.utime(file, (settled, settled))
    assert deployed.tick(first.cursor).keys == [DAY]


def test_a_source_says_how_long_its_drops_must_be_quiet(deployed: Deployed) -> None:
    deployed.declare("sources: {bot: {settle_seconds: 0}}")
    deployed.drop(DAY, log(simulation("a")), minutes_ago=0)
    assert deployed.tick().keys == [DAY]


def test_a_late_file_asks_for_its_old_day_again(deployed: Deployed) -> None:
    deployed.drop("2025-03-04|bot", log(simulation("a")))
    deployed.drop(DAY, log(simulation("b")))
    first = deployed.tick()
    assert first.keys == ["2025-03-04|bot", DAY]
    deployed.drop("2025-03-04|bot", log(simulation("c")), name="late.json")
    second = deployed.tick(first.cursor)
    assert "2025-03-04|bot" in second.keys
    old = {request.run_key for request in first.requests}
    assert all(request.run_key not in old for request in second.requests)


def test_a_new_folder_becomes_a_source_by_itself(deployed: Deployed) -> None:
    deployed.drop(DAY, log(simulation("a")))
    deployed.drop("2026-01-02|shop", log(simulation("b")))
    assert deployed.tick().new_sources == ["bot", "shop"]
    assert deployed.instance.get_dynamic_partitions("sources") == ["bot", "shop"]


def test_a_name_that_can_be_no_source_is_skipped_with_its_reason(deployed: Deployed) -> None:
    for name in ("a|b", ".hidden", "agént"):
        file = deployed.folder / "inbox" / name / "2026-01-02" / "log.json"
        file.parent.mkdir(parents=True)
        file.write_bytes(log())
    tick = deployed.tick()
    assert tick.keys == []
    assert "3 left out for a source name" in tick.skipped


def test_a_day_that_has_no_partition_is_skipped_and_the_others_are_not(deployed: Deployed) -> None:
    deployed.drop("2001-01-01|bot", log(simulation("a")))
    deployed.drop("2999-01-01|bot", log(simulation("a")))
    deployed.drop(DAY, log(simulation("b")))
    first = deployed.tick()
    assert first.keys == [DAY]
    assert "2 left out for a day outside of" in deployed.tick(first.cursor).skipped


def test_a_tick_asks_for_a_limited_number_of_runs_and_the_next_goes_on(
    deployed: Deployed,
) -> None:
    wanted = [f"2025-{month:02}-0{day}|bot" for month in range(1, 10) for day in range(1, 6)]
    for key in wanted:
        deployed.drop(key, log(simulation(key)))
    ticks = [deployed.tick()]
    for _ in range(3):
        ticks.append(deployed.tick(ticks[-1].cursor))
    assert [len(tick.keys) for tick in ticks] == [20, 20, 5, 0]
    assert sorted(key for tick in ticks for key in tick.keys) == wanted


def test_a_tick_that_has_no_time_left_goes_on_where_it_stopped(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = [f"2025-{month:02}-01|bot" for month in range(1, 8)]
    for key in wanted:
        deployed.drop(key, log(simulation(key)))
    monkeypatch.setattr(sensors, "LISTING_SECONDS", 0)
    asked: list[str] = []
    cursor = None
    for _ in range(20):
        tick = deployed.tick(cursor)
        assert len(tick.keys) <= 1
        asked += tick.keys
        cursor = tick.cursor
    assert asked == wanted


def test_an_inbox_that_cannot_be_listed_is_an_error_and_not_an_empty_one(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACE_ASSETS_INBOX", str(deployed.folder / "typo"))
    with pytest.raises(StoreError, match="typo: there is no such folder"):
        deployed.tick()


def test_a_wrong_sources_yaml_is_an_error_of_the_tick(deployed: Deployed) -> None:
    deployed.declare("sources: {bot: {settle: 1}}")
    with pytest.raises(ConfigError, match=r"sources\.bot\.settle: unknown key"):
        deployed.tick()


def test_a_cursor_that_cannot_be_read_starts_afresh(deployed: Deployed) -> None:
    deployed.drop(DAY, log(simulation("a")))
    first = deployed.tick()
    again = deployed.tick("{broken")
    assert [one.run_key for one in again.requests] == [one.run_key for one in first.requests]


def test_from_a_bucket_to_a_bucket(
    deployed: Deployed, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bucket = s3_server.bucket("shell")
    for name in ("inbox", "store", "target"):
        monkeypatch.setenv(f"TRACE_ASSETS_{name.upper()}", f"s3://{bucket}/{name}")
    deployed.declare("sources: {bot: {settle_seconds: 0}}")
    store = store_at(f"s3://{bucket}")
    store.put("inbox/bot/2026-01-02/log.json", log(simulation("a")))
    (request,) = deployed.tick().requests
    run = deployed.run(str(request.partition_key))
    assert run.success, failures(run)
    target = sorted(found.key for found in store.list("target/"))
    assert target == [
        f"target/bot/2026-01-02/{name}"
        for name in ("bot-2026-01-02.jsonl", "bot-2026-01-02.yaml", "manifest.json")
    ]
