"""Recipes: the platform's names and defaults; what is wrong is named with what is known."""

from pathlib import Path

import pytest
import yaml

from tests.trace.making import Value
from tests.training.making import recipe_dict
from trace_assets.errors import ConfigError
from trace_assets.training.recipe import load_recipe


def error_of(folder: Path, made: Value | str) -> str:
    path = folder / "recipe.yaml"
    text = made if isinstance(made, str) else yaml.safe_dump(made)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_recipe(path)
    return str(caught.value).removeprefix(f"{path}: ")


def test_a_wrong_key_is_named_with_the_known_ones(tmp_path: Path) -> None:
    made = recipe_dict("question-answering", relable=True)
    assert error_of(tmp_path, made).startswith(
        "config.trace_processing.relable: unknown key; known: relabel, convert_to_single_turn, "
    )
    made = recipe_dict("question-answering") | {"jobs": 1}
    assert error_of(tmp_path, made) == "jobs: unknown key; known: job_description, config, local"
    made = recipe_dict("question-answering")
    made["config"]["tuning"] = {"rlvr_dataset_size": 0.1, "lora": 1}
    assert "unknown key lora; known: learning_rate, " in error_of(tmp_path, made)


def test_a_task_that_traces_cannot_make_is_refused(tmp_path: Path) -> None:
    error = error_of(tmp_path, recipe_dict("question-answering-open-book"))
    assert error.startswith("config.base.task: Input should be 'question-answering', ")
    assert "found 'question-answering-open-book'" in error


@pytest.mark.parametrize(
    ("task", "name"),
    [
        ("question-answering", "input_description"),
        ("classification", "classes_description"),
        ("tool-calling-closed-book", "tools"),
        ("multi-turn-tool-calling-closed-book", "tools"),
    ],
)
def test_a_task_says_what_the_job_description_lacks(tmp_path: Path, task: str, name: str) -> None:
    made = recipe_dict(task)
    del made["job_description"][name]
    assert error_of(tmp_path, made) == f"job_description.{name}: required for the task {task}"


def test_multi_turn_wants_whole_conversations_said_aloud(tmp_path: Path) -> None:
    made = recipe_dict("multi-turn-tool-calling-closed-book", convert_to_single_turn=True)
    assert "convert_to_single_turn: must be set to false" in error_of(tmp_path, made)


def test_tools_that_are_no_functions_or_have_no_schema_are_refused(tmp_path: Path) -> None:
    made = recipe_dict("tool-calling-closed-book")
    made["job_description"]["tools"] = [{"name": "get_time"}]
    assert 'tools.0: expected {"type": "function"' in error_of(tmp_path, made)
    wrong = {"name": "get_time", "parameters": {"type": "objekt"}}
    made["job_description"]["tools"] = [{"type": "function", "function": wrong}]
    assert "tools.0.function.parameters: no JSON Schema" in error_of(tmp_path, made)


def test_a_recipe_that_is_no_yaml_or_empty_says_so(tmp_path: Path) -> None:
    assert error_of(tmp_path, "a: [").startswith("not YAML: ")
    assert "job_description: required" in error_of(tmp_path, "")
