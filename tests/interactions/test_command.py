"""`trace-assets interactions`: a dataset in, the layout on disk out."""

import argparse
import json
from pathlib import Path

import pytest

from tests.interactions.making import conversation
from tests.trace.making import Value, assistant, call, output, user
from trace_assets.errors import ConfigError
from trace_assets.interactions import check_folder
from trace_assets.interactions.command import add_arguments, run

ORDER = conversation(
    user("Where?"), call("c"), output("c"), assistant("Here \u2028"), user("Thanks")
)


def dataset(folder: Path, *traces: Value | bytes) -> Path:
    path = folder / "day.jsonl"
    lines = [
        trace
        if isinstance(trace, bytes)
        else json.dumps({"trace": trace, "trace_id": trace["metadata"]["trace_id"]}).encode()
        for trace in traces
    ]
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def command(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return run(parser.parse_args([str(each) for each in arguments]))


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_a_dataset_becomes_a_directory_for_each_interaction(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert command(dataset(tmp_path, ORDER), "--out", out) == 0
    files = tree(out)
    assert sorted(files) == [
        "interactions.quarantine.jsonl",
        "interactions.report.json",
        "interactions/t-turn-0/metadata.json",
        "interactions/t-turn-0/steps.jsonl",
        "interactions/t-turn-1/metadata.json",
        "interactions/t-turn-1/steps.jsonl",
    ]
    metadata = json.loads(files["interactions/t-turn-0/metadata.json"])
    assert list(metadata) == [
        *("id", "start_ns", "duration_ns", "group_id", "name", "description", "tags")
    ]
    assert files["interactions/t-turn-0/metadata.json"].startswith(b'{\n  "id"')
    assert check_folder(out).found == {}


def test_every_field_of_a_step_is_written_in_the_contracts_order(tmp_path: Path) -> None:
    command(dataset(tmp_path, ORDER), "--out", tmp_path / "out")
    data = tree(tmp_path / "out")["interactions/t-turn-0/steps.jsonl"]
    assert data.isascii()
    assert len(data.decode().splitlines()) == 2
    names = (
        "id parent_step_id interaction_id group_id name start_ns duration_ns input_data "
        "output_data metadata raw tags model input_messages output_messages usage provider"
    )
    for line in data.splitlines():
        step = json.loads(line)
        assert sorted(step) == sorted(names.split())
        assert list(step) == names.split()
        assert step["metadata"]["raw_from"] == "trace"
        assert step["group_id"] == "t"


def test_the_same_dataset_gives_the_same_bytes_in_the_place_of_the_old_ones(
    tmp_path: Path,
) -> None:
    path = dataset(tmp_path, ORDER, conversation(user("Hi"), trace_id="../evil"))
    command(path, "--out", tmp_path / "out")
    first = tree(tmp_path / "out")
    command(path, "--out", tmp_path / "out")
    assert tree(tmp_path / "out") == first
    command(dataset(tmp_path, ORDER), "--out", tmp_path / "out", "--per", "trace")
    left = {name.split("/")[1] for name in tree(tmp_path / "out") if "/" in name}
    assert left == {"t"}


def test_a_hostile_trace_id_stays_below_the_folder_and_is_kept(tmp_path: Path) -> None:
    command(dataset(tmp_path, conversation(user("Hi"), trace_id="../../e\0vil")), "--out", tmp_path)
    [name] = [path.name for path in (tmp_path / "interactions").iterdir()]
    assert name.startswith("e_vil-turn-0~")
    metadata = json.loads((tmp_path / "interactions" / name / "metadata.json").read_bytes())
    assert metadata["tags"]["trace_id"] == "../../e\0vil"


def test_rows_that_are_no_trace_are_kept_whole_with_their_reason(tmp_path: Path) -> None:
    twice = conversation(user("Hi", name="1"), user("Ho", name="1"))
    bad = [
        b"{",
        b'{"trace": {"items": 5}}',
        b'{"no": "trace"}',
        b"\xff",
        json.dumps({"trace": twice}).encode(),
    ]
    path = dataset(tmp_path, *bad[:2], ORDER, *bad[2:], b"")
    assert command(path, "--out", tmp_path / "out") == 0
    files = tree(tmp_path / "out")
    rows = [json.loads(line) for line in files["interactions.quarantine.jsonl"].splitlines()]
    assert [row["reason"] for row in rows] == ["invalid_trace"] * 4 + ["repeated_item_id"]
    assert [row["record"] for row in rows] == [0, 1, 3, 4, 5]
    assert rows[0]["raw"] == "{\n"
    assert path.read_bytes()[rows[2]["offset"] :].startswith(bad[2])
    report = json.loads(files["interactions.report.json"])
    assert (report["traces"], report["refused"]) == (1, 5)


def test_a_dataset_without_a_trace_that_holds_is_no_success(tmp_path: Path) -> None:
    assert command(dataset(tmp_path, b"{"), "--out", tmp_path / "out") == 1


def test_files_of_somebody_else_are_not_replaced(tmp_path: Path) -> None:
    notes = tmp_path / "out" / "interactions" / "t" / "notes.txt"
    notes.parent.mkdir(parents=True)
    notes.write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"notes.txt: is no file of an interaction"):
        command(dataset(tmp_path, ORDER), "--out", tmp_path / "out")
    assert notes.read_text(encoding="utf-8") == "mine"


def test_rules_come_from_a_file_and_a_wrong_one_is_named(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "per: trace\nroles: {noisy: [{attribute: name, equals_value: look_up}]}", encoding="utf-8"
    )
    command(dataset(tmp_path, ORDER), "--out", tmp_path / "out", "--config", rules)
    lines = tree(tmp_path / "out")["interactions/t/steps.jsonl"].splitlines()
    assert [json.loads(line)["tags"].get("noisy") for line in lines] == ["true", None, None]
    rules.write_text("roles: {noisy: [{attribute: name}]}", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"roles.noisy.0.*found none"):
        command(dataset(tmp_path, ORDER), "--out", tmp_path / "out", "--config", rules)


def test_a_folder_of_interactions_is_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command(dataset(tmp_path, ORDER), "--out", tmp_path / "out")
    assert command(tmp_path / "out") == 0
    steps = tmp_path / "out" / "interactions" / "t-turn-1" / "steps.jsonl"
    steps.write_bytes(steps.read_bytes() * 2)
    assert command(tmp_path / "out") == 1
    assert "1 repeated_step" in capsys.readouterr().out
