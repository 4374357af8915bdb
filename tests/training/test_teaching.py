"""A training set with a teacher: scored and relabelled by real requests, paid for once."""

import json
from pathlib import Path

import pytest

from tests.trace.making import assistant, user
from tests.training.making import command, dataset, read, recipe_dict, trace, tree
from tests.training.openai_server import KEY, Body, OpenAIServer


def pick(body: Body) -> str:
    """What the teacher answers: as a judge of relevance, numbers; as an arbiter, the first."""
    question = body["messages"][-1]["content"]
    if "JSON array of" in body["messages"][0]["content"]:
        numbers = [
            "0" if "weather" in text else "1" for text in question.split("Conversation ")[1:]
        ]
        return f"[{', '.join(numbers)}]"
    return "1"


def test_a_teacher_scores_and_relabels_and_a_second_run_pays_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("openai")
    traces = [
        trace(
            user(f"What is number {n} of street {n * n} in town {n + 7}?"),
            assistant("Old words."),
            trace_id=f"t{n:02d}",
        )
        for n in range(44)
    ]
    traces.append(trace(user("How is the weather?"), assistant("Old words."), trace_id="off"))
    made = recipe_dict(
        "question-answering",
        local={"relevance_threshold": 0.5},
        teacher_model_name="arbiter",
        relabelling_committee_models=["one", "two"],
    )
    made["config"]["evaluation"] = {"llm_as_a_judge_model_name": "judge"}
    models = {"one": "New words.", "two": "New words.", "arbiter": pick, "judge": "bad"}
    with OpenAIServer(models) as server:
        monkeypatch.setenv("TRACE_ASSETS_TEACHER_URL", server.url)
        monkeypatch.setenv("TRACE_ASSETS_TEACHER_KEY", KEY)
        monkeypatch.setenv("TRACE_ASSETS_TEACHER_CACHE", str(tmp_path / "answers.sqlite"))
        path = dataset(tmp_path, *traces)
        assert command(tmp_path, made, path) == 0
        first, paid = tree(tmp_path / "out"), server.payments
        assert paid
        assert command(tmp_path, made, path) == 0
        assert server.payments == paid
    assert tree(tmp_path / "out") == first
    assert not any(KEY.encode() in content for content in first.values())
    dropped = read(tmp_path / "out/relevant_traces/left_out.jsonl")
    assert [each["trace_id"] for each in dropped] == ["off"]
    assert {row["answer"] for row in read(tmp_path / "out/dataset/train.jsonl")} == {"New words."}
    uploaded = read(tmp_path / "out/traces/traces.jsonl")
    assert {each["messages"][-1]["content"] for each in uploaded} == {"Old words."}
    about = json.loads(first["manifest.json"])["relabelled_examples"]
    assert about["labels"] == {"total": 44, "original": 0, "relabelled": 44}
    assert about["committee"]["changed"] == 44
    measured = json.loads(first["base_model_performance/performance.json"])
    assert (measured["examples"], measured["compared"]) == (22, 22)
    assert measured["metrics"]["exact_match"] == measured["metrics"]["llm_as_a_judge"] == 0
    assert measured["metrics"]["rouge_l"] == 0.5
    predictions = read(tmp_path / "out/base_model_performance/predictions.jsonl")
    assert {(row["prediction"], row["reference"]) for row in predictions} == {
        ("Old words.", "New words.")
    }
    tested = [
        (row["trace_id"], row["turn"])
        for row in read(tmp_path / "out/provenance.jsonl")
        if row["file"] == "dataset/test.jsonl"
    ]
    assert [(row["trace_id"], row["turn"]) for row in predictions] == tested
