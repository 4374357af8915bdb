"""Chat completions, as OpenAI and the servers that speak its dialect write them."""

import pytest

from tests.chat.making import brief, items
from trace_assets import chat


def test_the_tutorial_conversation_becomes_items_in_its_order() -> None:
    made = items(
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Weather in Ulm?"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "weather", "arguments": '{"city": "Ulm"}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "9 degrees"},
        {"role": "assistant", "content": "It is 9 degrees."},
    )
    assert brief(made) == [
        "system: Be kind.",
        "user: Weather in Ulm?",
        'call weather {"city": "Ulm"}',
        "output 9 degrees",
        "assistant: It is 9 degrees.",
    ]
    assert made[2]["call_id"] == made[3]["call_id"]
    assert made[2]["original_call_id"] == made[3]["original_call_id"] == "call_1"


def test_reasoning_is_a_message_of_its_own_before_the_answer() -> None:
    made = items(
        {
            "role": "assistant",
            "content": "Four.",
            "reasoning": "2+2",
            "reasoning_content": "2+2",
            "id": 7,
        }
    )
    assert brief(made) == ["assistant: (2+2)", "assistant: Four."]
    assert made[1]["original_id"] == 7


def test_an_unknown_role_is_an_error_that_says_where_and_what_is_known() -> None:
    conversation = chat.Conversation("t")
    with pytest.raises(chat.UnknownMessageError, match="found `narrator`") as error:
        conversation.extend([{"role": "user", "content": "a"}, {"role": "narrator"}], "/messages")
    assert error.value.pointer == "/messages/1/role"


def test_a_call_without_a_name_is_an_error_that_says_where() -> None:
    with pytest.raises(chat.UnknownMessageError, match="a call with a name") as error:
        chat.pieces({"role": "assistant", "tool_calls": [{"id": 1}]}, pointer="/3")
    assert error.value.pointer == "/3/tool_calls/0"
