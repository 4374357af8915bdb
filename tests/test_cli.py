"""The command line: what it reads, says, writes and returns."""

import json
import os
import pty
import select
import signal
from hashlib import sha256
from pathlib import Path

import pytest

from tests.command import LINE, ROOT, eventually, many_records, run, started
from trace_assets.cli import inputs_of, main

FIVE = [
    "k.context.jsonl",
    "k.jsonl",
    "k.ledger.json",
    "k.quarantine.jsonl",
    "k.yaml",
]


def log(path: Path, *ids: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(LINE % each for each in ids), encoding="utf-8")
    return path


def convert(*paths: Path, out: Path, key: str = "k") -> int:
    return main(["convert", *map(str, paths), "--out", str(out), "--key", key])


def rows(out: Path, key: str = "k") -> list[dict[str, object]]:
    return [json.loads(line) for line in (out / f"{key}.jsonl").read_bytes().splitlines()]


def uris(out: Path) -> list[object]:
    return [row["source_uri"] for row in rows(out)]


# --- what a conversion writes and says -----------------------------------------------------------


def test_the_installed_module_converts_and_says_what_came_of_it(tmp_path: Path) -> None:
    log(tmp_path / "my logs" / "a.jsonl", "a", "b")
    (tmp_path / "my logs" / "b.jsonl").write_text("{oops", encoding="utf-8")
    key = f"my_logs-{sha256(b'my logs').hexdigest()[:8]}"
    done = run("convert", "my logs", "--out", "out", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "3 records: 2 converted, 1 quarantined",
        "  1 in quarantine: not_json",
        f"out/{key}.jsonl",
        f"out/{key}.yaml",
        f"out/{key}.quarantine.jsonl",
        f"out/{key}.context.jsonl",
        f"out/{key}.ledger.json",
    ]


def test_all_five_files_are_there_even_when_nothing_was_converted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.json").write_text('{"what": "is this"}', encoding="utf-8")
    assert convert(tmp_path / "a.json", out=tmp_path / "out") == 1
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == FIVE
    assert "k.quarantine.jsonl says why of each record" in capsys.readouterr().err


def test_a_folder_of_nothing_gives_five_empty_files_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "nothing").mkdir()
    assert convert(tmp_path / "nothing", out=tmp_path / "out") == 1
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == FIVE
    assert "nothing: no log in this folder" in capsys.readouterr().err


def test_a_second_conversion_gives_the_same_bytes(tmp_path: Path) -> None:
    log(tmp_path / "logs" / "a.jsonl", "a")
    convert(tmp_path / "logs", out=tmp_path / "out")
    before = {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    convert(tmp_path / "logs", out=tmp_path / "out")
    assert {path: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


# --- which files are read, and under which name --------------------------------------------------


def test_a_conversion_never_takes_its_own_outputs_for_logs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs = log(tmp_path / "logs" / "a.jsonl", "a").parent
    for key in ("first", "second", "first"):
        assert convert(logs, out=logs / "out", key=key) == 0
        assert len(rows(logs / "out", key)) == 1
        ledger = json.loads((logs / "out" / f"{key}.ledger.json").read_bytes())
        assert [file["file"] for file in ledger["files"]] == ["logs/a.jsonl"]
    said = capsys.readouterr().err
    assert "left out, outputs of an earlier conversion: first.jsonl, first.yaml" in said


def test_a_log_that_looks_like_an_output_by_one_name_only_is_read(tmp_path: Path) -> None:
    log(tmp_path / "logs" / "k.quarantine.jsonl", "a")
    assert convert(tmp_path / "logs", out=tmp_path / "out") == 0
    assert uris(tmp_path / "out") == ["logs/k.quarantine.jsonl#0"]


def test_a_log_is_never_overwritten_by_the_dataset_made_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = log(tmp_path / "k.jsonl", "a")
    before = path.read_bytes()
    (tmp_path / "link").symlink_to(tmp_path)
    for out in (tmp_path, tmp_path / "link"):
        assert convert(path, out=out) == 2
        assert path.read_bytes() == before
        assert "choose another --out or --key" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["k.jsonl", "link"]


def test_a_file_that_is_named_twice_is_read_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = log(tmp_path / "logs" / "a.jsonl", "a")
    (tmp_path / "logs" / "z.jsonl").symlink_to(path)
    assert convert(path.parent, path, out=tmp_path / "out") == 0
    assert uris(tmp_path / "out") == ["logs/a.jsonl#0"]
    ledger = json.loads((tmp_path / "out" / "k.ledger.json").read_bytes())
    assert ledger["duplicate"] == 0
    said = capsys.readouterr().err
    assert f"{tmp_path}/logs/z.jsonl: left out: the same file as {path}" in said
    assert f"{path}: left out: the same file as {path}" in said


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    one, other = log(tmp_path / "x" / "a.jsonl", "a"), log(tmp_path / "y" / "a.jsonl", "b")
    assert convert(one, other, out=tmp_path / "out") == 0
    assert uris(tmp_path / "out") == ["x/a.jsonl#0", "y/a.jsonl#0"]


def test_links_are_followed_and_a_link_that_leads_back_ends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log(tmp_path / "elsewhere" / "a.jsonl", "a")
    (tmp_path / "elsewhere" / "back").symlink_to(tmp_path / "logs")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "day").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "latest").symlink_to(tmp_path / "logs")
    assert convert(tmp_path / "latest", out=tmp_path / "out") == 0
    assert uris(tmp_path / "out") == ["latest/day/a.jsonl#0"]
    assert "a link to a folder that is read already" in capsys.readouterr().err


