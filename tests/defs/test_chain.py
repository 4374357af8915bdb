"""One partition through the chain of assets, on a real instance and real files."""

from typing import Any

import dagster as dg
import pytest

from tests.defs.deployed import Deployed, checks, failures, log, materialized, simulation
from trace_assets.defs.common import RETRY, failing_clearly
from trace_assets.drops import Drop
from trace_assets.errors import ConfigError, StoreError

DAY = "2026-01-02|bot"
DROP = Drop("bot", "2026-01-02")
CHAIN = [
    "raw_logs",
    "converted_traces",
    "valid_traces",
    "enriched_traces",
    "trace_dataset",
    "published_dataset",
]
BAD = {"id": "bad", "task_id": "1", "messages": []}


def test_a_drop_goes_through_the_whole_chain_to_the_target(deployed: Deployed) -> None:
    deployed.drop(DAY, log(simulation("a"), simulation("b")))
    run = deployed.run(DAY)
    assert run.success, failures(run)
    made = list(materialized(run))
    assert [asset for asset in made if asset != "interactions"] == CHAIN
    assert "interactions" in made
    assert all(found.passed for found in checks(run).values())
    published = deployed.published("bot/2026-01-02")
    assert sorted(published) == ["bot-2026-01-02.jsonl", "bot-2026-01-02.yaml", "manifest.json"]
    assert published["bot-2026-01-02.jsonl"].count(b"\n") == 2


def test_each_asset_reports_what_a_person_looks_for(deployed: Deployed) -> None:
    deployed.drop(DAY, log(simulation("a"), simulation("b")))
    made = materialized(deployed.run(DAY))
    for asset in CHAIN:
        metadata = made[asset].metadata
        assert str(deployed.folder) in str(metadata["dagster/uri"].value), asset
        assert isinstance(metadata["files"], dg.TableMetadataValue), asset
        assert "dagster/data_version" in (made[asset].tags or {}), asset
    for asset in ("converted_traces", "valid_traces", "enriched_traces", "trace_dataset"):
        assert made[asset].metadata["dagster/row_count"].value == 2, asset
        assert made[asset].metadata["dagster/partition_row_count"].value == 2, asset
    for asset in ("enriched_traces", "trace_dataset"):
        schema: Any = made[asset].metadata["dagster/column_schema"].value
        assert [column.name for column in schema.columns][:2] == ["trace", "trace_id"], asset
    for asset in ("converted_traces", "valid_traces", "trace_dataset"):
        ledger: Any = made[asset].metadata["ledger"].value
        assert [row.data["records"] for row in ledger.records] == [2, 2], asset
    logs: Any = made["raw_logs"].metadata["logs"].value
    assert logs.records[0].data["format"] == "tau2bench"
    assert "data:image/svg+xml;base64," in str(made["enriched_traces"].metadata["turns"].value)
    assert "No record" in str(made["valid_traces"].metadata["problems"].value)


def test_a_day_with_too_many_quarantined_records_is_held_back_and_says_why(
    deployed: Deployed,
) -> None:
    deployed.drop(DAY, log(simulation("a"), BAD))
    run = deployed.run(DAY)
    assert not run.success
    assert list(materialized(run)) == CHAIN[:3]
    found = checks(run)["valid_traces:quarantine_share"]
    assert (found.passed, found.blocking) == (False, True)
    assert found.description == (
        "1 of 2 records are in quarantine (50.0%), and the source allows 5.0%: 1 empty_trace"
    )
    assert "empty" in str(materialized(run)["valid_traces"].metadata["problems"].value)
    assert deployed.published("bot/2026-01-02") == {}


def test_the_threshold_of_a_source_decides_what_is_too_many(deployed: Deployed) -> None:
    deployed.declare("sources: {bot: {quarantine_threshold: 0.5}}")
    deployed.drop(DAY, log(simulation("a"), BAD))
    assert deployed.run(DAY).success


def test_a_dataset_without_rows_is_not_published(deployed: Deployed) -> None:
    deployed.declare("sources: {bot: {quarantine_threshold: 1}}")
    deployed.drop(DAY, log(BAD))
    run = deployed.run(DAY)
    assert not run.success
    assert "published_dataset" not in materialized(run)
    found = checks(run)["trace_dataset:rows_match_ledger"]
    assert not found.passed
    assert "without rows is not published" in str(found.description)


def test_a_file_of_no_known_format_is_a_warning_and_its_records_are_in_quarantine(
    deployed: Deployed,
) -> None:
    deployed.declare("sources: {bot: {quarantine_threshold: 1}}")
    deployed.drop(DAY, log(simulation("a")))
    deployed.drop(DAY, b"dear diary\n", name="notes.txt")
    run = deployed.run(DAY)
    assert run.success
    found = checks(run)["raw_logs:formats_are_known"]
    assert (found.passed, found.severity) == (False, dg.AssetCheckSeverity.WARN)
    ledger = deployed.manifest("valid_traces", DROP).about["ledger"]
    assert (ledger["converted"], ledger["quarantined"]) == (1, 1)


