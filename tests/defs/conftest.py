"""A deployment of the project in a folder of its own, with a Dagster instance on disk."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from tests.defs.deployed import Deployed


@pytest.fixture(scope="session")
def fresh_instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance that nothing ever ran on; to copy, because making one takes two seconds."""
    folder = tmp_path_factory.mktemp("fresh") / "instance"
    folder.mkdir()
    with dg.DagsterInstance.local_temp(str(folder)) as instance:
        instance.get_runs(limit=1)
        instance.get_latest_materialization_event(dg.AssetKey("raw_logs"))
    return folder


@pytest.fixture
def deployed(
    tmp_path: Path, fresh_instance: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Deployed]:
    """Inbox, store, target and instance, all empty; the environment names them."""
    for name in ("inbox", "store", "target"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(f"TRACE_ASSETS_{name.upper()}", str(tmp_path / name))
    monkeypatch.setenv("TRACE_ASSETS_SOURCES", str(tmp_path / "sources.yaml"))
    shutil.copytree(fresh_instance, tmp_path / "instance")
    with dg.DagsterInstance.local_temp(str(tmp_path / "instance")) as instance:
        yield Deployed(tmp_path, instance)
