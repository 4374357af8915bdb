"""Many days in one process, and trimming the history of their runs, on the UI's own instance."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from tests.defs.deployed import Deployed, log, simulation
from trace_assets.definitions import defs
from trace_assets.defs.backfill import BackfillResult, backfill, open_instance
from trace_assets.defs.prune import prune
from trace_assets.errors import ConfigError
from trace_assets.progress import progress

CONFIG = Path(__file__).parent.parent.parent / "dagster.yaml"
DAYS = ["2026-01-02|bot", "2026-01-03|bot", "2026-01-04|bot"]


@pytest.fixture
def project(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployed]:
    """The deployment's folder as the project's: the instance is what `dagster.yaml` says."""
    shutil.copy(CONFIG, deployed.folder)
    monkeypatch.chdir(deployed.folder)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    with open_instance() as instance:
        yield deployed._replace(instance=instance)


def fill(
    *, sources: list[str] | None = None, first: str | None = None, last: str | None = None
) -> tuple[BackfillResult, list[str]]:
    said: list[str] = []
    with progress(0, unit="partitions") as bar:
        result = backfill(defs, sources=sources, first=first, last=last, bar=bar, say=said.append)
    return result, said


def test_a_backfill_goes_on_past_a_failure_lists_it_and_joins_the_rest(project: Deployed) -> None:
    for key in DAYS:
        project.drop(key, log(simulation(key)))
    project.drop(DAYS[1], b"[1, 2", name="broken.json")
    result, said = fill()
    assert result.done == [DAYS[0], DAYS[2], "bot"]
    assert list(result.failed) == [DAYS[1]]
    assert "quarantine_share" in result.failed[DAYS[1]]
    assert said == [f"{DAYS[1]}: failed: {result.failed[DAYS[1]]}"]
    assert result.as_dict()["partitions"] == 4
    assert project.published("bot/all-days")["bot.jsonl"].count(b"\n") == 2


def test_the_instance_shows_the_runs_and_all_its_files_are_in_one_folder(
    project: Deployed,
) -> None:
    before = {path.name for path in project.folder.iterdir()}
    project.drop(DAYS[0], log(simulation("a")))
    fill()
    runs = project.instance.get_runs()
    assert sorted(run.job_name for run in runs) == ["join_source", "process_drop"]
    made = project.instance.get_materialized_partitions(dg.AssetKey("published_dataset"))
    assert made == {DAYS[0]}
    assert {path.name for path in project.folder.iterdir()} == before | {".dagster_state"}


def test_a_backfill_takes_the_sources_and_days_that_it_is_asked_for(project: Deployed) -> None:
    for key in (*DAYS, "2026-01-03|shop"):
        project.drop(key, log(simulation(key)))
    assert fill(sources=["bot"], first="2026-01-03", last="2026-01-03")[0].done == [
        DAYS[1],
        "bot",
    ]
    assert fill(sources=["shop"], first="2026-01-04")[0] == BackfillResult([], {})


def test_a_source_that_is_not_there_is_an_error_that_names_the_others(project: Deployed) -> None:
    project.drop(DAYS[0], log(simulation("a")))
    with pytest.raises(ConfigError, match="inbox: no drop of bto; the sources there: bot"):
        fill(sources=["bto"])


def test_what_is_no_day_is_an_error(project: Deployed) -> None:
    with pytest.raises(ConfigError, match="'2026-1-2' is no day; expected YYYY-MM-DD"):
        fill(first="2026-1-2")


def test_a_backfill_says_what_it_leaves_out(project: Deployed) -> None:
    project.drop(DAYS[0], log(simulation("a")))
    project.drop("2001-01-01|bot", log(simulation("b")))
    result, said = fill()
    assert result.done == [DAYS[0], "bot"]
    assert said[0].startswith("1 left out for a day outside of 2025-01-01 to")


def test_a_folder_without_dagster_yaml_is_an_error_that_says_what_to_do(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(deployed.folder)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    with pytest.raises(ConfigError, match="run the command in the project's folder"):
        fill()


def test_processes_in_other_folders_meet_in_the_instance_of_dagster_home(
    deployed: Deployed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, one, other = tmp_path / "home", tmp_path / "one", tmp_path / "other"
    for folder in (home, one, other):
        folder.mkdir()
    shutil.copy(CONFIG, home)
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    deployed.drop(DAYS[0], log(simulation("a")))
    monkeypatch.chdir(one)
    fill()
    monkeypatch.chdir(other)
    with dg.DagsterInstance.get() as instance:  # as the UI and the daemon open it
        made = instance.get_materialized_partitions(dg.AssetKey("published_dataset"))
    assert made == {DAYS[0]}
    assert not [*one.iterdir(), *other.iterdir()]


def test_pruning_deletes_only_the_runs_that_are_old_with_all_their_files(
    project: Deployed,
) -> None:
    for key in DAYS[:2]:
        project.drop(key, log(simulation(key)))
    fill(first="2026-01-02", last="2026-01-02")
    old = {run.run_id for run in project.instance.get_runs()}
    long_ago = datetime(2026, 1, 1, tzinfo=UTC) - timedelta(days=3650)
    _began(project, old, long_ago)
    fill(first="2026-01-03")
    new = {run.run_id for run in project.instance.get_runs()} - old

    assert prune(keep_days=30) == len(old) == 2

    assert {run.run_id for run in project.instance.get_runs()} == new
    named = {path.stem for path in (project.folder / ".dagster_state").rglob("*")}
    assert not named & old
    assert named >= new
    assert prune(keep_days=30) == 0
    assert project.published("bot/2026-01-02")


def _began(project: Deployed, runs: set[str], moment: datetime) -> None:
    """Let runs have begun earlier: Dagster has no call for that, so its database is told."""
    import sqlite3

    database = project.folder / ".dagster_state" / "history" / "runs.db"
    with sqlite3.connect(database) as connection:
        for run in runs:
            connection.execute(
                "UPDATE runs SET create_timestamp = ? WHERE run_id = ?",
                (f"{moment:%Y-%m-%d %H:%M:%S}.000000", run),
            )
    connection.close()
