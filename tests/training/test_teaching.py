"""A training set with a teacher: scored and relabelled by real requests, paid for once."""

import json
import signal
from pathlib import Path

import pytest
import yaml

from tests.command import run, started
from tests.trace.making import Value, assistant, user
from tests.training.asking import wait_until_answers_are_kept
from tests.training.making import command, dataset, read, recipe_dict, trace, tree
from tests.training.openai_server import KEY, Body, OpenAIServer

pytest.importorskip("openai", reason="needs the extra `teacher`")


def pick(body: Body) -> str:
    """What the teacher answers: as a judge of relevance, numbers; as an arbiter, the first."""
    question = body["messages"][-1]["content"]
    if "JSON array of" in body["messages"][0]["content"]:
        numbers = [
            "0" if "weather" in text else "1" for text in question.split("Conversation ")[1:]
        ]
        return f"[{', '.join(numbers)}]"
    return "1"


def talks() -> list[Value]:
    """Talks about 44 addresses, and one about the weather."""
    addresses = [f"What is number {n} of street {n * n} in town {n + 7}?" for n in range(44)]
    texts = [*addresses, "How is the weather?"]
    return [
        trace(user(text), assistant("Old words."), trace_id=f"t{number:02d}")
        for number, text in enumerate(texts)
    ]


def taught() -> Value:
    """A recipe whose teachers are in the tests' server."""
    made = recipe_dict(
        "question-answering",
        local={"relevance_threshold": 0.5},
        teacher_model_name="arbiter",
        relabelling_committee_models=["one", "two"],
    )
    made["config"]["evaluation"] = {"llm_as_a_judge_model_name": "judge"}
    return made


def use(server: OpenAIServer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACE_ASSETS_TEACHER_URL", server.url)
    monkeypatch.setenv("TRACE_ASSETS_TEACHER_KEY", KEY)
    monkeypatch.setenv("TRACE_ASSETS_TEACHER_CACHE", str(folder / "answers.sqlite"))


def test_a_teacher_scores_and_relabels_and_a_second_run_pays_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = taught()
    models = {"one": "New words.", "two": "New words.", "arbiter": pick, "judge": "bad"}
    with OpenAIServer(models) as server:
        use(server, tmp_path, monkeypatch)
        path = dataset(tmp_path, *talks())
        assert command(tmp_path, made, path) == 0
        first, paid = tree(tmp_path / "out"), server.payments
        assert paid
        assert command(tmp_path, made, path) == 0
        assert server.payments == paid
    assert tree(tmp_path / "out") == first
    assert not any(KEY.encode() in content for content in first.values())
    dropped = read(tmp_path / "out/relevant_traces/left_out.jsonl")
    assert [each["trace_id"] for each in dropped] == ["t44"]
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


def test_a_run_that_is_killed_while_it_relabels_is_resumed_without_a_second_payment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = taught()
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(made), encoding="utf-8")
    path = dataset(tmp_path, *talks())
    arguments = ("training-set", path, "--recipe", tmp_path / "recipe.yaml", "--out")
    models = {"one": "New words.", "two": "Newer words.", "arbiter": pick, "judge": "good"}
    with OpenAIServer(models) as server:
        use(server, tmp_path, monkeypatch)
        server.hold_after = 50
        with started(*arguments, tmp_path / "out") as first:
            assert server.held.wait(60)
            wait_until_answers_are_kept(tmp_path / "answers.sqlite", 50)
            first.kill()
            assert first.wait(60) == -signal.SIGKILL
        assert not (tmp_path / "out").exists()
        server.let_go()
        assert run(*arguments, tmp_path / "out").returncode == 0
        # Two batches to score, then two proposals and a pick for each of 44, and 22 verdicts.
        assert server.payments == 2 + 3 * 44 + 22
        assert set(server.paid.values()) == {1}
        monkeypatch.setenv("PYTHONHASHSEED", "7")
        assert run(*arguments, tmp_path / "again").returncode == 0
        assert server.payments == 2 + 3 * 44 + 22
    assert tree(tmp_path / "again") == tree(tmp_path / "out")
    assert not list(tmp_path.glob(".*"))
