"""The recipe of the examples: one command makes a training set that an upload would take."""

from pathlib import Path

import yaml

from tests.command import ROOT, run
from tests.training.making import read


def test_the_example_recipe_makes_a_training_set_in_one_command(tmp_path: Path) -> None:
    desk = ROOT / "examples/inbox/lending-desk"
    assert run("convert", desk, "--key", "desk", "--out", tmp_path).returncode == 0
    recipe, out = ROOT / "examples/recipe.yaml", tmp_path / "training"
    made = run("training-set", tmp_path / "desk.jsonl", "--recipe", recipe, "--out", out)
    assert made.returncode == 0, made.stdout + made.stderr
    assert "57 kept, 1 filtered" in made.stdout
    assert "56 labels by the log: no_endpoint" in made.stdout
    assert len(read(out / "dataset/train.jsonl")) == len(read(out / "dataset/test.jsonl")) == 28
    assert {
        "question": "I am looking for Middlemarch",
        "answer": '{"name": "find_book", "parameters": {"title": "Middlemarch"}}',
    } in [*read(out / "dataset/train.jsonl"), *read(out / "dataset/test.jsonl")]


def test_the_asset_of_the_example_has_the_same_recipe() -> None:
    declared = yaml.safe_load((ROOT / "sources.yaml").read_text(encoding="utf-8"))
    recipe = yaml.safe_load((ROOT / "examples/recipe.yaml").read_text(encoding="utf-8"))
    assert declared["sources"]["lending-desk"]["training"] == recipe
