"""`trace-assets training-set`: a dataset in, the platform's files out, everything accounted for."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.trace.making import Value, assistant, call, output, system, user
from tests.training.making import command, command_of, dataset, read, recipe_dict, trace, tree
from trace_assets.errors import ConfigError

PLACES = ["Rome", "Oslo", "Lima", "Kyiv", "Bern", "Cairo", "Quito", "Delhi"]
SMALL: dict[str, Any] = {"min_generated_examples": 1}
"""For sets that are too small for an upload anyhow."""


def talks(count: int) -> list[Value]:
    return [
        trace(
            system("You are a guide."),
            user(f"What should I see number {n} in {PLACES[n % 8]} on day {n * 7}, please?"),
            assistant(f"The tower \u2014 {n}."),
            trace_id=f"t{n:03d}",
        )
        for n in range(count)
    ]


def manifest(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "out" / "manifest.json").read_bytes())


def test_a_dataset_becomes_an_upload_and_a_structured_dataset(tmp_path: Path) -> None:
    assert command(tmp_path, recipe_dict("question-answering"), dataset(tmp_path, *talks(60))) == 0
    files = tree(tmp_path / "out")
    assert sorted(files) == [
        *(f"base_model_performance/{name}" for name in ("performance.json", "predictions.jsonl")),
        *(f"dataset/{name}" for name in ("config.yaml", "job_description.json", "test.jsonl")),
        *("dataset/train.jsonl", "dataset/unstructured.jsonl", "left_out.jsonl", "manifest.json"),
        *("provenance.jsonl", "quarantine.jsonl", "relabelled_examples/labelled.jsonl"),
        *(
            f"relevant_traces/{name}.jsonl"
            for name in ("conversations", "left_out", "off_the_job", "scores")
        ),
        *("split/left_out.jsonl", "split/split.jsonl"),
        *(f"traces/{name}" for name in ("config.yaml", "job_description.json", "traces.jsonl")),
        "traces/would_leave_out.jsonl",
    ]
    uploaded = read(tmp_path / "out/traces/traces.jsonl")
    assert uploaded[0] == {
        "messages": [
            {"role": "system", "content": "You are a guide."},
            {"role": "user", "content": "What should I see number 0 in Rome on day 0, please?"},
            {"role": "assistant", "content": "The tower \u2014 0."},
        ]
    }
    assert len(uploaded) == 60
    assert all(content.isascii() for content in files.values())
    config = yaml.safe_load(files["traces/config.yaml"])
    assert config["base"]["task"] == "question-answering"
    assert config["trace_processing"]["num_traces_as_training_base"] == 200
    for part in ("train", "test"):
        rows = read(tmp_path / f"out/dataset/{part}.jsonl")
        assert len(rows) == 30
        assert list(rows[0]) == ["question", "answer"]


def test_every_row_is_traced_to_the_message_it_comes_from(tmp_path: Path) -> None:
    given = talks(60)
    command(tmp_path, recipe_dict("question-answering"), dataset(tmp_path, *given))
    out = tmp_path / "out"
    told = read(out / "provenance.jsonl")
    by_id = {each["metadata"]["trace_id"]: each for each in given}
    names = {each["file"] for each in told}
    for name in names:
        rows = read(out / name)
        here = [each for each in told if each["file"] == name]
        assert [each["row"] for each in here] == list(range(len(rows)))
        for row, origin in zip(rows, here, strict=True):
            assert origin["source_uri"] == f"log.json#{origin['trace_id']}"
            if name in ("dataset/train.jsonl", "dataset/test.jsonl"):
                item = by_id[origin["trace_id"]]["items"][origin["message"]]
                assert item["content"][0]["text"] == row["answer"]
    assert names == {"traces/traces.jsonl", "dataset/train.jsonl", "dataset/test.jsonl"}


def test_what_is_left_out_is_on_a_list_and_the_counts_add_up(tmp_path: Path) -> None:
    long = trace(user("long " * 3000), assistant("Yes."), trace_id="long")
    silent = trace(user("Anybody?"), trace_id="silent")
    verse = "Grey waves roll in and gulls cry loud, the wind drives foam against the cloud."
    foreign = trace(user("Sing of the sea"), assistant(verse), trace_id="foreign")
    made = recipe_dict("question-answering", local={"relevance_threshold": 0})
    made["job_description"]["task_description"] = "what to see in a place, and long answers"
    path = dataset(tmp_path, *talks(50), b'{"trace": 1}', silent, foreign, long)
    assert command(tmp_path, made, path) == 0
    about = manifest(tmp_path)
    relevant = about["relevant_traces"]
    assert (relevant["rows"], relevant["quarantined"]) == (54, 1)
    assert relevant["traces"] == {"total": 53, "kept": 51, "filtered": 1, "unfit": 1}
    dropped = read(tmp_path / "out/relevant_traces/left_out.jsonl")
    assert [(each["trace_id"], each["reason"]) for each in dropped] == [
        ("silent", "no_answer"),
        ("foreign", "off_the_job"),
    ]
    assert dropped[1]["score"] == 0
    (refused,) = read(tmp_path / "out/quarantine.jsonl")
    assert refused["raw"] == '{"trace": 1}\n'
    lists = read(tmp_path / "out/left_out.jsonl")
    assert {(each["trace_id"], each["of"]) for each in lists} == {("long", "unstructured")}
    uploaded = read(tmp_path / "out/traces/traces.jsonl")
    listed = read(tmp_path / "out/traces/would_leave_out.jsonl")
    assert len(uploaded) == 52
    assert [(each["trace_id"], each["reason"], each["row"]) for each in listed] == [
        ("long", "too_long", 50),
        ("foreign", "off_the_job", 51),
    ]
    assert uploaded[51]["messages"][1]["content"] == verse
    assert sum(about["split"]["traces"].values()) == 2 * 51


def test_the_same_dataset_gives_the_same_bytes(tmp_path: Path) -> None:
    made, path = recipe_dict("question-answering"), dataset(tmp_path, *talks(45))
    command(tmp_path, made, path)
    first = tree(tmp_path / "out")
    command(tmp_path, made, path)
    assert tree(tmp_path / "out") == first


@pytest.mark.parametrize("name", ["mine.jsonl", "mine.csv"])
def test_a_given_test_set_is_used_as_it_is_and_train_keeps_away_from_it(
    tmp_path: Path, name: str
) -> None:
    questions = [
        f"What should I see number {n} in {PLACES[n]} on day {n * 7}, please?" for n in (1, 2)
    ]
    questions += [f"Is there a bus to platform {n} of station {n * n}?" for n in range(30)]
    if name.endswith("csv"):
        content = "question,answer\n" + "".join(f'"{each}",Yes\n' for each in questions)
    else:
        content = "".join(json.dumps({"question": q, "answer": "Yes"}) + "\n" for q in questions)
    (tmp_path / name).write_text(content, encoding="utf-8")
    path = dataset(tmp_path, *talks(60))
    made = recipe_dict("question-answering")
    assert command(tmp_path, made, path, "--test", tmp_path / name) == 0
    suffix = name.rpartition(".")[2]
    for folder in ("traces", "dataset"):
        copied = (tmp_path / f"out/{folder}/test.{suffix}").read_bytes()
        assert copied == (tmp_path / name).read_bytes()
    assert manifest(tmp_path)["training_set"]["rows"] == {
        "traces": 58,
        "train": 58,
        "test": 32,
        "unstructured": 0,
    }
    dropped = read(tmp_path / "out/split/left_out.jsonl")
    assert [each["trace_id"] for each in dropped] == ["t001", "t002"]


def test_too_few_rows_are_written_and_fail_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = recipe_dict("question-answering", **SMALL)
    assert command(tmp_path, made, dataset(tmp_path, *talks(6))) == 1
    assert "rows_are_enough (an upload would fail): 2; train: 3 rows; expected 20 or more" in (
        capsys.readouterr().out
    )
    assert len(read(tmp_path / "out/dataset/train.jsonl")) == 3


def test_a_folder_with_something_else_in_it_is_not_replaced(tmp_path: Path) -> None:
    made, path = recipe_dict("question-answering", **SMALL), dataset(tmp_path, *talks(6))
    command(tmp_path, made, path)
    before = tree(tmp_path / "out")
    (tmp_path / "out/notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="is no training set, and would be replaced"):
        command(tmp_path, made, path)
    assert tree(tmp_path / "out") == before | {"notes.txt": b"mine"}


def test_langfuse_observations_have_calls_as_a_list_and_tools_as_text(tmp_path: Path) -> None:
    city = '{"city": "Rome"}'
    given = [
        trace(user("Rome?"), call("a", "get_weather", city), trace_id="calls"),
        trace(
            user("Hi"), call("b", "get_time"), output("b", "1"), assistant("One."), trace_id="says"
        ),
    ]
    made = recipe_dict("tool-calling-closed-book", observation_format="langfuse", **SMALL)
    command(tmp_path, made, dataset(tmp_path, *given))
    calls, says = read(tmp_path / "out/traces/traces.jsonl")
    assert (calls["id"], calls["input"]) == ("calls", [{"role": "user", "content": "Rome?"}])
    assert calls["output"] == [
        {"toolCallId": "a", "toolName": "get_weather", "input": {"city": "Rome"}}
    ]
    tools = [json.loads(tool) for tool in calls["metadata"]["tools"]]
    assert tools == made["job_description"]["tools"]
    assert says["output"] == {"role": "assistant", "content": "One."}
    assert [each["role"] for each in says["input"]] == ["user", "assistant", "tool"]


def test_the_original_model_is_measured_on_the_rows_of_the_test_set_alone(tmp_path: Path) -> None:
    longer = [
        trace(
            *each["items"], user("Tell me more.", name="u"), assistant("word " * 3000), trace_id=n
        )
        for n, each in ((f"t{number}", each) for number, each in enumerate(talks(42)))
    ]
    command(tmp_path, recipe_dict("question-answering"), dataset(tmp_path, *longer))
    rows = read(tmp_path / "out/dataset/test.jsonl")
    predictions = read(tmp_path / "out/base_model_performance/predictions.jsonl")
    assert [each["prediction"] for each in predictions] == [row["answer"] for row in rows]
    assert manifest(tmp_path)["relabelled_examples"]["labels"]["total"] == 84


def test_the_files_of_an_upload_make_the_recipe(tmp_path: Path) -> None:
    made, path = recipe_dict("question-answering"), dataset(tmp_path, *talks(60))
    (tmp_path / "job_description.json").write_text(json.dumps(made["job_description"]))
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(made["config"]))
    job = ("--job-description", tmp_path / "job_description.json")
    config = ("--config", tmp_path / "config.yaml")
    assert command_of(path, *job, *config, "--out", tmp_path / "out") == 0
    assert (
        manifest(tmp_path)["recipe"]["job_description"]["task_description"]
        == (made["job_description"]["task_description"])
    )
    with pytest.raises(ConfigError, match=r"; found --config$"):
        command_of(path, *config, "--out", tmp_path / "other")
