"""Training sets of real logs: what is written is in the log, and can be uploaded or says why.

The recipes are for the logs as they are: every tool that is called, every conversation that fits.
"""

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.command import run
from tests.defs.deployed import Deployed, checks, materialized
from tests.trace.making import Value
from tests.training.making import read, tree
from tests.training.openai_server import KEY, OpenAIServer
from trace_assets.defs.resources import Deployment
from trace_assets.training.checks import CHECKS
from trace_assets.training.conversation import clean

CORPUS = os.environ.get("TRACE_ASSETS_CORPUS")
TASKS = {
    "openai_chat": "question-answering",
    "tau2bench": "tool-calling-closed-book",
    "langfuse": "question-answering",
}
TOO_FEW = {"langfuse": {"rows_are_enough"}}
"""Of these there are fewer conversations than the platform takes: what fails, and nothing else."""

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS, reason="TRACE_ASSETS_CORPUS names no folder of real logs"),
]


class Made(NamedTuple):
    """A training set of one folder of the corpus, and what it is made from."""

    name: str
    dataset: Path
    recipe: Path
    out: Path
    returncode: int
    said: str

    def traces(self) -> dict[tuple[str, str], Any]:
        """By id and place: two logs may tell of one run."""
        return {named(row): row for row in read(self.dataset)}

    def manifest(self) -> Any:
        return json.loads((self.out / "manifest.json").read_bytes())


@pytest.fixture(scope="module", params=TASKS)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    name = request.param
    folder = tmp_path_factory.mktemp(name)
    converted = run("convert", Path(CORPUS or ".") / name, "--key", name, "--out", folder)
    assert converted.returncode == 0, converted.stderr
    dataset, recipe = folder / f"{name}.jsonl", folder / "recipe.yaml"
    recipe.write_text(yaml.safe_dump(recipe_for(name, dataset)), encoding="utf-8")
    done = run("training-set", dataset, "--recipe", recipe, "--out", folder / "out")
    return Made(name, dataset, recipe, folder / "out", done.returncode, done.stdout + done.stderr)


def recipe_for(name: str, dataset: Path) -> Value:
    job: Value = {"task_description": "Do what the user asks.", "input_description": "A request"}
    if TASKS[name].startswith("tool-calling"):
        calls = {item["name"] for row in read(dataset) for item in items(row, "function_call")}
        job["tools"] = [
            {"type": "function", "function": {"name": call, "parameters": {"type": "object"}}}
            for call in sorted(calls)
        ]
    synthgen = {"validation_max_total_length": 30_000}
    config = {"base": {"task": TASKS[name]}, "synthgen": synthgen}
    return {"job_description": job, "config": config, "local": {"relevance_threshold": None}}


def items(row: Value, kind: str) -> list[Value]:
    return [item for item in row["trace"]["items"] if item["type"] == kind]


def texts(row: Value, role: str) -> list[str]:
    """What a role says in a trace, a text for each message."""
    messages = [item for item in items(row, "message") if item["role"] == role]
    return [
        clean("\n".join(part.get("text") or part.get("refusal") or "" for part in each["content"]))
        for each in messages
    ]


def calls(row: Value) -> list[Value]:
    return [
        {"name": item["name"], "parameters": json.loads(item["arguments"])}
        for item in items(row, "function_call")
        if item["arguments"].startswith("{")
    ]


def test_a_set_passes_all_checks_or_says_what_is_missing(made: Made) -> None:
    found = made.manifest()["checks"]
    failed = {name for name, each in found.items() if each["problems"] and CHECKS[name].blocking}
    assert failed == TOO_FEW.get(made.name, set())
    assert made.returncode == (1 if failed else 0)
    assert all(name in made.said for name in failed)
    for counts in made.manifest()["training_set"]["files"].values():
        assert counts["total"] == counts["rows"] + counts["left_out"]
    traces = made.manifest()["relevant_traces"]["traces"]
    assert traces["total"] == len(made.traces())


def test_each_row_says_what_the_trace_that_it_names_says(made: Made) -> None:
    traces = made.traces()
    told: dict[str, list[Value]] = {}
    for each in read(made.out / "provenance.jsonl"):
        told.setdefault(each["file"], []).append(each)
    for name in ("dataset/train.jsonl", "dataset/test.jsonl"):
        rows = read(made.out / name)
        assert [each["row"] for each in told[name]] == list(range(len(rows)))
        for each, row in zip(told[name], rows, strict=True):
            assert_is_of(row, traces[named(each)], each["turn"], TASKS[made.name])
    for each, row in zip(
        told["traces/traces.jsonl"], read(made.out / "traces/traces.jsonl"), strict=True
    ):
        said = texts(traces[named(each)], "user")
        assert [m["content"] for m in row["messages"] if m["role"] == "user"] == filled(said)


def named(row: Value) -> tuple[str, str]:
    return row["trace_id"], row["source_uri"]