def test_what_is_no_regular_file_is_left_out_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs = log(tmp_path / "logs" / "a.jsonl", "a").parent
    os.mkfifo(logs / "pipe")
    (logs / "gone").symlink_to(logs / "nowhere")
    assert convert(logs, out=tmp_path / "out") == 0
    said = capsys.readouterr().err
    assert "pipe: left out: no regular file" in said
    assert "gone: left out: no regular file" in said


def test_inputs_are_in_the_order_of_their_names_whatever_the_disk_says(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a/z.jsonl", "c.jsonl", "a/b/y.jsonl"):
        log(tmp_path / "logs" / name, name)
    assert [input.name for input in inputs_of([tmp_path / "logs"])] == [
        "logs/a/b/y.jsonl",
        "logs/a/z.jsonl",
        "logs/b.jsonl",
        "logs/c.jsonl",
    ]


# --- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["convert", "missing", "--out", "out"], "missing: there is no such file or folder"),
        (["convert", "pipe", "--out", "out"], "pipe: expected a file or folder"),
        (["convert", "a.jsonl", "--out", "a.jsonl"], "a.jsonl: expected a folder to write to"),
        (["convert", "a.jsonl", "--out", "out", "--key", "a b"], "dataset key 'a b': expected"),
        (["detect", "missing"], "missing: there is no such file or folder"),
    ],
)
def test_what_cannot_be_done_is_one_line_on_stderr_and_exit_2(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    log(tmp_path / "a.jsonl", "a")
    os.mkfifo("pipe")
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith(f"trace-assets: error: {said}")
    assert output.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "COMMAND"),
        (["convert"], "PATH"),
        (["convert", "x"], "--out"),
        (["convert", "x", "--out", "y", "--format", "what"], "invalid choice: 'what'"),
        (["convert", "x", "--out", "y", "--workers", "0"], "expected a whole number from 1"),
    ],
)
def test_wrong_usage_is_exit_2_and_says_what_was_expected(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.skipif(os.geteuid() == 0, reason="everything can be read by root")
@pytest.mark.parametrize("name", ["a.jsonl", "folder"])
def test_what_must_not_be_read_ends_the_run_before_anything_is_written(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log(tmp_path / "logs" / "a.jsonl", "a")
    (tmp_path / "logs" / "folder").mkdir()
    (tmp_path / "logs" / name).chmod(0)
    try:
        assert convert(tmp_path / "logs", out=tmp_path / "out") == 2
    finally:
        (tmp_path / "logs" / name).chmod(0o700)
    assert f"logs/{name}: Permission denied" in capsys.readouterr().err


def test_a_full_disk_is_an_error_that_leaves_the_old_outputs(
    tiny_disk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = log(tmp_path / "a.jsonl", "a")
    assert convert(path, out=tiny_disk) == 0
    before = {path.name: path.read_bytes() for path in tiny_disk.iterdir()}
    many_records(path, count=5_000)
    assert convert(path, out=tiny_disk) == 2
    assert {path.name: path.read_bytes() for path in tiny_disk.iterdir()} == before
    assert "No space left on device" in capsys.readouterr().err


# --- signals, pipes and terminals -------------------------------------------------------------


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_conversion_that_is_stopped_leaves_the_old_outputs_and_no_parts(
    number: signal.Signals, code: int, tmp_path: Path
) -> None:
    path, out = many_records(tmp_path / "a.jsonl"), tmp_path / "out"
    out.mkdir()
    (out / "k.jsonl").write_text("old", encoding="utf-8")
    with started("convert", path, "--key", "k", "--out", out, "--overwrite") as process:
        eventually(lambda: any(file.stat().st_size for file in out.glob(".*.part/k.jsonl")))
        process.send_signal(number)
        said, noted = process.communicate(timeout=60)
    assert (process.returncode, said) == (code, "")
    assert "Traceback" not in noted
    assert {path.name: path.read_bytes() for path in out.iterdir()} == {"k.jsonl": b"old"}


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as nobody_listens:
        process = run("detect", *[ROOT / "tests"], stdout=nobody_listens)
    assert process.returncode == 141
    assert process.stderr == ""


def test_progress_is_shown_on_a_terminal_and_gone_when_it_is_over(tmp_path: Path) -> None:
    path = many_records(tmp_path / "a.jsonl", count=20_000)
    terminal, far_end = pty.openpty()
    try:
        done = run("convert", path, "--out", tmp_path / "out", stderr=far_end)
        assert select.select([terminal], [], [], 10)[0], "nothing was shown"
        shown = os.read(terminal, 1 << 16).decode()
    finally:
        os.close(far_end)
        os.close(terminal)
    assert done.returncode == 0
    assert "0%|" in shown
    assert "B/s]" in shown
    assert shown.rstrip(" ").endswith("\r")


# --- detect and formats ------------------------------------------------------------------------


def test_detect_says_format_evidence_and_runner_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = log(tmp_path / "a.jsonl", "a")
    assert main(["detect", str(path)]) == 0
    assert capsys.readouterr().out.startswith("a.jsonl: tau2bench: ")


def test_detect_of_an_unknown_log_names_the_known_formats(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.json").write_text('{"what": "is this"}', encoding="utf-8")
    assert main(["detect", str(tmp_path / "a.json"), str(log(tmp_path / "b.jsonl", "b"))]) == 1
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("a.json: unknown; known formats: ")
    assert "tau2bench" in first
    assert second.startswith("b.jsonl: tau2bench: ")


def test_formats_lists_each_with_its_origin(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["formats"]) == 0
    said = capsys.readouterr().out
    assert "tau2bench          tau2-bench simulations" in said
    assert "https://github.com/sierra-research/tau2-bench" in said
