"""The instance in PostgreSQL: the block of `dagster.yaml` that waits for it, on a real server."""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.postgres_server import DATABASE, PASSWORD, USER, PostgresServer, binaries
from tests.project import copy_project

_MADE = """
import dagster as dg, json
instance = dg.DagsterInstance.get()
keys = instance.get_materialized_partitions(dg.AssetKey("published_dataset"))
print(json.dumps([type(instance.event_log_storage).__name__, sorted(keys)]))
"""


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    # Not below pytest's folder, which only its owner may enter: the server has a user of its own.
    with tempfile.TemporaryDirectory() as folder:
        running = PostgresServer(Path(folder), programs)
        try:
            yield running
        finally:
            running.stop()


def with_postgres(settings: str) -> str:
    """`dagster.yaml` with its block for PostgreSQL uncommented."""
    return re.sub(r"^# ((?:storage:|  ).*)$", r"\1", settings, flags=re.MULTILINE)


def test_days_are_kept_in_postgres_by_the_block_that_is_ready_for_it(
    server: PostgresServer, tmp_path: Path
) -> None:
    project = copy_project(tmp_path)
    settings = with_postgres((project / "dagster.yaml").read_text(encoding="utf-8"))
    assert list(yaml.safe_load(settings)["storage"]) == ["postgres"]
    (project / "dagster.yaml").write_text(settings, encoding="utf-8")
    unset = {"DAGSTER_HOME", "TRACE_ASSETS_STORE", "TRACE_ASSETS_TARGET", "TRACE_ASSETS_SOURCES"}
    environment = {name: value for name, value in os.environ.items() if name not in unset} | {
        "TRACE_ASSETS_INBOX": "examples/inbox",
        "DAGSTER_PG_HOST": "127.0.0.1",
        "DAGSTER_PG_PORT": str(server.port),
        "DAGSTER_PG_USER": USER,
        "DAGSTER_PG_PASSWORD": PASSWORD,
        "DAGSTER_PG_DB": DATABASE,
    }

    def ran(*command: str, home: str | None = None) -> str:
        more = {"DAGSTER_HOME": home} if home else {}
        ended = subprocess.run(
            [sys.executable, *command],
            cwd=project,
            env=environment | more,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    source = ["--source", "telecom-agent"]
    told = json.loads(ran("-m", "trace_assets", "backfill", *source).splitlines()[-1])
    assert told["failed"] == {}
    storage, days = json.loads(ran("-c", _MADE, home=str(project)))
    assert storage == "PostgresEventLogStorage"
    assert days == ["2026-01-02|telecom-agent", "2026-01-03|telecom-agent"]
    ran("-m", "trace_assets", "prune", "--keep-days", "1")