def assert_is_of(row: Value, trace: Value, turn: int, task: str) -> None:
    asked = filled(texts(trace, "user"))[turn]
    assert asked in row["question"] or json.dumps(asked, ensure_ascii=False) in row["question"]
    if task.startswith("tool-calling"):
        assert json.loads(row["answer"]) in calls(trace)
    else:
        assert row["answer"] in {text.strip() for text in texts(trace, "assistant")}


def filled(said: list[str]) -> list[str]:
    return [text for text in said if text.strip()]


def test_train_and_test_are_of_other_traces_that_ask_for_other_things(made: Made) -> None:
    parts: dict[str, set[tuple[str, str]]] = {"train": set(), "test": set()}
    for each in read(made.out / "provenance.jsonl"):
        part = each["file"].removeprefix("dataset/").removesuffix(".jsonl")
        if part in parts:
            parts[part].add(named(each))
    assert not {name for name, _ in parts["train"]} & {name for name, _ in parts["test"]}
    traces = made.traces()
    asked = {
        part: [triples("\n".join(texts(traces[each], "user"))) for each in sorted(parts[part])]
        for part in parts
    }
    # The sketches of long texts are samples: a likeness of .80 may be taken for .75.
    for one, other in product(asked["train"], asked["test"]):
        assert len(one & other) < 0.85 * len(one | other)


def triples(text: str) -> set[str]:
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[n : n + 3]) for n in range(max(len(words) - 2, 1))}


@pytest.fixture
def teacher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIServer]:
    models = {"member": "A new answer.", "arbiter": "no numbers", "judge": "bad"}
    with OpenAIServer({**models}) as server:
        monkeypatch.setenv("TRACE_ASSETS_TEACHER_URL", server.url)
        monkeypatch.setenv("TRACE_ASSETS_TEACHER_KEY", KEY)
        monkeypatch.setenv("TRACE_ASSETS_TEACHER_CACHE", str(tmp_path / "answers.sqlite"))
        yield server


def test_with_a_warm_cache_a_second_run_pays_nothing_and_writes_the_same_bytes(
    made: Made, teacher: OpenAIServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("openai", reason="needs the extra `teacher`")
    recipe = yaml.safe_load(made.recipe.read_text(encoding="utf-8"))
    recipe["config"]["trace_processing"] = {
        "teacher_model_name": "arbiter",
        "relabelling_committee_models": ["member"],
    }
    recipe["config"]["evaluation"] = {"llm_as_a_judge_model_name": "judge"}
    file = tmp_path / "recipe.yaml"
    file.write_text(yaml.safe_dump(recipe), encoding="utf-8")
    # A part of it: what is asked about 60 conversations is no other than what is asked about all.
    dataset = tmp_path / "day.jsonl"
    lines = made.dataset.read_bytes().splitlines(keepends=True)
    dataset.write_bytes(b"".join(lines[:: max(len(lines) // 60, 1)]))
    arguments = ("training-set", dataset, "--recipe", file, "--out", tmp_path / "out")
    run(*arguments)
    first, paid = tree(tmp_path / "out"), teacher.payments
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    run(*arguments)
    assert paid
    assert (tree(tmp_path / "out"), teacher.payments) == (first, paid)
    about = json.loads(first["manifest.json"])
    assert about["relabelled_examples"]["labelled_by"] == "committee"
    assert about["base_model_performance"]["predictions"] > 0


def test_the_assets_make_the_set_that_the_command_makes(made: Made, deployed: Deployed) -> None:
    source = made.name.replace("_", "-")
    root = Path(CORPUS or ".") / made.name
    for file in sorted(path for path in root.rglob("*") if path.is_file()):
        deployed.drop(f"2026-01-02|{source}", file.read_bytes(), name=str(file.relative_to(root)))
    recipe = yaml.safe_load(made.recipe.read_text(encoding="utf-8"))
    declared = {"quarantine_threshold": 1, "training": recipe}
    deployed.declare(yaml.safe_dump({"sources": {source: declared}}))
    assert deployed.run(f"2026-01-02|{source}").success
    done = deployed.run(source, "make_training_set")
    artifact = Deployment().source_artifact("training_set", source)
    manifest = artifact.expect()
    failed = {name.split(":")[1] for name, each in checks(done).items() if not each.passed}
    assert failed - {"tools_are_covered"} == TOO_FEW.get(made.name, set())
    ids = Counter(trace_id for trace_id, _ in made.traces())
    assert manifest.about["relevant_traces"]["traces"]["total"] == len(ids)
    if max(ids.values()) == 1:  # of two tellings of one run, a source has the newest
        for part in ("train", "test"):
            with artifact.open(f"dataset/{part}.jsonl", manifest) as file:
                written = (made.out / f"dataset/{part}.jsonl").read_bytes()
                assert sorted(file) == sorted(written.splitlines(keepends=True))
    assert materialized(done)["base_model_performance"].metadata["dagster/row_count"]
