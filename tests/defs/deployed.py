"""What tests do with a deployment: drop logs, run jobs, tick the sensor."""

import json
import os
import time
from pathlib import Path
from typing import Any, NamedTuple

import dagster as dg

from trace_assets.definitions import defs
from trace_assets.defs.partitions import drop_of, key_of
from trace_assets.defs.resources import Deployment
from trace_assets.defs.sensors import new_drops
from trace_assets.drops import Drop


def simulation(name: str, text: str = "Hello") -> dict[str, Any]:
    """A record that becomes a trace of one turn."""
    messages = [
        {"role": "user", "content": text, "turn_idx": 0},
        {"role": "assistant", "content": "Goodbye", "turn_idx": 1},
    ]
    return {"id": name, "task_id": "1", "messages": messages}


def log(*simulations: Any) -> bytes:
    """A tau2bench log."""
    return json.dumps({"info": {}, "tasks": [], "simulations": simulations}).encode()


class Tick(NamedTuple):
    """What one tick of the sensor came to."""

    requests: list[dg.RunRequest]
    new_sources: list[str]
    skipped: str
    """Why there is no request; "" where there is one."""
    cursor: str

    @property
    def keys(self) -> list[str]:
        """The partitions that are asked for."""
        return [str(request.partition_key) for request in self.requests]


class Deployed(NamedTuple):
    """A deployment in a folder."""

    folder: Path
    instance: dg.DagsterInstance

    def declare(self, text: str) -> None:
        """Write `sources.yaml`."""
        (self.folder / "sources.yaml").write_text(text, encoding="utf-8")

    def drop(
        self, key: str, content: bytes, *, name: str = "log.json", minutes_ago: float = 60
    ) -> Path:
        """Put a file into the drop of a partition key."""
        file = self.folder / "inbox" / drop_of(key).prefix / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        written = time.time() - 60 * minutes_ago
        os.utime(file, (written, written))
        return file

    def run(self, key: str, job: str = "process_drop") -> dg.ExecuteInProcessResult:
        """Run a job for a partition, as the daemon would."""
        self.instance.add_dynamic_partitions("sources", [key.split("|")[-1]])
        partition = key_of(drop_of(key)) if "|" in key else key
        return defs.resolve_job_def(job).execute_in_process(
            partition_key=str(partition), instance=self.instance, raise_on_error=False
        )

    def manifest(self, asset: str, drop: Drop) -> Any:
        """What an asset holds."""
        return Deployment().artifact(asset, drop).manifest()

    def published(self, folder: str) -> dict[str, bytes]:
        """The files at the target, by name."""
        root = self.folder / "target" / folder
        return {file.name: file.read_bytes() for file in root.glob("*")}

    def tick(self, cursor: str | None = None) -> Tick:
        """One tick of the sensor; what it asks to be added to the sources is added."""
        with dg.build_sensor_context(
            instance_ref=self.instance.get_ref(),
            cursor=cursor,
            definitions=defs,
            resources={"deployment": Deployment()},
        ) as context:
            data = new_drops.evaluate_tick(context)
        new = [key for one in data.dynamic_partitions_requests or () for key in one.partition_keys]
        self.instance.add_dynamic_partitions("sources", new)
        return Tick(list(data.run_requests or ()), new, data.skip_message or "", data.cursor or "")


def materialized(run: dg.ExecuteInProcessResult) -> dict[str, dg.AssetMaterialization]:
    """What a run made, by asset."""
    events = run.get_asset_materialization_events()
    return {one.asset_key.to_user_string(): one.materialization for one in events if one.asset_key}


def checks(run: dg.ExecuteInProcessResult) -> dict[str, dg.AssetCheckEvaluation]:
    """What the checks of a run found, by asset and check."""
    found = run.get_asset_check_evaluations()
    return {f"{one.asset_key.to_user_string()}:{one.check_name}": one for one in found}


def failures(run: dg.ExecuteInProcessResult) -> list[str]:
    """The words of the steps that failed."""
    data = [event.step_failure_data for event in run.get_step_failure_events()]
    return [
        one.user_failure_data.description
        if one.user_failure_data and one.user_failure_data.description
        else one.error_display_string
        for one in data
    ]
