"""A mapping says which columns of a flat log say what; what is wrong in one is told."""

import json
from pathlib import Path

import pytest

from tests.stages.chain import Chain
from trace_assets.cli import main
from trace_assets.declared_mapping import load_mapping
from trace_assets.errors import ConfigError
from trace_assets.sources import load_sources

LOG = b"conv;nr;wer;was\nk1;2;Bot;Gern!\nk1;1;Kunde;Hilfe?\n"
MAPPING = """
conversation: conv
order: nr
role: wer
text: was
roles: {Kunde: user, Bot: assistant}
"""


def declared(folder: Path, text: str) -> Path:
    path = folder / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def error_of(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_mapping(declared(folder, text))
    return str(caught.value)


def test_a_wrong_key_is_named_with_the_known_ones(tmp_path: Path) -> None:
    error = error_of(tmp_path, "inputs: question\noutput: answer")
    assert "mapping.yaml: inputs: unknown key; known: conversation, order, role, text" in error


def test_a_mapping_that_cannot_work_says_what_it_lacks(tmp_path: Path) -> None:
    assert "`role` and `text` are told together" in error_of(tmp_path, "role: wer")
    assert "expected the columns of what was said" in error_of(tmp_path, "model: m")
    assert "unknown encoding: klingon" in error_of(tmp_path, "input: a\nencoding: klingon")
    assert "roles.Kunde" in error_of(tmp_path, "input: a\nroles: {Kunde: customer}")
    assert "the mapping:" in error_of(tmp_path, "- input")
    assert "not YAML" in error_of(tmp_path, "{")


def test_the_command_line_takes_a_mapping(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "log.csv"
    log.write_bytes(LOG)
    mapping = declared(tmp_path, MAPPING)
    arguments = ["convert", str(log), "--out", str(tmp_path / "out"), "--mapping", str(mapping)]
    assert main(arguments) == 0
    row = json.loads((tmp_path / "out" / "log.jsonl").read_bytes())
    said = [(item["role"], item["content"][0]["text"]) for item in row["trace"]["items"]]
    assert said == [("user", "Hilfe?"), ("assistant", "Gern!")]
    assert "guessed_mapping" not in row["trace"]["metadata"]["extra"]
    assert main([*arguments, "--format", "tau2bench"]) == 2
    assert "--mapping is for the format csv, found --format tau2bench" in capsys.readouterr().err


def test_a_source_declares_a_mapping_and_a_wrong_one_is_told(tmp_path: Path) -> None:
    path = tmp_path / "sources.yaml"
    path.write_text("sources: {bot: {mapping: {input: q, outputs: a}}}", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"sources\.bot\.mapping\.outputs: unknown key; known: c"):
        load_sources(path)
    path.write_text("sources: {bot: {format: otlp, mapping: {input: q}}}", encoding="utf-8")
    with pytest.raises(ConfigError, match="it is for the format csv, found format 'otlp'"):
        load_sources(path)


def test_another_mapping_is_work_for_a_drop_that_was_converted(tmp_path: Path) -> None:
    mapping = load_mapping(declared(tmp_path, MAPPING))
    chain = Chain.at(str(tmp_path / "place"), mapping=mapping)
    chain.drop(LOG, "log.csv")
    chain.run_to("converted_traces")
    assert chain.expect("converted_traces").about["rows"] == 1
    assert not any(chain.run_to("converted_traces").values())
    other = chain.declaring(mapping=load_mapping(declared(tmp_path, "output: was")))
    assert other.run_to("converted_traces")["converted_traces"]
    assert other.expect("converted_traces").about["rows"] == 2
