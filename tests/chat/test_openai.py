"""Chat completions, as OpenAI and the servers that speak its dialect write them."""

import pytest

from tests.chat.making import brief, items, told
from trace_assets import chat
from trace_assets.trace.build import text_part


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


def test_parts_of_every_kind_are_kept_as_the_nearest_that_the_model_has() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://x/a.png", "detail": "original"}}
    assert told(
        {
            "role": "user",
            "name": "Ann",
            "content": [
                {"type": "text", "text": "Look", "cache_control": {"type": "ephemeral"}},
                image,
                {"type": "input_audio", "input_audio": {"data": "AAA", "format": "wav"}},
                {"type": "file", "file": {"file_id": "f-1", "filename": "a.pdf"}},
                {"type": "video_url", "video_url": {"url": "https://x/a.mp4"}},
                {"type": "hologram", "depth": 3},
            ],
        }
    ) == ["user: Look [image] [file] [file] [video]"]


def test_what_no_part_can_hold_stays_whole_beside_the_message() -> None:
    (made,) = items({"role": "user", "content": ["a", {"type": "hologram", "depth": 3}]})
    assert made["original_content"] == [{"type": "hologram", "depth": 3}]


def test_refusals_and_spoken_answers_are_what_the_assistant_said() -> None:
    sound = {"id": "audio_1", "transcript": "Good day", "data": "AAAA", "expires_at": 17}
    assert told(
        {"role": "assistant", "content": None, "refusal": "I cannot."},
        {"role": "assistant", "content": None, "audio": sound},
    ) == ["assistant: I cannot.", "assistant: Good day"]


def test_calls_are_read_in_each_way_to_write_them() -> None:
    calls = [
        {"id": "1", "type": "custom", "custom": {"name": "shell", "input": "ls"}},
        {"id": "2", "function": {"name": "f", "arguments": {"x": 1}, "strict": True}, "index": 4},
        {"id": "3", "function": "inspect", "arguments": {"y": 2}, "type": "function"},
        {"id": 4, "name": "lang", "args": {"z": 3}, "type": "tool_call"},
    ]
    assert told(
        {"role": "assistant", "content": "", "tool_calls": calls},
        {"role": "assistant", "function_call": {"name": "old", "arguments": "{}"}},
        {"role": "function", "name": "old", "content": "done"},
    ) == [
        "call shell ls",
        'call f {"x":1}',
        'call inspect {"y":2}',
        'call lang {"z":3}',
        "call old {}",
        "output done",
    ]


def test_a_tool_that_failed_says_so_in_any_words() -> None:
    results = ({"error": {"type": "timeout"}}, {"is_error": True}, {"status": "error"})
    assert (
        told(*({"role": "tool", "content": "no", **result} for result in results))
        == ["failed no"] * 3
    )


def test_the_residue_of_a_message_goes_to_its_answer_and_not_to_its_reasoning() -> None:
    call = {"id": "1", "function": {"name": "f", "arguments": "{}"}}
    message = {"role": "assistant", "reasoning": "hm", "tool_calls": [call], "weight": 0.5}
    thought, made = items(message)
    assert "weight" not in thought
    assert made["weight"] == 0.5


def test_what_was_said_may_stand_under_text_where_there_is_no_content() -> None:
    [said] = chat.pieces({"role": "ai", "text": "hi", "mask": False})
    assert said.rest == {"mask": False, "role": "ai"}
    assert said == chat.Said("assistant", [text_part("assistant", "hi")], said.rest)
    [told] = chat.pieces({"role": "user", "content": "hi", "text": "hi there"})
    assert told == chat.Said("user", [text_part("user", "hi")], {"text": "hi there"})


def test_a_choice_whose_words_were_not_logged_is_an_answer_without_words() -> None:
    opened = chat.unwrap({"choices": [{"finish_reason": "stop", "index": 0}]}, role="assistant")
    assert opened is not None
    assert opened.pieces == [chat.Said("assistant", [], {"finish_reason": "stop", "index": 0})]
