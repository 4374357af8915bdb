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
            assistant("Old."),
            trace_id=f"t{n:02d}",
        )
        for n in range(44)
    ]
    traces.append(trace(user("How is the weather?"), assistant("Old."), trace_id="off"))
    made = recipe_dict(
        "question-answering",
        local={"relevance_threshold": 0.5},
        teacher_model_name="arbiter",
        relabelling_committee_models=["one", "two"],
    )
    with OpenAIServer({"one": "New.", "two": "New.", "arbiter": pick}) as server:
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
    assert {row["answer"] for row in read(tmp_path / "out/dataset/train.jsonl")} == {"New."}
    uploaded = read(tmp_path / "out/traces/traces.jsonl")
    assert {each["messages"][-1]["content"] for each in uploaded} == {"Old."}
    about = json.loads(first["manifest.json"])["relabelled_examples"]
    assert about["labels"] == {"total": 44, "original": 0, "relabelled": 44}
    assert about["committee"]["changed"] == 44
