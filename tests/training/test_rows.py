"""Conversations as rows: the platform's columns, to the letter."""

import json
from typing import Any

import pytest

from tests.trace.making import assistant, call, output, system, user
from tests.training.making import recipe, rows
from trace_assets.training.rows import NoRow, Row

BANKING = (
    system("You are a banking assistant."),
    user("What is my balance?"),
    assistant("Your balance is $1,234."),
    user("Transfer $100 to savings."),
    assistant("Done, $100 transferred."),
)
MULTI_TURN = "multi-turn-tool-calling-closed-book"
TOOLS = "tool-calling-closed-book"


def printed(row: Row | NoRow) -> str:
    assert isinstance(row, Row)
    return f"{row.question}\nassistant: {json.dumps(row.answer)}"


def reasons(found: list[Row | NoRow]) -> list[str]:
    return [row.reason for row in found if isinstance(row, NoRow)]


def turns(row: Row | NoRow) -> Any:
    assert isinstance(row, Row)
    return json.loads(row.question)


def test_the_banking_example_comes_out_as_the_platform_prints_it() -> None:
    first, second = rows(recipe("question-answering"), *BANKING)
    assert printed(first) == (
        'system: "You are a banking assistant."\n'
        'user: "What is my balance?"\n'
        'assistant: "Your balance is $1,234."'
    )
    whole = (
        'system: "You are a banking assistant."\n'
        'user: "What is my balance?"\n'
        'assistant: "Your balance is $1,234."\n'
        'user: "Transfer $100 to savings."\n'
        'assistant: "Done, $100 transferred."'
    )
    assert printed(second) == whole
    (only,) = rows(recipe("question-answering", convert_to_single_turn=False), *BANKING)
    assert printed(only) == whole


def test_one_message_of_the_user_is_asked_in_its_own_words() -> None:
    made = recipe("question-answering-closed-book", remove_system_prompt_from_traces=True)
    first, second = rows(made, *BANKING)
    assert isinstance(first, Row)
    assert first.question == "What is my balance?"
    assert isinstance(second, Row)
    assert second.question.startswith('user: "What is my balance?"\n')


def test_a_class_that_the_job_does_not_know_is_no_answer() -> None:
    made = recipe("classification")
    (known,) = rows(made, user("My bill?"), assistant(" billing\n"))
    assert isinstance(known, Row)
    assert (known.question, known.answer, known.name) == ("My bill?", "billing", "billing")
    (unknown,) = rows(made, user("My bill?"), assistant("money"))
    assert isinstance(unknown, NoRow)
    assert (unknown.reason, unknown.message) == ("unknown_class", "'money'; known: billing, other")


def test_a_tool_answer_has_parameters_and_a_history_has_arguments_as_an_object() -> None:
    items = (
        user("Rome?"),
        call("a", "get_weather", '{"city": "Rome"}'),
        output("a", "sunny"),
        assistant("Sunny."),
        user("And Oslo \u2014 today?"),
        call("b", "get_weather", '{"city": "Oslo", "days": 1}'),
        output("b", "snow"),
        assistant("Snow."),
    )
    (row,) = rows(recipe(MULTI_TURN), *items)
    assert isinstance(row, Row)
    assert row.answer == '{"name": "get_weather", "parameters": {"city": "Oslo", "days": 1}}'
    called = {"name": "get_weather", "arguments": {"city": "Rome"}}
    assert turns(row) == [
        {"role": "user", "content": "Rome?"},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [{"type": "function", "function": called}],
        },
        {"role": "assistant", "content": "Sunny."},
        {"role": "user", "content": "And Oslo \u2014 today?"},
    ]
    first, second = rows(recipe(TOOLS), *items)
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert (first.question, first.turn) == ("Rome?", 0)
    assert second.turn == 1
    assert 'assistant: {"name": "get_weather", "parameters": {"city": "Rome"}}\n' in second.question
    assert 'tool: "sunny"\n' in second.question


def test_results_of_tools_may_be_turns_of_the_user() -> None:
    items = (
        user("Time and weather?"),
        call("a", "get_time"),
        output("a", "noon"),
        call("b", "get_weather", '{"city": "Rome"}'),
        output("b", "sunny"),
    )
    (row,) = rows(recipe(MULTI_TURN), *items)
    assert turns(row) == [{"role": "user", "content": "Time and weather?"}]
    (row,) = rows(recipe(MULTI_TURN, local={"tool_results": "as_user_turns"}), *items)
    assert [turn["content"] for turn in turns(row)] == ["Time and weather?", "", "noon"]
    assert isinstance(row, Row)
    assert json.loads(row.answer)["name"] == "get_weather"


def test_parallel_calls_are_split_or_left_out_as_configured() -> None:
    items = (
        user("Both?"),
        call("a", "get_time"),
        call("b", "get_weather", '{"city": "Rome"}'),
        output("a", "noon"),
        output("b", "sunny"),
    )
    one, two = rows(recipe(TOOLS), *items)
    assert isinstance(one, Row)
    assert isinstance(two, Row)
    assert (one.name, two.name) == ("get_time", "get_weather")
    assert two.question == 'user: "Both?"\nassistant: {"name": "get_time", "parameters": {}}'
    left_out = rows(recipe(TOOLS, local={"parallel_tool_calls": "leave_out"}), *items)
    assert reasons(left_out) == ["parallel_calls"]


@pytest.mark.parametrize(
    ("name", "arguments", "reason"),
    [
        ("get_news", "{}", "unknown_tool"),
        ("get_weather", "Rome", "arguments_not_json"),
        ("get_weather", "[1]", "arguments_not_json"),
        ("get_weather", "{}", "parameters_invalid"),
        ("get_weather", '{"city": 7}', "parameters_invalid"),
    ],
)
def test_a_call_that_is_none_of_the_tools_says_why(name: str, arguments: str, reason: str) -> None:
    found = rows(recipe(TOOLS), user("Hm?"), call("a", name, arguments), output("a"))
    assert reasons(found) == [reason]


def test_a_row_that_is_too_long_for_the_platform_is_left_out() -> None:
    found = rows(recipe("question-answering"), user("why " * 3000), assistant("So."))
    assert reasons(found) == ["too_long"]


def test_a_conversation_that_never_calls_right_after_the_user_is_no_multi_turn_row() -> None:
    items = (user("Rome?"), assistant("I look."), call("a", "get_time"), output("a"))
    assert reasons(rows(recipe(MULTI_TURN), *items)) == ["no_call_after_the_user"]
