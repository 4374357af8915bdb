"""Recipes and datasets for tests, and short ways to look at what became of them."""

import argparse
import json
from pathlib import Path
from typing import Any

import yaml

from tests.trace.making import Value
from trace_assets.trace import Trace
from trace_assets.training.command import add_arguments, run
from trace_assets.training.conversation import Conversation, conversation_of
from trace_assets.training.examples import Labelled, labels_of
from trace_assets.training.recipe import Recipe
from trace_assets.training.rows import NoRow, Row, Rows

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
            "required": ["city"],
        },
    },
}
TIME = {"type": "function", "function": {"name": "get_time", "parameters": {"type": "object"}}}

NEEDED: dict[str, dict[str, Any]] = {
    "question-answering": {"input_description": "A question"},
    "classification": {"classes_description": {"billing": "Money", "other": "All else"}},
    "tool-calling-closed-book": {"tools": [WEATHER, TIME]},
    "multi-turn-tool-calling-closed-book": {"tools": [WEATHER, TIME]},
}


def recipe_dict(task: str, *, local: Value | None = None, **processing: Any) -> Value:
    if task.startswith("multi-turn"):
        processing = {"convert_to_single_turn": False, **processing}
    job = {"task_description": "Answer what the user asks.", **NEEDED.get(task, {})}
    config = {"base": {"task": task}, "trace_processing": processing}
    return {
        "job_description": job,
        "config": config,
        "local": {"relevance_threshold": None, **(local or {})},
    }


def recipe(task: str, *, local: Value | None = None, **processing: Any) -> Recipe:
    return Recipe.model_validate(recipe_dict(task, local=local, **processing))


def trace(*items: Value, trace_id: str = "t", **extra: Any) -> Value:
    metadata = {"trace_id": trace_id, "extra": extra}
    return Trace.from_items(list(items), metadata=metadata).model_dump(mode="json")


def conversation(*items: Value, trace_id: str = "t", **extra: Any) -> Conversation:
    made = conversation_of(
        trace(*items, trace_id=trace_id, **extra), trace_id=trace_id, source_uri=f"log#{trace_id}"
    )
    assert isinstance(made, Conversation), made
    return made


def labelled(made: Recipe, *items: Value, **named: Any) -> Labelled:
    return labels_of(conversation(*items, **named), made)


def rows(made: Recipe, *items: Value) -> list[Row | NoRow]:
    return list(Rows(made).of(labelled(made, *items)))


def dataset(folder: Path, *traces: Value | bytes) -> Path:
    path = folder / "day.jsonl"
    with path.open("wb") as file:
        for each in traces:
            if isinstance(each, bytes):
                file.write(each + b"\n")
                continue
            trace_id = each["metadata"]["trace_id"]
            row = {"trace": each, "trace_id": trace_id, "source_uri": f"log.json#{trace_id}"}
            file.write(json.dumps(row).encode() + b"\n")
    return path


def command(folder: Path, made: Value, *arguments: object) -> int:
    path = folder / "recipe.yaml"
    path.write_text(yaml.safe_dump(made), encoding="utf-8")
    return command_of(*arguments, "--recipe", path, "--out", folder / "out")


def command_of(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return run(parser.parse_args([str(each) for each in arguments]))


def read(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
