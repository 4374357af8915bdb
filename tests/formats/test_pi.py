"""What goldens of Pi's sessions cannot say: which entry is the newest, holes, and order."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conversions import Conversion, converted_bytes, is_balanced
from tests.formats.hostile import mutated
from trace_assets.formats.pi import KNOWN_KINDS

FIXTURES = Path(__file__).parent / "fixtures" / "pi"
HEADER = {"type": "session", "version": 3, "id": "s", "timestamp": "2026-05-02T09:00:00.000Z"}


def session(*entries: dict[str, Any]) -> Conversion:
    lines = [HEADER | {"cwd": "/w"}, *entries]
    content = "".join(json.dumps(line) + "\n" for line in lines)
    return converted_bytes(content.encode(), file="s.jsonl")


def control(number: int) -> dict[str, Any]:
    level = {"type": "thinking_level_change", "thinkingLevel": "low"}
    return level | {"id": f"c{number}", "parentId": f"c{number - 1}" if number else None}


def message(own: str, parent: str | None, role: str, text: str, **more: Any) -> dict[str, Any]:
    said = {"role": role, "content": [{"type": "text", "text": text}], **more}
    return {"type": "message", "id": own, "parentId": parent, "message": said}


def texts(conversion: Conversion) -> list[str]:
    (trace,) = conversion.traces
    return [item["content"][0]["text"] for item in trace["items"]]


@pytest.mark.parametrize("count", [0, 1, 5, 40])
def test_the_number_of_control_entries_before_the_first_message_does_not_matter(count: int) -> None:
    parent = f"c{count - 1}" if count else None
    controls = [control(number) for number in range(count)]
    result = session(*controls, message("u", parent, "user", "Hi"))
    assert [row["format"] for row in result.rows] == ["pi"]
    assert texts(result) == ["Hi"]


def test_the_conversation_is_the_path_from_the_newest_entry_to_the_root() -> None:
    question = message("u", None, "user", "Hi")
    answers = [message(name, "u", "assistant", name) for name in ("a", "b")]
    (row,) = session(question, *answers).rows
    assert texts(session(question, *answers)) == ["Hi", "b"]
    (branch,) = row["trace"]["metadata"]["extra"]["branches"]
    assert branch["after"] == "s:0"
    assert [item["content"][0]["text"] for item in branch["items"]] == ["a"]
    assert row["tags"] == []


def test_a_new_first_message_leaves_the_old_conversation() -> None:
    old = [message("u", None, "user", "Old"), message("a", "u", "assistant", "Old answer")]
    assert texts(session(*old, message("v", None, "user", "New"))) == ["New"]


def test_a_note_of_an_unknown_type_does_not_end_the_conversation_at_its_parent() -> None:
    said = [message("u", None, "user", "Hi"), message("a", "u", "assistant", "Hello")]
    note = {"type": "a_later_type", "id": "n", "parentId": "u"}
    assert texts(session(*said, note)) == ["Hi", "Hello"]


def test_entries_after_a_missing_parent_go_on_from_the_entry_before_and_are_marked() -> None:
    said = [message("u", None, "user", "Hi"), message("v", "gone", "user", "Still there?")]
    (row,) = session(*said).rows
    assert texts(session(*said)) == ["Hi", "Still there?"]
    assert "incomplete_conversation" in row["tags"]


def test_answers_that_name_one_missing_parent_are_alternatives() -> None:
    said = [message(name, "gone", "assistant", name) for name in ("a", "b")]
    assert texts(session(message("u", None, "user", "Hi"), *said)) == ["Hi", "b"]


def test_a_message_of_no_known_shape_is_quarantined_and_its_row_is_marked() -> None:
    strange = {"type": "message", "id": "x", "parentId": "u", "message": {"role": "oracle"}}
    result = session(message("u", None, "user", "Hi"), strange, message("v", "x", "user", "So?"))
    assert result.reasons == ["unknown_shape"]
    (row,) = result.rows
    assert "incomplete_conversation" in row["tags"]
    assert texts(result) == ["Hi", "So?"]


def test_a_branch_with_calls_that_left_the_conversation_is_marked() -> None:
    call = {"type": "toolCall", "id": "t", "name": "ls", "arguments": {}}
    left = message("a", "u", "assistant", "", content=[call])
    said = [message("u", None, "user", "Hi"), left, message("b", "u", "assistant", "No.")]
    (row,) = session(*said).rows
    assert "branch_with_calls" in row["tags"]


def test_a_result_may_name_its_call_as_its_parent() -> None:
    call = {"type": "toolCall", "id": "t", "name": "ls", "arguments": {}}
    asked = [message("u", None, "user", "Hi"), message("a", "u", "assistant", "", content=[call])]
    result = message("r", "t", "toolResult", "a.txt", toolCallId="t", toolName="ls")
    (row,) = session(*asked, result).rows
    assert [item["type"] for item in row["trace"]["items"]][1:] == [
        "function_call",
        "function_call_output",
    ]
    assert row["tags"] == []


def test_every_type_of_entry_in_the_fixtures_of_pi_is_a_known_kind() -> None:
    lines = (FIXTURES / "branches.jsonl").read_text("utf-8").splitlines()
    assert {json.loads(line)["type"] for line in lines} <= KNOWN_KINDS


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_mutated_entries_are_converted_or_quarantined_and_never_an_error(
    data: st.DataObject,
) -> None:
    text = (FIXTURES / "branches.jsonl").read_text("utf-8")
    lines = [data.draw(mutated(json.loads(line))) for line in text.splitlines()]
    content = "".join(json.dumps(line) + "\n" for line in lines)
    conversion = converted_bytes(content.encode(), file="s.jsonl", format="pi")
    assert is_balanced(conversion.ledger)
    assert conversion.ledger["records"] == len(lines)
    assert set(conversion.reasons) <= {"unknown_shape", "no_conversation"}
