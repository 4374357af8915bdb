"""The asset `interactions`: what a person sees of it, and its blocking check."""

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from trace_assets.artifacts import Artifact
from trace_assets.defs.assets import (
    converted_traces,
    enriched_traces,
    interactions,
    raw_logs,
    valid_traces,
)
from trace_assets.defs.partitions import DROPS, key_of
from trace_assets.defs.resources import Deployment
from trace_assets.drops import Drop
from trace_assets.store import store_at

BOT = Drop("bot", "2026-01-02")
ASSETS = [
    raw_logs.raw_logs,
    converted_traces.converted_traces,
    valid_traces.valid_traces,
    enriched_traces.enriched_traces,
    interactions.interactions,
]
CHAT = [
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Ho"},
    {"role": "user", "content": "Bye"},
]


@pytest.fixture
def places(tmp_path: Path) -> dict[str, str]:
    log = {"simulations": [{"id": "one", "task_id": "1", "messages": CHAT}]}
    path = tmp_path / "inbox" / BOT.prefix / "log.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(log), encoding="utf-8")
    declared = "sources: {bot: {interactions: {per: trace, roles: {short: [" + (
        "{attribute: output_data, equals_value: Ho}]}}}}"
    )
    (tmp_path / "sources.yaml").write_text(declared, encoding="utf-8")
    names = {name: str(tmp_path / name) for name in ("inbox", "store", "target")}
    return {**names, "sources": str(tmp_path / "sources.yaml")}


def materialize(places: dict[str, str]) -> dg.ExecuteInProcessResult:
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("sources", [BOT.source])
        return dg.materialize(
            ASSETS,
            partition_key=key_of(BOT),
            resources={"deployment": Deployment(**places)},
            instance=instance,
        )


def metadata_of(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    [event] = result.asset_materializations_for_node("interactions")
    return {name: value.value for name, value in event.metadata.items()}


def test_the_asset_writes_interactions_as_the_source_declares_them(places: dict[str, str]) -> None:
    metadata = metadata_of(materialize(places))
    assert (metadata["interactions"], metadata["steps"], metadata["groups"]) == (1, 2, 1)
    assert metadata["raw_from"] == {"record": 2}
    assert metadata["findings"] == "Nothing odd was found."
    artifact = Artifact(store_at(places["store"]), f"interactions/{BOT.source}/{BOT.date}")
    with artifact.open("interactions/one/steps.jsonl") as file:
        first, last = (json.loads(line) for line in file)
    assert (first["tags"]["short"], "short" in last["tags"]) == ("true", False)


def test_the_check_blocks_and_says_what_was_looked_at(places: dict[str, str]) -> None:
    result = materialize(places)
    [check] = [
        each
        for each in result.get_asset_check_evaluations()
        if each.check_name == interactions.INTERACTIONS_HOLD
    ]
    assert check.passed
    assert check.blocking
    assert check.description == "2 steps in 1 interactions"


def test_the_asset_is_loaded_with_its_neighbours() -> None:
    from trace_assets.definitions import defs

    node = defs.get_repository_def().asset_graph.get(dg.AssetKey("interactions"))
    assert node.group_name == "traces"
    assert node.partitions_def == DROPS
    assert node.parent_keys == {dg.AssetKey("enriched_traces")}
