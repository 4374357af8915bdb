"""Training sets in Dagster: made where a recipe is declared, and held back where it fails."""

from pathlib import Path

import dagster as dg
import pytest
import yaml

from tests.defs.deployed import Deployed, checks, failures, log, materialized, simulation
from tests.training.making import recipe_dict
from tests.training.openai_server import KEY, OpenAIServer


def declare(deployed: Deployed) -> None:
    made = recipe_dict(
        "question-answering",
        teacher_model_name="arbiter",
        relabelling_committee_models=["member"],
    )
    made["config"]["evaluation"] = {"llm_as_a_judge_model_name": "judge"}
    deployed.declare(yaml.safe_dump({"sources": {"bot": {"training": made}}}))


def drop_talks(deployed: Deployed) -> None:
    texts = [f"What is number {n} of street {n * n} in town {n + 7}?" for n in range(44)]
    deployed.drop("2026-01-02|bot", log(*(simulation(f"s{n}", t) for n, t in enumerate(texts))))
    assert deployed.run("2026-01-02|bot").success


def test_a_source_with_a_recipe_gets_a_training_set(deployed: Deployed) -> None:
    declare(deployed)
    drop_talks(deployed)
    run = deployed.run("bot", "make_training_set")
    assert run.success
    made = materialized(run)
    assert set(made) == {
        *("relevant_traces", "relabelled_examples", "split", "training_set"),
        "base_model_performance",
    }
    assert made["training_set"].metadata["dagster/row_count"].value == 44
    assert all(check.passed for check in checks(run).values())
    again = materialized(deployed.run("bot", "make_training_set"))
    assert all(each.metadata["unchanged"].value for each in again.values())


def test_a_training_set_that_no_upload_takes_fails_its_check_and_says_why(
    deployed: Deployed,
) -> None:
    declare(deployed)
    deployed.drop("2026-01-02|bot", log(simulation("one")))
    deployed.run("2026-01-02|bot")
    found = checks(deployed.run("bot", "make_training_set"))
    enough = found["training_set:rows_are_enough"]
    assert not enough.passed
    assert enough.severity is dg.AssetCheckSeverity.ERROR
    assert "expected 20 or more" in str(enough.metadata["first"].value)


def test_a_source_without_a_recipe_says_what_to_declare(deployed: Deployed) -> None:
    deployed.drop("2026-01-02|bot", log(simulation("one")))
    deployed.run("2026-01-02|bot")
    (failure,) = failures(deployed.run("bot", "make_training_set"))
    assert "sources.bot.training: not declared" in failure


def test_the_teacher_of_the_environment_relabels_and_the_original_model_is_measured(
    deployed: Deployed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("openai", reason="needs the extra `teacher`")
    declare(deployed)
    drop_talks(deployed)
    with OpenAIServer({"member": "Goodbye now", "arbiter": "?", "judge": "good"}) as server:
        monkeypatch.setenv("TRACE_ASSETS_TEACHER_URL", server.url)
        monkeypatch.setenv("TRACE_ASSETS_TEACHER_KEY", "wrong")
        monkeypatch.setenv("TRACE_ASSETS_TEACHER_CACHE", str(tmp_path / "answers.sqlite"))
        (failure,) = failures(deployed.run("bot", "make_training_set"))
        assert "HTTP 401 for arbiter: it does not know the key" in failure
        assert len(server.asked) == 1
        monkeypatch.setenv("TRACE_ASSETS_TEACHER_KEY", KEY)
        made = materialized(deployed.run("bot", "make_training_set"))
        assert server.payments == 2 + 44 + 22
    measured = made["base_model_performance"].metadata
    values = {name: measured[name].value for name in ("exact_match", "rouge_l", "llm_as_a_judge")}
    assert values == {"exact_match": 0, "rouge_l": pytest.approx(2 / 3, 1e-5), "llm_as_a_judge": 1}
    assert made["training_set"].metadata["labelled_by"].value == "committee"
