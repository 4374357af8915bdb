"""File names and URIs never act on a terminal, and never show a password."""

import json
import os
from pathlib import Path

import pytest

from tests.command import LINE, run
from trace_assets.cli import main
from trace_assets.errors import ConfigError, StoreError
from trace_assets.printable import masked, printable
from trace_assets.store import store_at

HIDDEN = "wJalr/XUtn+FEMI"
WITH_SECRETS = [
    f"s3://AKIA:{HIDDEN}@bucket/prefix",
    f"s3://AKIA:9000/{HIDDEN}@bucket",
    f"https://user:{HIDDEN}@host:9000/path",
    f"https://{HIDDEN.replace('/', '')}@host/path",
    f"https:/user:{HIDDEN}@host",
    f"https://host/x?X-Amz-Signature={HIDDEN}&y=1",
    f"https://host/x?sv=1&sig={HIDDEN}",
]
WITHOUT = ["s3://bucket/a@b/c", "http://host:9000/a@b", "me@example.org", "a: b@c", "/x/y=1?z"]


@pytest.mark.parametrize("uri", WITH_SECRETS)
def test_credentials_of_a_uri_are_masked(uri: str) -> None:
    for text in (uri, f"cannot read '{uri}': gone", f'{{"uri": "{uri}"}}'):
        assert HIDDEN not in masked(text)
        assert HIDDEN.replace("/", "") not in masked(text)
        assert "***" in masked(text)


@pytest.mark.parametrize("text", WITHOUT)
def test_a_text_without_credentials_stays(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize("uri", WITH_SECRETS)
def test_a_place_with_credentials_is_refused_without_showing_them(uri: str) -> None:
    with pytest.raises(ConfigError, match=r"\*\*\*") as told:
        store_at(uri)
    assert HIDDEN not in str(told.value) + repr(told.value)


def test_the_address_of_an_s3_server_with_credentials_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://user:secret@127.0.0.1:9")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    with pytest.raises(ConfigError, match=r"contains credentials") as told:
        store_at("s3://bucket").exists("a")
    assert "secret" not in str(told.value)


def test_an_error_never_carries_escapes_or_credentials() -> None:
    error = StoreError(f"a\x1b]0;x\x07 https://user:{HIDDEN}@host: gone")
    assert str(error) == "a\\x1b]0;x\\x07 https://***@host: gone"


@pytest.mark.parametrize(
    "char", ["\x1b", "\x07", "\r", "\x9b", "\u202e", "\u2028", "\udcff", "\x7f"]
)
def test_what_a_terminal_acts_on_is_escaped(char: str) -> None:
    assert char not in printable(f"a{char}b")
    assert printable(f"a{char}b").isascii()


def test_a_file_name_that_is_no_utf8_costs_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    for name in (b"good.jsonl", b"bad\xff.jsonl", b"bad\\xff.jsonl"):
        path = Path(os.fsdecode(os.fsencode(folder) + b"/" + name))
        path.write_text(LINE % name.hex(), encoding="utf-8")
    out = tmp_path / "out"
    assert main(["convert", str(folder), "--out", str(out), "--key", "k"]) == 0
    rows = [json.loads(line) for line in (out / "k.jsonl").read_bytes().splitlines()]
    names = sorted(row["source_uri"].partition("#")[0] for row in rows)
    assert len(names) == len(set(names)) == 3
    assert {"logs/good.jsonl", r"logs/bad\xff.jsonl"} < set(names)
    assert main(["detect", str(folder)]) == 0
    assert r"logs/bad\xff.jsonl" in capsys.readouterr().out
    odd = os.fsdecode(os.fsencode(folder) + b"/bad\xff.jsonl")
    assert main(["convert", odd, "--out", str(out)]) == 0


def test_escapes_in_names_and_arguments_never_reach_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[2J.jsonl").write_text(LINE % "a", encoding="utf-8")
    (tmp_path / "b\x1b[2J").mkdir()
    uri = "s3://user:secret@bucket"
    for command in (
        ["detect", tmp_path],
        ["convert", tmp_path, "--out", tmp_path / "o\x1b[2J"],
        ["detect", tmp_path / "nothing\x1b[2J"],
        ["detect", tmp_path / "b\x1b[2J"],
        ["detect", uri],
        ["formats", "\x1b[2J", uri],
        ["lint", tmp_path / "nothing\x1b[2J"],
    ):
        done = run(*command)
        said = done.stdout + done.stderr
        assert "\x1b" not in said
        assert "secret" not in said
        assert "Traceback" not in said
