"""Ids of items and calls, and which result answers which call."""

from typing import Any

from tests.chat.making import items
from trace_assets import chat
from trace_assets.trace import build


def calls(*each: tuple[Any, str]) -> dict[str, Any]:
    made = [{"id": call_id, "function": {"name": name}} for call_id, name in each]
    return {"role": "assistant", "content": None, "tool_calls": made}


GO_ON = {"role": "user", "content": "go on"}


def result(call_id: Any = None, **more: Any) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": "", **more}


def links(*messages: dict[str, Any]) -> list[int | None]:
    """For each result, the number of the call that it answers."""
    made = items(*messages)
    of = [item["call_id"] for item in made if item["type"] == "function_call"]
    assert len(set(of)) == len(of)
    answers = [item["call_id"] for item in made if item["type"] == "function_call_output"]
    assert len(set(answers)) == len(answers)
    return [of.index(each) if each in of else None for each in answers]


def test_items_are_numbered_and_call_ids_are_hashes_of_the_logs_own() -> None:
    made = items({"role": "user", "content": "a"}, calls(("call_1", "f")))
    assert [item["id"] for item in made] == ["t:0", "t:1"]
    assert made[1]["call_id"] == build.short_id("call_1")
    assert made[1]["original_call_id"] == "call_1"


def test_a_result_finds_its_call_by_id_in_any_order() -> None:
    assert links(calls(("1", "f"), ("2", "f")), result("2"), result("1")) == [1, 0]
    assert links(result("2"), calls(("1", "f"), ("2", "f"))) == [1]
    assert links(calls((7, "f")), result(7)) == [0]


def test_results_without_an_id_come_in_the_order_of_the_calls() -> None:
    assert links(calls(("", "f"), ("", "g")), result(""), result("")) == [0, 1]
    assert links(calls((None, "f"), (None, "g")), result(), result()) == [0, 1]
    assert links(calls(("1", "f"), ("2", "g")), result(), result()) == [0, 1]


def test_a_result_without_an_id_passes_over_calls_answered_by_theirs() -> None:
    assert links(calls(("1", "f"), ("2", "f")), result("1"), result()) == [0, 1]


def test_results_without_an_id_find_their_call_by_the_tool_s_name() -> None:
    assert links(calls((None, "f"), (None, "g")), result(name="g"), result(name="f")) == [1, 0]


def test_a_call_without_a_result_does_not_steal_that_of_a_later_one() -> None:
    assert links(calls((None, "f")), GO_ON, calls((None, "f")), result(), result()) == [1, None]


def test_parallel_calls_may_be_messages_of_their_own() -> None:
    alone = [{"type": "function_call", "name": name, "arguments": ""} for name in "fg"]
    output = {"type": "function_call_output", "output": ""}
    assert links(*alone, output, output) == [0, 1]


def test_an_id_that_repeats_names_the_latest_call_that_waits() -> None:
    one = (calls(("call_0", "f")), result("call_0"))
    made = items(*one, *one)
    assert made[0]["call_id"] != made[2]["call_id"]
    assert made[0]["call_id"] == build.short_id("t:0")
    assert links(*one, *one) == [0, 1]
    assert links(calls(("0", "f")), GO_ON, calls(("0", "f")), result("0")) == [1]


def test_a_second_result_and_one_without_a_call_have_ids_of_their_own() -> None:
    assert links(calls(("1", "f")), result("1"), result("1"), result("9")) == [0, None, None]


def test_a_hundred_thousand_parallel_calls_are_matched_in_linear_time() -> None:
    names = [f"f{number % 5}" for number in range(100_000)]
    conversation = chat.Conversation("t")
    conversation.add(*(chat.Called(None, name, "", {}) for name in names))
    for name in names:
        conversation.add(chat.Answered(None, name, "", is_error=False, rest={}))
    made = conversation.items()
    assert made[4]["call_id"] == made[100_004]["call_id"]
    assert made[-1]["call_id"] == made[99_999]["call_id"]


def test_residue_never_covers_what_an_item_says_itself() -> None:
    odd = {"id": 1, "type": "x", "status": "y", "original_id": 2, "output": 3, "call_id": "own"}
    (said,) = items({"role": "user", "content": "a", **odd})
    assert (said["id"], said["original_id"], said["original_original_id"]) == ("t:0", 2, 1)
    (answer,) = items({"role": "tool", "tool_call_id": "1", "content": "", **odd})
    assert (answer["status"], answer["original_status"]) == ("completed", "y")
    assert (answer["original_output"], answer["original_call_id"]) == (3, "1")


def test_pieces_can_be_given_what_the_log_says_around_their_message() -> None:
    pieces = chat.pieces({"role": "assistant", "reasoning": "hm", "content": "a", "cost": 1})
    thought, said = chat.with_rest(pieces, {"timestamp": "2026-01-02", "cost": 2})
    assert thought.rest == {}
    assert said.rest == {"cost": 1, "timestamp": "2026-01-02", "around_cost": 2}
