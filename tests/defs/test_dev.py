"""`make dev` as a user starts it: a file in the default inbox is processed without a command."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.defs.deployed import log, simulation
from tests.project import FILES, FOLDERS, copy_project
from trace_assets.demo import LINEAGE

T = TypeVar("T")

SENSORS = """{ workspaceOrError { ... on Workspace { locationEntries { locationOrLoadError {
    ... on RepositoryLocation { repositories { sensors { name sensorState { status } } } }
    ... on PythonError { message } } } } } }"""
GROUPS = "{ assetNodes { groupName repository { location { name } } } }"
RUNS = "{ runsOrError { ... on Runs { results { jobName status } } } }"


def unset_environment() -> dict[str, str]:
    """The environment of a user who has set nothing."""
    return {
        name: value
        for name, value in os.environ.items()
        if name != "DAGSTER_HOME" and not name.startswith("TRACE_ASSETS_")
    }


class Dev:
    """A running `make dev`."""

    def __init__(self, folder: Path) -> None:
        self.url = f"http://127.0.0.1:{_free_port()}"
        self.log = folder.parent / "dev.log"
        port = self.url.rpartition(":")[2]
        installed = ("--old-file=.venv/installed", f"BIN={Path(sys.executable).parent}")
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                ["make", *installed, f"PORT={port}", "dev"],
                cwd=folder,
                env=unset_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def ask(self, query: str) -> Any:
        """The answer to a GraphQL query, or None while there is none."""
        body = json.dumps({"query": query}).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/graphql", body, headers)  # noqa: S310 - http
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - http
                return json.load(answer)["data"]
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return None

    def stop(self) -> None:
        """Stop as Ctrl-C does, and wait for all of it to end."""
        os.killpg(self.process.pid, signal.SIGINT)  # a terminal signals the whole session
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)  # the session that we began, alone
            self.process.wait(timeout=10)
            raise


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return copy_project(folder)


@pytest.fixture
def dev(project: Path) -> Iterator[Dev]:
    (project / "sources.yaml").write_text("sources: {bot: {settle_seconds: 0}}", encoding="utf-8")
    done_before = project / "data" / "inbox" / "bot" / "2026-01-01"
    done_before.mkdir(parents=True)
    (done_before / "log.json").write_bytes(log(simulation("before")))
    subprocess.run(
        [sys.executable, "-m", "trace_assets", "backfill"],
        cwd=project,
        env=unset_environment(),
        stdout=subprocess.DEVNULL,
        timeout=60,
        check=True,
    )
    running = Dev(project)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.stop()


def test_a_dropped_file_is_processed_by_itself_and_what_a_backfill_did_is_not_done_again(
    dev: Dev, project: Path
) -> None:
    drop = project / "data" / "inbox" / "bot" / "2026-01-02"
    drop.mkdir(parents=True)
    (drop / "log.json").write_bytes(log(simulation("a")))

    (sensor,) = within(60, dev, lambda: _sensors(dev.ask(SENSORS)))
    assert (sensor["name"], sensor["sensorState"]["status"]) == ("new_drops", "RUNNING")
    groups = {
        (node["repository"]["location"]["name"], node["groupName"])
        for node in dev.ask(GROUPS)["assetNodes"]
    }
    ((location, group),) = groups
    assert f"/locations/{location}/asset-groups/{group}/" in LINEAGE
    manifest = project / "data" / "target" / "bot" / "2026-01-02" / "manifest.json"
    within(90, dev, manifest.exists)
    runs = within(30, dev, lambda: _ended(dev.ask(RUNS), more_than=2))
    assert [run["status"] for run in runs] == ["SUCCESS"] * 3
    assert [run["jobName"] for run in runs] == ["process_drop", "join_source", "process_drop"]

    dev.stop()
    left = {path.name for path in project.iterdir()}
    assert left == {*FILES, *FOLDERS, "data", ".dagster_state"}
    assert "will be removed" not in dev.log.read_text(encoding="utf-8")


def within(seconds: float, dev: Dev, look: Callable[[], T | None]) -> T:
    """What comes within a time; else the test fails and shows what `dagster dev` said."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and dev.process.poll() is None:
        if found := look():
            return found
        time.sleep(0.25)
    pytest.fail(f"not within {seconds} s:\n{dev.log.read_text(encoding='utf-8')[-5000:]}")


def _sensors(answer: Any) -> list[Any] | None:
    entries = answer["workspaceOrError"]["locationEntries"] if answer else []
    located = [entry["locationOrLoadError"] for entry in entries]
    assert not any("message" in one for one in located if one), located
    return [
        sensor
        for one in located
        for repository in (one or {}).get("repositories", ())
        for sensor in repository["sensors"]
    ] or None


def _ended(answer: Any, *, more_than: int) -> list[Any] | None:
    runs = answer["runsOrError"]["results"] if answer else []
    are_over = all(run["status"] in {"SUCCESS", "FAILURE"} for run in runs)
    return runs if len(runs) > more_than and are_over else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
