"""Columns that a user declares: from the records of a log to the rows of a dataset."""

import json
from pathlib import Path
from typing import Any

import pytest

from trace_assets.cli import main
from trace_assets.custom_columns import ColumnTypes, CustomColumns, checked, from_arguments
from trace_assets.errors import ConfigError
from trace_assets.onepass import Outputs, convert
from trace_assets.onepass.inputs import inputs_of

RECORD = {
    "metadata": {"tier": "gold", "seats": 3, "is_trial": False, "plan.name": "big"},
    "extra": '{"region": {"name": "north"}}',
    "a/b": [{"c": 1.5}],
    "attributes": [
        {"key": "user.team", "value": {"stringValue": "blue"}},
        {"key": "retries", "value": {"intValue": "2"}},
    ],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.tier", "gold"),
        ("metadata.seats", 3),
        ("metadata.is_trial", False),
        ("metadata.plan.name", "big"),
        ("/metadata/plan.name", "big"),
        ("/metadata/plan/name", None),
        ("extra.region.name", "north"),
        ("extra.region", '{"name":"north"}'),
        ("/a~1b/0/c", 1.5),
        ("attributes.user.team", "blue"),
        ("attributes.retries", 2),
        ("metadata.none", None),
        ("metadata.tier.none", None),
    ],
)
def test_a_path_leads_to_a_value(path: str, value: Any) -> None:
    assert CustomColumns({"it": path}).values_in(RECORD) == {"it": value}


@pytest.mark.parametrize("name", ["trace", "trace_id", "tags", "session_id", "2nd", "a b", ""])
def test_a_name_that_cannot_be_is_an_error(name: str) -> None:
    with pytest.raises(ConfigError, match=r"exists already|expected letters"):
        checked({name: "metadata.tier"})


def test_an_argument_in_another_form_is_an_error() -> None:
    for arguments in (["tier"], ["tier=a", "tier=b"], ["tier="]):
        with pytest.raises(ConfigError, match="tier"):
            from_arguments(arguments)


def test_values_of_several_types_are_texts() -> None:
    types = ColumnTypes(["one", "two", "three", "none"])
    types.add({"one": True, "two": 1, "three": 2**60})
    types.add({"one": False, "two": "1", "three": None})
    assert types.as_dict() == {"one": "bool", "two": "string", "three": "string", "none": "string"}


def chat(number: int, **metadata: Any) -> str:
    messages = [
        {"role": "user", "content": f"Which river is number {number}?"},
        {"role": "assistant", "content": f"The river of number {number}."},
    ]
    return json.dumps({"id": f"c{number}", "messages": messages, "metadata": metadata})


def session(kind: str, number: int, **more: Any) -> str:
    text = {"role": kind, "content": f"Words number {number} of the session"}
    before = f"u{number - 1}" if number else None
    named = {"uuid": f"u{number}", "parentUuid": before, "sessionId": "s1", "type": kind}
    time = f"2026-01-02T10:00:0{number}.000Z"
    return json.dumps({**named, "message": text, "timestamp": time, "cwd": "/home", **more})


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


@pytest.mark.parametrize("workers", [1, 2])
def test_the_command_line_promotes_values_to_columns(tmp_path: Path, workers: int) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jsonl").write_text(chat(1, customer_tier="gold") + "\n" + chat(2))
    (tmp_path / "in/b.jsonl").write_text(chat(3, customer_tier=7))
    arguments = ["convert", str(tmp_path / "in"), "--out", str(tmp_path), "--key", "k"]
    arguments += ["--column", "tier=metadata.customer_tier", "--workers", str(workers)]
    assert main(arguments) == 0
    assert [row["tier"] for row in rows_of(tmp_path / "k.jsonl")] == ["gold", None, 7]
    assert main([*arguments, "--column", "model=metadata.customer_tier"]) == 2


def test_the_first_record_of_a_trace_that_has_the_value_counts(tmp_path: Path) -> None:
    lines = [
        session("user", 0),
        session("assistant", 1, team={"name": "blue"}),
        session("user", 2, team={"name": "red"}),
    ]
    (tmp_path / "s1.jsonl").write_text("\n".join(lines))
    convert(
        inputs_of([tmp_path / "s1.jsonl"]),
        Outputs(tmp_path / "out", "k"),
        columns={"team": "team.name", "absent": "team.size"},
    )
    (row,) = rows_of(tmp_path / "out/k.jsonl")
    assert (row["format"], row["team"], row["absent"]) == ("claude_code", "blue", None)
