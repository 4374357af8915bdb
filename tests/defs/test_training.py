"""Training sets in Dagster: made where a recipe is declared, and held back where it fails."""

import dagster as dg
import yaml

from tests.defs.deployed import Deployed, checks, failures, log, materialized, simulation
from tests.training.making import recipe_dict


def declare(deployed: Deployed) -> None:
    made = recipe_dict("question-answering")
    deployed.declare(yaml.safe_dump({"sources": {"bot": {"training": made}}}))


def test_a_source_with_a_recipe_gets_a_training_set(deployed: Deployed) -> None:
    declare(deployed)
    texts = [f"What is number {n} of street {n * n} in town {n + 7}?" for n in range(44)]
    deployed.drop("2026-01-02|bot", log(*(simulation(f"s{n}", t) for n, t in enumerate(texts))))
    assert deployed.run("2026-01-02|bot").success
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
