"""The stages of a training set: each keeps what it made, and is made again alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.stages.test_interactions import Day
from tests.training.making import recipe, recipe_dict
from trace_assets.artifacts import Artifact, Manifest
from trace_assets.errors import ConfigError, NotFoundError
from trace_assets.stages import training
from trace_assets.training.recipe import Recipe

QA = recipe("question-answering")


def simulation(number: int, answer: str = "See the tower.") -> dict[str, Any]:
    text = f"What is there to see number {number} in town {number * 7} on day {number + 3}?"
    return {
        "id": f"s{number:02d}",
        "task_id": "1",
        "messages": [
            {"role": "user", "content": text},
            {"role": "assistant", "content": answer},
        ],
    }


class Source:
    """A source with enriched days, and what its stages made of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.days: dict[str, Artifact] = {}

    def add(self, date: str, *simulations: dict[str, Any]) -> None:
        day = Day(self.folder / date, *simulations)
        day.enrich()
        self.days[date] = day.artifact("enriched")

    def artifact(self, name: str) -> Artifact:
        store = next(iter(self.days.values())).store
        return Artifact(store, f"{name}/bot")

    def run(self, made: Recipe = QA) -> dict[str, tuple[Manifest, bool]]:
        names = ("relevant_traces", "relabelled_examples", "split", "training_set")
        relevant, labelled, placed, output = map(self.artifact, names)
        return {
            "relevant_traces": training.relevant_traces(
                self.days, relevant, source="bot", recipe=made
            ),
            "relabelled_examples": training.relabelled_examples(relevant, labelled, recipe=made),
            "split": training.split(labelled, placed, recipe=made),
            "training_set": training.training_set(relevant, labelled, placed, output, recipe=made),
            "base_model_performance": training.base_model_performance(
                labelled, placed, self.artifact("performance"), recipe=made
            ),
        }

    def uploaded(self) -> list[dict[str, Any]]:
        with self.artifact("training_set").open("traces/traces.jsonl") as file:
            return [json.loads(line) for line in file]


@pytest.fixture
def source(tmp_path: Path) -> Source:
    source = Source(tmp_path)
    source.add("2026-01-01", *map(simulation, range(30)))
    source.add("2026-01-02", *map(simulation, range(29, 50)))
    return source


def test_the_days_of_a_source_become_a_training_set_that_an_upload_takes(source: Source) -> None:
    done = source.run()
    assert all(made for _, made in done.values())
    about = done["training_set"][0].about
    assert about["training_set"]["rows"] == {
        "traces": 50,
        "train": 25,
        "test": 25,
        "unstructured": 0,
    }
    assert not any(found["problems"] for found in about["checks"].values())
    assert about["relabelled_examples"]["labelled_by"] == "the log: no_endpoint"
    names = [file.name for file in done["training_set"][0].files]
    assert {"traces/traces.jsonl", "traces/config.yaml", "dataset/train.jsonl"} <= set(names)
    for asset in ("relevant_traces", "relabelled_examples", "split", "training_set"):
        assert source.artifact(asset).verify() == []


def test_a_trace_that_came_again_is_there_once_in_its_newest_words(source: Source) -> None:
    source.add("2026-01-03", simulation(4, "It was torn down."))
    relevant = source.run()["relevant_traces"][0].about
    assert (relevant["traces"]["kept"], relevant["superseded"]) == (50, 2)
    with source.artifact("relevant_traces").open("superseded.jsonl") as file:
        assert [json.loads(line)["trace_id"] for line in file] == ["s04", "s29"]
    answers = {each["messages"][1]["content"] for each in source.uploaded()}
    assert "It was torn down." in answers


def test_what_has_not_changed_is_not_made_again(source: Source) -> None:
    source.run()
    assert not any(made for _, made in source.run().values())
    other = Recipe.model_validate(recipe_dict("question-answering", num_traces_as_training_base=5))
    assert source.run(other)["split"][1]


def test_nothing_is_measured_where_the_labels_are_the_models_own(source: Source) -> None:
    about = source.run()["base_model_performance"][0].about
    assert (about["examples"], about["compared"]) == (25, 0)
    assert set(about["metrics"].values()) == {None}
    assert "nothing to compare with" in about["notes"][0]


def test_a_source_without_a_day_and_a_test_set_that_is_not_there_say_so(
    source: Source, tmp_path: Path
) -> None:
    with pytest.raises(NotFoundError, match="no day of it has enriched traces"):
        training.relevant_traces({}, source.artifact("none"), source="bot", recipe=QA)
    missing = recipe("question-answering", local={"test_set": str(tmp_path / "none.jsonl")})
    with pytest.raises(ConfigError, match=r"none\.jsonl: No such file"):
        source.run(missing)