def test_what_a_log_says_is_never_markup(deployed: Deployed) -> None:
    evil = "<img src=x onerror=alert(1)> [click](http://evil) `code` | cell"
    deployed.declare("sources: {bot: {quarantine_threshold: 1}}")
    deployed.drop(DAY, log(simulation("a"), {**BAD, "messages": evil}), name="<b>[x](y)`.json")
    shown = str(materialized(deployed.run(DAY))["valid_traces"].metadata["problems"].value)
    body = shown.split("|---|\n")[1]
    cells = body.strip().removeprefix("| ").removesuffix(" |").split(" | ")
    assert len(cells) == 5
    assert not set("<>[]()`") & set(body)
    assert "&#60;b&#62;" in cells[0]


def test_a_run_of_an_unchanged_drop_makes_nothing_anew(deployed: Deployed) -> None:
    deployed.drop(DAY, log(simulation("a")))
    first, second = (materialized(deployed.run(DAY)) for _ in range(2))
    for asset in CHAIN:
        assert _version(first[asset]) == _version(second[asset]), asset
    for asset in CHAIN[:-1]:
        assert first[asset].metadata["unchanged"].value is False, asset
        assert second[asset].metadata["unchanged"].value is True, asset
    assert first["published_dataset"].metadata["files_sent"].value == 3
    assert second["published_dataset"].metadata["files_sent"].value == 0


def test_changed_content_has_another_data_version(deployed: Deployed) -> None:
    deployed.drop(DAY, log(simulation("a")))
    first = materialized(deployed.run(DAY))
    deployed.drop(DAY, log(simulation("b")), name="late.json")
    second = materialized(deployed.run(DAY))
    for asset in CHAIN:
        assert _version(first[asset]) != _version(second[asset]), asset


def test_a_source_is_joined_over_its_days_and_the_newest_trace_wins(deployed: Deployed) -> None:
    deployed.drop(DAY, log(simulation("a", "old"), simulation("b")))
    deployed.drop("2026-01-03|bot", log(simulation("a", "new")))
    assert deployed.run(DAY).success
    assert deployed.run("2026-01-03|bot").success
    run = deployed.run("bot", "join_source")
    assert run.success, failures(run)
    metadata = materialized(run)["source_dataset"].metadata
    counts = {name: metadata[name].value for name in ("dagster/row_count", "days", "superseded")}
    assert counts == {"dagster/row_count": 2, "days": 2, "superseded": 1}
    rows = deployed.published("bot/all-days")["bot.jsonl"]
    assert b"new" in rows
    assert b"old" not in rows


def test_a_source_without_any_day_is_not_published_and_says_so(deployed: Deployed) -> None:
    run = deployed.run("bot", "join_source")
    assert not run.success
    (reason,) = failures(run)
    assert "no day of it has enriched traces yet" in reason
    assert deployed.published("bot/all-days") == {}


def test_a_drop_that_is_not_there_fails_at_once_and_says_where_it_was_looked_for(
    deployed: Deployed,
) -> None:
    run = deployed.run(DAY)
    assert not run.success
    assert not [event for event in run.all_events if event.is_step_up_for_retry]
    assert failures(run) == [f"{deployed.folder}/inbox/bot/2026-01-02: the drop has no files. "]


def test_a_wrong_sources_yaml_fails_at_once_with_its_own_words(deployed: Deployed) -> None:
    deployed.drop(DAY, log(simulation("a")))
    deployed.declare("sources: {bot: {treshold: 1}}")
    run = deployed.run(DAY)
    assert not [event for event in run.all_events if event.is_step_up_for_retry]
    (reason,) = failures(run)
    assert "sources.bot.treshold: unknown key; known: format," in reason


@pytest.mark.parametrize(
    ("error", "attempts"),
    [
        (StoreError("the connection was lost", retryable=True), 3),
        (StoreError("the disk is full"), 1),
        (ConfigError("a wrong key"), 1),
    ],
    ids=str,
)
def test_only_what_a_retry_can_cure_is_tried_again(error: Exception, attempts: int) -> None:
    tried: list[int] = []

    @dg.asset(retry_policy=dg.RetryPolicy(max_retries=2))
    @failing_clearly()
    def broken() -> dg.MaterializeResult:
        tried.append(len(tried))
        raise error

    run = dg.materialize([broken], raise_on_error=False)
    assert not run.success
    assert len(tried) == attempts
    assert str(error) in failures(run)[0]
    assert RETRY.max_retries > 0


def test_a_partition_key_may_be_a_plain_text(deployed: Deployed) -> None:
    deployed.drop(DAY, log(simulation("a")))
    key = "".join(DAY)
    assert type(key) is str
    assert deployed.run(key).success


def _version(materialization: dg.AssetMaterialization) -> str:
    return (materialization.tags or {})["dagster/data_version"]
