"""What readers of interactions rely on and do not check is checked, wherever they come from."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.interactions.making import conversation
from tests.trace.making import assistant, user
from trace_assets.interactions import (
    Checker,
    Conversed,
    Interaction,
    InteractionsConfig,
    check_folder,
    directory_of,
    each_of,
    grouped,
)


def write(folder: Path, name: str, *steps: dict[str, Any], **metadata: Any) -> None:
    place = folder / "interactions" / name
    place.mkdir(parents=True)
    (place / "metadata.json").write_text(json.dumps({"id": name, **metadata}), encoding="utf-8")
    lines = [json.dumps({"interaction_id": name, **step}) for step in steps]
    (place / "steps.jsonl").write_text("\n".join(lines) + "\n\n", encoding="utf-8")


def found(folder: Path) -> dict[str, int]:
    return dict(check_folder(folder).found)


def test_interactions_that_hold_have_no_findings(tmp_path: Path) -> None:
    write(tmp_path, "a", {"id": "1"}, {"id": "2", "parent_step_id": "1"})
    report = check_folder(tmp_path)
    assert (report.found, report.interactions, report.steps) == ({}, 1, 2)


@pytest.mark.parametrize(
    ("steps", "finding"),
    [
        ([{"id": "1"}, {"id": "1"}], "repeated_step"),
        ([{"id": "1", "parent_step_id": "9"}], "orphan_parent"),
        ([{"id": "1", "parent_step_id": "1"}], "parent_cycle"),
        ([{"id": "1", "parent_step_id": "2"}, {"id": "2", "parent_step_id": "1"}], "parent_cycle"),
        ([{"id": "1", "parent_step_id": "elsewhere"}], "parent_elsewhere"),
        ([{"id": "1", "interaction_id": "b"}], "wrong_interaction"),
        ([{"id": "1", "interaction_id": None}], "wrong_interaction"),
        ([{"id": "1", "group_id": "g"}], "wrong_group"),
        ([{"id": "0"}, {"id": "1", "tags": {"noisy": True}}], "invalid"),
        ([{"id": "0"}, {"id": "1", "start_ns": 1.5}], "invalid"),
        ([{"id": "1"}, {"name": "no id"}], "invalid"),
        ([{"id": "0"}, {"id": "1", "duration_ms": 5}], "invalid"),
        ([], "no_steps"),
        ([{"id": "1", "duration_ns": -1}], "negative_duration"),
        ([{"id": "1", "start_ns": 0}], "start_not_positive"),
        ([{"id": "1", "start_ns": 2**63}], "beyond_64_bits"),
        (
            [{"id": "1", "start_ns": 5}, {"id": "2", "parent_step_id": "1", "start_ns": 4}],
            "starts_before_parent",
        ),
        (
            [
                {"id": "1", "start_ns": 5, "duration_ns": 5},
                {"id": "2", "parent_step_id": "1", "start_ns": 6, "duration_ns": 5},
            ],
            "ends_after_parent",
        ),
    ],
)
def test_each_thing_that_does_not_hold_is_found_once(
    tmp_path: Path, steps: list[dict[str, Any]], finding: str
) -> None:
    write(tmp_path, "a", *steps)
    write(tmp_path, "z", {"id": "elsewhere"})
    assert found(tmp_path) == {finding: 1}


def test_a_finding_says_where_and_what(tmp_path: Path) -> None:
    write(tmp_path, "a", {"id": "1", "tags": {"noisy": True}})
    write(tmp_path, "b", {"id": "2", "parent_step_id": "9"})
    assert [str(each) for each in check_folder(tmp_path).first[:1]] == [
        "a/steps.jsonl:1: invalid: tags.noisy: Input should be a valid string"
    ]
    orphan = check_folder(tmp_path).first[-1]
    assert str(orphan) == "b: step '2': orphan_parent: parent_step_id: no step is called '9'"


def test_directories_that_are_not_those_of_their_interactions_are_found(tmp_path: Path) -> None:
    write(tmp_path, "a", {"id": "1", "interaction_id": "x"}, id="x")
    write(tmp_path, "b", {"id": "2", "interaction_id": "x"}, id="x")
    assert found(tmp_path) == {"wrong_directory": 2, "repeated_interaction": 1}


def test_files_that_readers_would_pass_over_are_found(tmp_path: Path) -> None:
    write(tmp_path, "a", {"id": "1"}, other_key=1)
    (tmp_path / "interactions" / "stray.json").write_text("{}", encoding="utf-8")
    (tmp_path / "interactions" / "empty").mkdir()
    (tmp_path / "interactions" / "broken").mkdir()
    (tmp_path / "interactions" / "broken" / "metadata.json").write_bytes(b"{")
    (tmp_path / "interactions" / "broken" / "steps.jsonl").write_bytes(b"\xff\n[]\n")
    lines = "\n".join(str(each) for each in check_folder(tmp_path).first)
    assert "a/metadata.json: invalid: other_key: unknown key" in lines
    assert "stray.json: invalid: a file" in lines
    assert "empty/metadata.json: invalid: is not there" in lines
    assert "broken/metadata.json: invalid: no JSON object" in lines
    assert "broken/steps.jsonl:2: invalid: no JSON object" in lines


HOSTILE = ["a/b", "..", ".", "", "/etc/passwd", "nul\0byte", "x" * 300, "Case", "case", "CON"]
HOSTILE += ["con", "a b", "a_b", "\u00e9", "e\u0301", "end.", "-rf", "~x", "a~0123456789abcdef"]
HOSTILE += ["\u202e", "c:\\d", "\ud800"]


def test_hostile_ids_get_safe_directories_and_are_kept_as_they_are() -> None:
    directories = {name: directory_of(name) for name in HOSTILE}
    assert len({name.casefold() for name in directories.values()}) == len(set(HOSTILE))
    for directory in directories.values():
        assert directory.isascii()
        assert directory[0].isalnum()
        assert len(directory) <= 80
        assert not set(directory) - set("abcdefghijklmnopqrstuvwxyz0123456789._~-")
    assert directories["case"] == "case"


def test_traces_with_one_id_and_spans_with_one_id_stay_apart() -> None:
    trace = conversation(user("Hi", name="1"), assistant("Ho", name="2"))
    traces = [Conversed(trace, name) for name in ("t", "t", "t", "u")]
    made = [one for each in each_of(traces, config=InteractionsConfig()) for one in each]
    assert [one.id for one in made] == ["t-turn-0", "t-turn-0~2", "t-turn-0~3", "u-turn-0"]
    assert [one.steps[0].id for one in made] == ["2", "t:2", "t:2~2", "u:2"]
    assert {one.steps[0].metadata["original_id"] for one in made} == {"2"}
    with Checker() as checker:
        for one in made:
            checker.add(directory_of(one.id), one)
        assert checker.finish().found == {"renamed": 2}
    assert made[1].tags["renamed_from"] == "t-turn-0"


def test_interactions_come_together_in_groups() -> None:
    made = [Interaction(id=name, steps=[], group_id=group) for name, group in ("ag", "bh", "cg")]
    alone = Interaction(id="alone", steps=[])
    groups = {one.id: [each.id for each in one.interactions] for one in grouped([*made, alone])}
    assert groups == {"g": ["a", "c"], "h": ["b"], "alone": ["alone"]}
