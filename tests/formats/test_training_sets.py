"""Training sets: the conversation that each kind of record holds, and what stays outside of it."""

import json
from typing import Any

import pytest

from tests.conversions import Conversion, converted_bytes, is_balanced


def lines(*records: Any) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def said(conversion: Conversion) -> list[list[str]]:
    """What each trace's messages say; the parts of one message are joined by a slash."""
    return [
        [
            f"{item['role']}: {'/'.join(part['text'] for part in item['content'])}"
            for item in trace["items"]
        ]
        for trace in conversion.traces
    ]


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def bot(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


ASKED, GOOD, BAD = user("Open on Sunday?"), bot("Yes, until six."), bot("Go away.")
WANTED = [["user: Open on Sunday?", "assistant: Yes, until six."]]


@pytest.mark.parametrize(
    "record",
    [
        {
            "input": {"messages": [ASKED], "tools": []},
            "preferred_output": [GOOD],
            "non_preferred_output": [BAD],
        },
        {"prompt": [ASKED], "chosen": [GOOD], "rejected": [BAD]},
        {"chosen": [ASKED, GOOD], "rejected": [ASKED, BAD]},
        {"prompt": "Open on Sunday?", "chosen": [ASKED, GOOD], "rejected": [ASKED, BAD]},
        {
            "prompt": "Open on Sunday?",
            "messages": [ASKED, GOOD],
            "chosen": [ASKED, GOOD],
            "rejected": [ASKED, BAD],
        },
        {"prompt": "Open on Sunday?", "chosen": "Yes, until six.", "rejected": "Go away."},
        {"question": "Open on Sunday?", "chosen": "Yes, until six.", "rejected": "Go away."},
        {"instruction": "Open on Sunday?", "chosen": "Yes, until six.", "rejected": "Go away."},
        {
            "conversations": [{"from": "human", "value": "Open on Sunday?"}],
            "chosen": {"from": "gpt", "value": "Yes, until six."},
            "rejected": {"from": "gpt", "value": "Go away."},
        },
        {
            "chosen": "\n\nHuman: Open on Sunday?\n\nAssistant: Yes, until six.",
            "rejected": "\n\nHuman: Open on Sunday?\n\nAssistant: Go away.",
        },
        {
            "prompt": "\n\nHuman: Open on Sunday?\n\nAssistant:",
            "chosen": " Yes, until six.".strip(),
            "rejected": " Go away.",
        },
        {
            "conversation_a": [ASKED, BAD],
            "conversation_b": [ASKED, GOOD],
            "model_a": "small",
            "model_b": "large",
            "winner": "model_b",
        },
    ],
)
def test_a_preference_ends_with_the_chosen_answer(record: dict[str, Any]) -> None:
    conversion = converted_bytes(lines(record), file="log.jsonl")
    assert said(conversion) == WANTED
    [row] = conversion.rows
    assert "Go away." in json.dumps(row["trace"]["metadata"]["extra"])
    assert row["turns"] == 1


def test_the_model_of_an_arena_is_the_winner() -> None:
    record = {
        "conversation_a": [ASKED, GOOD],
        "conversation_b": [ASKED, BAD],
        "model_a": "small",
        "model_b": "large",
        "winner": "model_a",
    }
    assert converted_bytes(lines(record)).rows[0]["model"] == "small"
    tie = converted_bytes(lines({**record, "winner": "tie"}))
    assert not tie.rows
    assert [(row["reason"], row["pointer"]) for row in tie.quarantine] == [
        ("unknown_shape", "/winner")
    ]


@pytest.mark.parametrize(
    "record",
    [
        {"chosen": [GOOD], "rejected": [BAD]},
        {"prompt": [ASKED], "chosen": 3, "rejected": 1},
        {"chosen": "Yes, until six.", "rejected": "Go away."},
    ],
)
def test_a_preference_without_its_question_or_answer_is_quarantined(record: Any) -> None:
    conversion = converted_bytes(lines(record, record | {"n": 2}))
    assert not conversion.rows
    assert is_balanced(conversion.ledger)


def test_the_messages_of_a_prompt_come_before_those_of_its_completion() -> None:
    system = {"role": "system", "content": "Be short."}
    conversion = converted_bytes(
        lines(
            {"prompt": [system, ASKED], "completion": [GOOD]},
            {"prompt": "Open on Monday?", "completion": [bot("No.")], "label": True},
        )
    )
    assert said(conversion) == [
        ["system: Be short.", *WANTED[0]],
        ["user: Open on Monday?", "assistant: No."],
    ]


ALPACA = [
    {"instruction": "Sort.", "input": "b a", "output": "a b", "system": "Be exact.", "history": []},
    {
        "instruction": "And these.",
        "input": "",
        "output": "c d",
        "history": [["Sort b a.", "a b"]],
    },
]


def test_alpacas_input_belongs_to_the_users_message() -> None:
    conversion = converted_bytes(json.dumps(ALPACA).encode())
    assert said(conversion) == [
        ["system: Be exact.", "user: Sort./b a", "assistant: a b"],
        ["user: Sort b a.", "assistant: a b", "user: And these.", "assistant: c d"],
    ]
    assert [row["turns"] for row in conversion.rows] == [1, 2]


def test_alpacas_columns_mean_the_same_in_a_table() -> None:
    table = b"instruction,input,output\nSort.,b a,a b\nName a fruit,,Fig\n"
    assert said(converted_bytes(table, file="a.csv")) == [
        ["user: Sort./b a", "assistant: a b"],
        ["user: Name a fruit", "assistant: Fig"],
    ]


def test_a_row_with_two_candidates_and_no_choice_is_quarantined() -> None:
    table = b"model,prompt,response_a,response_b\nm,Hi,Hello.,Hey.\nm,Hm,Yes?,What?\n"
    conversion = converted_bytes(table, file="a.csv")
    assert not conversion.rows
    assert conversion.reasons == ["unknown_shape"] * 2


EARLIER = [user("Hello?"), bot("Good morning.")]
AFTER = [["user: Hello?", "assistant: Good morning.", *WANTED[0]]]


@pytest.mark.parametrize(
    "record",
    [
        {"history": EARLIER, "question": "Open on Sunday?", "answer": "Yes, until six."},
        {
            "chat_history": [*EARLIER, ASKED],
            "query": "Open on Sunday?",
            "response": GOOD["content"],
        },
        {"instruction": "Open on Sunday?", "output": "Yes, until six.", "history": EARLIER},
        {
            "query": "Open on Sunday?",
            "response": "Yes, until six.",
            "history": [["Hello?", "Good morning."]],
        },
    ],
)
def test_a_turn_follows_the_messages_of_its_history(record: dict[str, Any]) -> None:
    assert said(converted_bytes(lines(record))) == AFTER


def test_the_first_turn_of_such_a_log_has_no_history() -> None:
    first = {"history": [], "question": "Open on Sunday?", "answer": "Yes, until six."}
    later = {"history": EARLIER, "question": "Open on Sunday?", "answer": "Yes, until six."}
    assert said(converted_bytes(lines(later, first, first | {"history": None}))) == [
        *AFTER,
        *WANTED,
        *WANTED,
    ]


def test_a_history_that_begins_with_the_question_is_the_whole_conversation() -> None:
    record = {"question": "Open on Sunday?", "answer": "Yes.", "history": [ASKED, GOOD]}
    assert said(converted_bytes(lines(record))) == WANTED


def test_a_prompt_and_its_query_are_one_message() -> None:
    record = {"prompt": "Translate.", "query": "Good morning", "response": "Bonjour"}
    [trace] = converted_bytes(lines(record)).traces
    assert [part["text"] for part in trace["items"][0]["content"]] == ["Translate.", "Good morning"]


def test_a_chosen_answer_can_be_a_call_alone() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "hours", "arguments": "{}"}}
    chosen = [{"role": "assistant", "tool_calls": [call]}]
    record = {"input": {"messages": [ASKED]}, "preferred_output": chosen}
    [trace] = converted_bytes(lines(record | {"non_preferred_output": [BAD]})).traces
    assert [item["type"] for item in trace["items"]] == ["message", "function_call"]


@pytest.mark.parametrize("answer", ["completion", "chosen"])
def test_the_markup_of_a_chat_template_is_no_message(answer: str) -> None:
    prompt = "<|im_start|>user\nOpen on Sunday?<|im_end|>\n<|im_start|>assistant\n"
    conversion = converted_bytes(lines({"prompt": prompt, answer: "Yes.", "rejected": "No."}))
    assert not conversion.traces
    assert [each["reason"] for each in conversion.quarantine] == ["unknown_shape"]
