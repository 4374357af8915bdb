"""The first thing that a new user runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project import copy_project
from trace_assets.formats import formats
from trace_assets.onepass.inputs import Input
from trace_assets.onepass.opening import detected


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_project(tmp_path)


def demo(project: Path, inbox: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name != "DAGSTER_HOME" and not name.startswith("TRACE_ASSETS_")
    }
    return subprocess.run(
        [sys.executable, "-m", "trace_assets.demo"],
        cwd=project,
        env=environment | ({"TRACE_ASSETS_INBOX": inbox} if inbox else {}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_demo_makes_datasets_of_the_examples_and_says_where_they_are(project: Path) -> None:
    before = {path.name for path in project.iterdir()}
    run = demo(project)
    assert (run.returncode, run.stderr) == (0, "")
    lines = run.stdout.splitlines()
    assert "telecom-agent 2026-01-02: 3 records = 3 converted" in lines
    assert (
        "telecom-agent 2026-01-03: 4 records = 2 converted, 1 duplicate, "
        "1 quarantined (1 empty_trace)"
    ) in lines
    datasets = [line.split() for line in lines if line.endswith(".jsonl")]
    assert len(datasets) == len(list((project / "examples/inbox").iterdir()))
    for _, count, dataset in datasets:
        assert Path(dataset).read_bytes().count(b"\n") == int(count)
    assert {path.name for path in project.iterdir()} == before | {".dagster_state", "data"}


def test_a_demo_without_an_inbox_says_so(project: Path) -> None:
    run = demo(project, "nowhere")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.endswith(
        "nowhere: there is no such folder; create it or correct the setting\n"
    )


def test_there_is_an_example_of_every_format() -> None:
    files = sorted(path for path in Path("examples/inbox").rglob("*") if path.is_file())
    found = {detected(Input(path, path.name), None).log.format for path in files}
    assert found == set(formats())
