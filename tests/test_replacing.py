"""What a conversion may replace, and what an interrupted one leaves."""

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from tests.command import LINE, ROOT
from trace_assets.cli import main
from trace_assets.errors import ConfigError
from trace_assets.onepass import Input, Outputs, convert
from trace_assets.onepass.opening import ChangedFileError, detected, opened

MOST_STEPS = 40


def log(path: Path, *ids: str) -> Path:
    path.write_text("".join(LINE % each for each in ids), encoding="utf-8")
    return path


def run(out: Path, *arguments: object) -> int:
    return main(["convert", *map(str, arguments), "--out", str(out)])


def keys(out: Path) -> list[str]:
    return sorted(path.name.removesuffix(".ledger.json") for path in out.glob("*.ledger.json"))


def contents(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}


# --- keys ------------------------------------------------------------------------------------


def test_names_that_differ_give_datasets_that_differ(tmp_path: Path) -> None:
    names = [
        "gpt-5.2_high.json",
        "gpt-5.2_none.json",
        "a b.jsonl",
        "a_b.jsonl",
        "gpt-5.2",
        "gpt-5.3",
    ]
    for name in names:
        assert run(tmp_path / "out", log(tmp_path / name, name)) == 0
    found = keys(tmp_path / "out")
    assert len(found) == len(names)
    assert "a_b" in found
    assert f"gpt-5_2_high-{sha256(b'gpt-5.2_high.json').hexdigest()[:8]}" in found


def test_a_key_that_is_given_is_taken_as_it_is_or_refused(tmp_path: Path) -> None:
    path = log(tmp_path / "a.jsonl", "a")
    assert run(tmp_path / "out", path, "--key", "my_key") == 0
    assert run(tmp_path / "out", path, "--key", "my.key") == 2
    assert keys(tmp_path / "out") == ["my_key"]


# --- replacing -------------------------------------------------------------------------------


def test_a_dataset_of_other_files_is_replaced_only_on_demand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, first, other = tmp_path / "out", tmp_path / "a.json", tmp_path / "a.jsonl"
    assert run(out, log(first, "a")) == 0
    before = contents(out)
    assert run(out, log(other, "b")) == 2
    assert "was made from other files (a.json)" in capsys.readouterr().err
    assert contents(out) == before
    assert run(out, log(first, "c")) == 0  # the same name with other content
    assert contents(out) != before
    assert run(out, other, "--overwrite") == 0
    assert json.loads(contents(out)["a.ledger.json"])["files"][0]["file"] == "a.jsonl"


def test_a_file_of_unknown_origin_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.jsonl").write_text("mine", encoding="utf-8")
    inputs = [Input(log(tmp_path / "a.json", "a"), "a.json")]
    with pytest.raises(ConfigError, match="no ledger says from which files"):
        convert(inputs, Outputs(tmp_path / "out", "a"))
    assert contents(tmp_path / "out") == {"a.jsonl": b"mine"}


# --- interruption ----------------------------------------------------------------------------


def killed(step: int, *arguments: object) -> bool:
    """Convert in a process that is killed before a step; False if it ended before."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.killed_at", str(step), "convert", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert done.returncode in (0, -9), done.stderr
    return done.returncode != 0


def is_whole(out: Path) -> bool:
    """Whether a reader may trust the five files: the ledger is there and names what is there."""
    try:
        ledger = json.loads((out / "k.ledger.json").read_bytes())
    except FileNotFoundError:
        return False
    return ledger["outputs"] == {
        name: sha256(content).hexdigest()
        for name, content in contents(out).items()
        if name != "k.ledger.json"
    }


def test_a_conversion_killed_at_any_step_leaves_one_version_or_an_incomplete_one(
    tmp_path: Path,
) -> None:
    path, out = tmp_path / "a.jsonl", tmp_path / "out"
    arguments = (path, "--key", "k", "--out", out)
    run(out, log(path, "old"), "--key", "k")
    old = contents(out)
    run(tmp_path / "other", log(path, "new", "newer"), "--key", "k")
    new = contents(tmp_path / "other")
    incomplete = 0
    for step in range(MOST_STEPS):
        log(path, "old")
        run(out, *arguments[:3])  # heals what was left by the step before, and starts anew
        assert contents(out) == old
        assert [each.name for each in out.iterdir() if each.name.endswith(".part")] == []
        log(path, "new", "newer")
        was_killed = killed(step, *arguments)
        if is_whole(out):
            assert contents(out) in (old, new)
        else:
            assert not (out / "k.ledger.json").exists()
            incomplete += 1
        if not was_killed:
            break
    assert contents(out) == new
    assert incomplete >= 4


def test_the_outputs_of_a_killed_conversion_are_not_taken_for_logs(tmp_path: Path) -> None:
    path, out = log(tmp_path / "a.jsonl", "a"), tmp_path / "out"
    run(out, path, "--key", "k")
    (out / ".k.abcdefgh.part").mkdir()
    (out / "k.ledger.json").rename(out / ".k.abcdefgh.part" / "k.ledger.json")
    assert run(tmp_path / "again", out, "--key", "k") == 1
    assert run(out, path, "--key", "k") == 0
    assert is_whole(out)


# --- inputs that change ----------------------------------------------------------------------


def test_a_file_that_is_replaced_while_it_is_read_is_read_to_its_own_end(tmp_path: Path) -> None:
    path, other = log(tmp_path / "a.jsonl", "a"), log(tmp_path / "b.jsonl", "b")
    content = path.read_bytes()
    with opened(detected(Input(path, "a.jsonl"), None)) as (stream, about):
        other.replace(path)
        assert stream.read() == content
        assert about.sha256 == sha256(content).hexdigest()


@pytest.mark.parametrize("is_replaced", [True, False])
def test_a_file_that_changes_before_it_is_read_is_an_error(
    tmp_path: Path, is_replaced: bool
) -> None:
    path = log(tmp_path / "a.jsonl", "a")
    file = detected(Input(path, "a.jsonl"), None)
    if is_replaced:
        log(tmp_path / "b.jsonl", "b").replace(path)
    else:
        os.utime(path, ns=(1, 1))
    with pytest.raises(ChangedFileError), opened(file):
        pass


def test_a_file_that_is_written_to_while_it_is_read_is_an_error(tmp_path: Path) -> None:
    path = log(tmp_path / "a.jsonl", "a")
    reading = opened(detected(Input(path, "a.jsonl"), None))
    reading.__enter__()
    log(path, "b")
    os.utime(path, ns=(1, 1))
    with pytest.raises(ChangedFileError, match=r"a\.jsonl: changed while it was read"):
        reading.__exit__(None, None, None)


def test_a_link_to_a_file_that_is_read_changes_nothing(tmp_path: Path) -> None:
    path = log(tmp_path / "a.jsonl", "a")
    with opened(detected(Input(path, "a.jsonl"), None)) as (stream, about):
        (tmp_path / "b").hardlink_to(path)
        assert sha256(stream.read()).hexdigest() == about.sha256
