"""A whole conversion: five files, all or none of them, and the names that rows give to files."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conversions import converted
from trace_assets.enrich import Defaults
from trace_assets.ledger import UnbalancedLedgerError
from trace_assets.onepass import Input, Outputs, convert

LINE = (
    '{"id": "%s", "task_id": "1", "termination_reason": "x", '
    '"messages": [{"role": "user", "content": "Hi"}]}\n'
)


def logs(folder: Path) -> Path:
    (folder / "logs" / "day").mkdir(parents=True)
    (folder / "logs" / "day" / "b.jsonl").write_text(LINE % "b", encoding="utf-8")
    (folder / "logs" / "a.jsonl").write_text(LINE % "a" + "{oops\n", encoding="utf-8")
    (folder / "logs" / ".hidden").write_text("no log", encoding="utf-8")
    return folder / "logs"


def test_a_conversion_writes_its_five_files_and_nothing_else(tmp_path: Path) -> None:
    conversion = converted([logs(tmp_path)])
    assert sorted(conversion.files) == [
        "dataset.context.jsonl",
        "dataset.jsonl",
        "dataset.ledger.json",
        "dataset.quarantine.jsonl",
        "dataset.yaml",
    ]


def test_rows_name_their_file_below_the_folder_that_was_given(tmp_path: Path) -> None:
    conversion = converted([logs(tmp_path)])
    assert [row["source_uri"] for row in conversion.rows] == [
        "logs/a.jsonl#0",
        "logs/day/b.jsonl#0",
    ]
    assert [row["file"] for row in conversion.quarantine] == ["logs/a.jsonl"]
    assert [file["file"] for file in conversion.ledger["files"]] == [
        "logs/a.jsonl",
        "logs/day/b.jsonl",
    ]


def test_what_the_owner_declares_stands_in_where_the_log_says_nothing(tmp_path: Path) -> None:
    conversion = converted([logs(tmp_path)], defaults=Defaults("clerk", "model-1", ("tag",)))
    for row in conversion.rows:
        assert (row["agent"], row["model"], row["tags"]) == ("clerk", "model-1", ["tag"])
        assert row["trace"]["metadata"]["agent"] == "clerk"


def test_a_run_that_fails_leaves_the_old_files_and_no_parts(tmp_path: Path) -> None:
    inputs = [Input(logs(tmp_path) / "a.jsonl", "a.jsonl")]
    outputs = Outputs(tmp_path / "out", "key")
    convert(inputs, outputs)
    before = {path: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    def fail(done: int) -> None:
        raise UnbalancedLedgerError(str(done))

    with pytest.raises(UnbalancedLedgerError):
        convert(inputs, outputs, defaults=Defaults("other"), report=fail)
    assert {path: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_the_report_hears_of_every_byte(tmp_path: Path) -> None:
    inputs = [Input(path, path.name) for path in sorted(logs(tmp_path).rglob("*.jsonl"))]
    heard: list[int] = []
    ledger = convert(inputs, Outputs(tmp_path / "out", "key"), report=heard.append)
    assert sum(heard) == ledger.total("bytes") == sum(one.path.stat().st_size for one in inputs)


def test_a_conversion_starts_without_loading_the_models(tmp_path: Path) -> None:
    """They and pydantic take as long to load as 10 MB take to convert."""
    example = Path("examples/inbox/telecom-agent/2026-01-02/results.json").resolve()
    code = f"""
import sys
from trace_assets.cli import main
code = main(["convert", {str(example)!r}, "--out", {str(tmp_path)!r}])
loaded = sorted(name for name in sys.modules if name.partition(".")[0] == "pydantic")
sys.exit(f"loaded: {{loaded}}" if loaded else code)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


def test_a_hidden_log_of_aider_is_read(tmp_path: Path) -> None:
    (tmp_path / ".aider.chat.history.md").write_text("#### add a test\n", encoding="utf-8")
    conversion = converted([tmp_path])
    assert [row["reason"] for row in conversion.quarantine] == ["not_json"]
