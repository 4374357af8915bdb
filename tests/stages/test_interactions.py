"""The stage `interactions`: enriched rows with the words of the records they came from."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.s3_server import S3Server
from trace_assets.artifacts import Artifact, Manifest
from trace_assets.drops import Drop
from trace_assets.enrich import Defaults
from trace_assets.errors import StoreError
from trace_assets.interactions import InteractionsConfig
from trace_assets.stages import convert, enrich, fetch, validate
from trace_assets.stages import interactions as stage
from trace_assets.store import store_at

BOT = Drop("bot", "2026-01-02")


def simulation(name: str) -> dict[str, Any]:
    call = {"id": "c1", "name": "get_line", "arguments": {"line": 7}, "requestor": "assistant"}
    answer = {"id": "c1", "role": "tool", "content": "[7]", "requestor": "assistant"}
    return {
        "id": name,
        "task_id": "1",
        "reward_info": {"reward": 1.0},
        "messages": [
            {"role": "assistant", "content": "Hi!"},
            {"role": "user", "content": "My line?", "mood": 3},
            {"role": "assistant", "content": None, "tool_calls": [call], "thinking": "hm"},
            {**answer, "error": False},
            {"role": "assistant", "content": "It is 7."},
            {"role": "user", "content": "Bye"},
        ],
    }


class Day:
    """The chain up to the enriched traces of one drop."""

    def __init__(self, place: Path | str, *simulations: dict[str, Any]) -> None:
        self.inbox = store_at(f"{place}/inbox")
        self.store = store_at(f"{place}/store")
        self.take(*simulations)

    def artifact(self, name: str) -> Artifact:
        return Artifact(self.store, f"{name}/{BOT.source}/{BOT.date}")

    def take(self, *simulations: dict[str, Any]) -> None:
        log = {"info": {}, "tasks": [], "simulations": list(simulations)}
        self.inbox.put(f"{BOT.prefix}log.json", json.dumps(log).encode())
        raw, converted, valid = map(self.artifact, ("raw", "converted", "valid"))
        fetch.fetch(self.inbox, raw, drop=BOT)
        convert.convert(raw, converted)
        validate.validate(raw, converted, valid)

    def enrich(self) -> None:
        enrich.enrich(
            self.artifact("valid"), self.artifact("enriched"), drop=BOT, defaults=Defaults()
        )

    def run(self, **config: Any) -> tuple[Manifest, bool]:
        names = ("raw", "valid", "enriched", "interactions")
        return stage.interactions(
            *map(self.artifact, names), config=InteractionsConfig.model_validate(config)
        )

    def steps(self, directory: str) -> list[dict[str, Any]]:
        with self.artifact("interactions").open(f"interactions/{directory}/steps.jsonl") as file:
            return [json.loads(line) for line in file]


@pytest.fixture
def day(tmp_path: Path) -> Day:
    day = Day(tmp_path, simulation("one"), simulation("two"))
    day.enrich()
    return day


def test_the_artifact_holds_the_layout_and_a_report(day: Day) -> None:
    manifest, made = day.run()
    assert made
    assert [file.name for file in manifest.files] == [
        *(
            f"interactions/{name}-turn-{turn}/{file}"
            for name in ("one", "two")
            for turn in (0, 1)
            for file in ("metadata.json", "steps.jsonl")
        ),
        "report.json",
    ]
    counts = {name: manifest.about[name] for name in ("traces", "interactions", "steps", "errors")}
    assert counts == {"traces": 2, "interactions": 4, "steps": 8, "errors": {}}


def test_raw_is_what_stands_in_the_log(day: Day) -> None:
    manifest, _ = day.run()
    messages = simulation("two")["messages"]
    greeting, tool, answer = day.steps("two-turn-0")
    assert greeting["raw"] == {"message": messages[0]}
    assert tool["raw"]["message"] == messages[2]
    assert tool["raw"]["output"] == messages[3]
    assert answer["raw"] == {"inputs": [messages[1]], "message": messages[4]}
    assert answer["metadata"]["raw_at"] == [f"log.json#simulations/1/messages/{n}" for n in (1, 4)]
    assert greeting["metadata"]["trace"]["extra"]["reward_info"] == {"reward": 1.0}
    assert manifest.about["raw_from"] == {"record": 8}


def test_the_same_day_is_not_made_again_and_gives_the_same_bytes(day: Day, tmp_path: Path) -> None:
    first, _ = day.run()
    again, made = day.run()
    assert (made, again) == (False, first)
    other = Day(tmp_path / "other", simulation("one"), simulation("two"))
    other.enrich()
    assert other.run()[0].digest == first.digest


def test_many_interactions_are_written_to_a_bucket_as_to_a_folder(
    tmp_path: Path, s3_server: S3Server
) -> None:
    simulations = [simulation(f"s{number}") for number in range(50)]
    digests: set[str] = set()
    for place in (tmp_path, f"s3://{s3_server.bucket('interactions')}"):
        day = Day(place, *simulations)
        day.enrich()
        manifest, _ = day.run()
        assert len(manifest.files) == 50 * 2 * 2 + 1
        assert day.artifact("interactions").verify() == []
        digests.add(manifest.digest)
    assert len(digests) == 1


def test_another_rule_makes_the_day_again(day: Day) -> None:
    day.run()
    noisy = [{"attribute": "name", "equals_value": "get_line"}]
    manifest, made = day.run(per="trace", roles={"noisy": noisy})
    assert made
    assert manifest.about["interactions"] == 2
    assert [step["tags"].get("noisy") for step in day.steps("one")] == [None, "true", None, None]


def test_rows_of_another_run_than_their_places_are_not_mixed(day: Day) -> None:
    day.take(simulation("two"), simulation("three"))
    with pytest.raises(StoreError, match="run enriched_traces again"):
        day.run()
    assert day.artifact("interactions").manifest() is None
