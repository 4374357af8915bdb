"""Which records of one opening are calls of one conversation."""

from typing import Any

from trace_assets.chatlogs.exchange import exchange
from trace_assets.chatlogs.threads import threads

ASK = {"role": "user", "content": "Which crane is free?"}


def asks(call_id: str, arguments: str, text: str | None = None) -> dict[str, Any]:
    call = {"id": call_id, "function": {"name": "cranes", "arguments": arguments}}
    return {"role": "assistant", "content": text, "tool_calls": [call]}


def result(call_id: str, text: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": text}


def found(*records: tuple[list[Any], Any]) -> list[list[int]]:
    return threads(
        [
            exchange({"request": {"messages": given}, "response": {"choices": [{"message": made}]}})
            for given, made in records
        ]
    )


DONE = {"role": "assistant", "content": "Crane 4."}


def test_a_call_that_the_client_writes_in_another_way_is_gone_on_from() -> None:
    first = ([ASK], asks("c1", '{"quay": "east"}', "I look.\n"))
    for again in (
        asks("c1", '{"quay": "east"}'),
        asks("c1", '{"quay": "east", "limit": 10}', "I look."),
        asks("c1", "{}", "Let me see."),
    ):
        assert found(first, ([ASK, again, result("c1", "4")], DONE)) == [[0, 1]]


def test_the_same_question_asked_twice_is_two_conversations_with_their_own_calls() -> None:
    records = [
        ([ASK], asks("a", "{}")),
        ([ASK], asks("b", "{}")),
        ([ASK, asks("b", '{"limit": 1}'), result("b", "4")], DONE),
        ([ASK, asks("a", '{"limit": 1}'), result("a", "4")], DONE),
    ]
    assert found(*records) == [[0, 3], [1, 2]]


def test_calls_with_one_id_are_told_apart_by_their_arguments() -> None:
    records = [
        ([ASK], asks("call_0", '{"n": 1}')),
        ([ASK], asks("call_0", '{"n": 2}')),
        ([ASK, asks("call_0", '{"n": 2}'), result("call_0", "4")], DONE),
        ([ASK, asks("call_0", '{"n": 1}'), result("call_0", "4")], DONE),
    ]
    assert found(*records) == [[0, 3], [1, 2]]


def test_a_conversation_is_gone_on_from_once() -> None:
    again = ([ASK, asks("a", '{"limit": 1}'), result("a", "4")], DONE)
    exact = ([ASK, asks("a", "{}"), result("a", "4")], DONE)
    assert found(([ASK], asks("a", "{}")), again, exact) == [[0, 1], [2]]
