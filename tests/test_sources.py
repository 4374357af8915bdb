"""`sources.yaml`: what is declared counts, what is wrong says where and what is known."""

from pathlib import Path

import pytest

from trace_assets.enrich import Defaults
from trace_assets.errors import ConfigError
from trace_assets.sources import SourceConfig, load_sources


def declared(folder: Path, text: str) -> Path:
    path = folder / "sources.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def error_of(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_sources(declared(folder, text))
    return str(caught.value)


def test_a_source_that_is_not_listed_and_a_file_that_is_not_there_are_fine(tmp_path: Path) -> None:
    sources = load_sources(tmp_path / "none.yaml")
    assert sources.of("any") == SourceConfig()
    assert sources.of("any").format is None
    assert load_sources(declared(tmp_path, "")) == sources


def test_what_is_declared_of_a_source_are_the_defaults_of_its_traces(tmp_path: Path) -> None:
    text = (
        "sources: {bot: {format: tau2bench, agent: clerk, tags: [a, b], quarantine_threshold: 0}}"
    )
    source = load_sources(declared(tmp_path, text)).of("bot")
    assert source.defaults() == Defaults("clerk", None, ("a", "b"))
    assert source.quarantine_threshold == 0


def test_a_wrong_key_is_named_with_the_known_ones(tmp_path: Path) -> None:
    error = error_of(tmp_path, "sources: {bot: {formt: tau2bench}}")
    assert "sources.bot.formt: unknown key; known: format, " in error
    assert "first_day, sources" in error_of(tmp_path, "srcs: {}")


def test_rules_of_roles_are_read_and_a_wrong_key_in_one_is_named(tmp_path: Path) -> None:
    rule = "interactions: {per: trace, roles: {noisy: [{attribute: name, contains_str: ping}]}}"
    source = load_sources(declared(tmp_path, f"sources: {{bot: {{{rule}}}}}")).of("bot")
    assert source.interactions
    assert source.interactions.per == "trace"
    assert source.interactions.roles["noisy"][0].contains_str == "ping"
    error = error_of(tmp_path, "sources: {bot: {interactions: {pre: turn}}}")
    assert "sources.bot.interactions.pre: unknown key; known: per, roles" in error
    wrong = rule.replace("contains_str", "contains")
    error = error_of(tmp_path, f"sources: {{bot: {{{wrong}}}}}")
    assert "noisy.0.contains: unknown key; known: attribute, equals_value" in error


def test_a_recipe_is_read_and_a_wrong_key_in_it_is_named(tmp_path: Path) -> None:
    recipe = (
        "training: {job_description: {task_description: Answer.}, "
        "config: {base: {task: question-answering-closed-book}}}"
    )
    source = load_sources(declared(tmp_path, f"sources: {{bot: {{{recipe}}}}}")).of("bot")
    assert source.training
    assert source.training.config.trace_processing.num_traces_as_testing_base == 200
    wrong = recipe.replace("base: {", "base: {seed: 1, ")
    error = error_of(tmp_path, f"sources: {{bot: {{{wrong}}}}}")
    assert "training.config.base.seed: unknown key; known: task, student_model_name" in error


def test_every_wrong_value_has_a_line(tmp_path: Path) -> None:
    text = "sources: {bot: {quarantine_threshold: 2, settle_seconds: -1}}"
    lines = error_of(tmp_path, text).splitlines()
    assert ["threshold" in lines[0], "settle" in lines[1], len(lines)] == [True, True, 2]


def test_an_unknown_format_is_named_with_the_known_ones(tmp_path: Path) -> None:
    error = error_of(tmp_path, "sources: {bot: {format: tau3bench}}")
    assert "sources.bot.format: unknown format 'tau3bench'; known: " in error
    assert "tau2bench" in error


@pytest.mark.parametrize("text", ["$HOME", "((TODO)) later", "''"])
def test_text_that_the_platform_would_replace_or_refuse_is_refused_here(
    tmp_path: Path, text: str
) -> None:
    assert "display_name" in error_of(tmp_path, f"sources: {{bot: {{display_name: {text}}}}}")


def test_what_is_no_yaml_says_so(tmp_path: Path) -> None:
    assert "not YAML" in error_of(tmp_path, "sources: [")


def test_a_column_with_the_name_of_another_is_an_error(tmp_path: Path) -> None:
    text = "sources: {bot: {columns: {tier: metadata.tier, model: metadata.model}}}"
    said = error_of(tmp_path, text)
    assert "sources.bot.columns" in said
    assert "column 'model': exists already" in said
