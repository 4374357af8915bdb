"""Chat logs of OpenAI's APIs: what their fixtures cannot say."""

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.leaves import lost
from tests.conversions import Conversion, convert_inputs, converted, converted_bytes, is_balanced
from trace_assets.chatlogs.streams import stream_of
from trace_assets.convert import claims
from trace_assets.onepass import Input

FIXTURES = Path(__file__).parent / "fixtures"
SYSTEM = {"role": "system", "content": "You run the shop."}
HISTORY: list[dict[str, Any]] = [
    SYSTEM,
    {"role": "user", "content": "Socks?"},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
        ],
    },
    {"role": "tool", "tool_call_id": "c1", "content": "4"},
    {"role": "assistant", "content": "Four."},
    {"role": "user", "content": "Two, please."},
    {"role": "assistant", "content": "Done."},
]


def lines(*records: Any) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def call(length: int, **around: Any) -> dict[str, Any]:
    """The call that made the message after the first so many."""
    request = {"model": "gpt-4o", "messages": HISTORY[:length]}
    choice = {"index": 0, "message": HISTORY[length], "finish_reason": "stop"}
    usage = {"prompt_tokens": 10 * length, "completion_tokens": 1}
    return {"request": request, "response": {"choices": [choice], "usage": usage}, **around}


def words(conversion: Conversion) -> list[list[str]]:
    """What each trace's items say, call or return."""
    return [[word(item) for item in trace["items"]] for trace in conversion.traces]


def word(item: dict[str, Any]) -> str:
    match item:
        case {"content": [{"text": text}]}:
            return f"{item['role']}: {text}"
        case {"name": name, "arguments": arguments}:
            return f"{name}({arguments})"
        case _:
            return str(item.get("output"))


WHOLE = [
    "system: You run the shop.",
    "user: Socks?",
    "f({})",
    "4",
    "assistant: Four.",
    "user: Two, please.",
    "assistant: Done.",
]


@pytest.mark.parametrize("order", list(permutations((2, 4, 6))))
def test_calls_that_repeat_the_history_are_one_conversation_in_whatever_order(
    order: tuple[int, ...],
) -> None:
    conversion = converted_bytes(lines(*map(call, order)))
    assert words(conversion) == [WHOLE]
    [row] = conversion.rows
    assert (row["model_calls"], row["input_tokens"], row["output_tokens"]) == (3, 120, 3)
    assert (conversion.ledger["converted"], conversion.ledger["merged"]) == (1, 2)


def test_calls_of_one_conversation_may_be_in_files_of_their_own(tmp_path: Path) -> None:
    for number, length in enumerate((2, 4, 6)):
        (tmp_path / f"call-{number}.json").write_text(json.dumps(call(length), indent=1))
    assert words(converted([tmp_path])) == [WHOLE]


def test_snapshots_and_requests_of_a_conversation_are_told_once() -> None:
    snapshots = [{"messages": HISTORY[:length]} for length in (2, 4, 5, 6, 7)]
    assert words(converted_bytes(lines(*snapshots))) == [WHOLE]


def test_conversations_that_begin_alike_and_part_are_two_traces_each_whole() -> None:
    other = [*HISTORY[:4], {"role": "assistant", "content": "None left."}]
    conversion = converted_bytes(lines({"messages": HISTORY[:5]}, {"messages": other}))
    assert words(conversion) == [WHOLE[:5], [*WHOLE[:4], "assistant: None left."]]
    first, second = (row["trace_id"] for row in conversion.rows)
    assert first != second


def test_the_same_question_asked_twice_is_two_conversations() -> None:
    conversion = converted_bytes(lines(call(2, at=1), call(2, at=2)))
    assert words(conversion) == [WHOLE[:3], WHOLE[:3]]
    assert conversion.ledger["merged"] == 0


def test_the_same_line_twice_is_a_duplicate_and_the_same_message_twice_is_not() -> None:
    assert converted_bytes(lines(call(2), call(2))).ledger["duplicate"] == 1
    said = {"role": "user", "content": "hello?"}
    assert words(converted_bytes(lines(said, said))) == [["user: hello?", "user: hello?"]]


def test_records_with_one_conversation_id_are_one_trace_also_where_each_has_a_turn_only() -> None:
    turns = [HISTORY[1:5], HISTORY[5:]]
    records = [{"metadata": {"session_id": 7}, "messages": turn} for turn in turns]
    conversion = converted_bytes(lines(*records))
    assert words(conversion) == [WHOLE[1:]]
    assert conversion.rows[0]["trace_id"] == conversion.rows[0]["conversation_id"] == "7"


def test_an_id_that_says_nothing_of_a_conversation_joins_no_strangers(tmp_path: Path) -> None:
    for name, said in (("a", "hi"), ("b", "hello")):
        (tmp_path / f"{name}.jsonl").write_bytes(
            lines({"id": 0, "messages": [{"role": "user", "content": said}]})
        )
    conversion = converted([tmp_path])
    assert words(conversion) == [["user: hi"], ["user: hello"]]
    assert len({row["trace_id"] for row in conversion.rows}) == 2


def test_a_bare_array_is_one_conversation_and_each_of_several_in_a_row_is_one() -> None:
    assert words(converted_bytes(json.dumps(HISTORY).encode())) == [WHOLE]
    assert words(converted_bytes(lines(HISTORY[:2], HISTORY[5:]))) == [WHOLE[:2], WHOLE[5:]]


def test_a_conversation_with_a_message_that_cannot_be_read_is_quarantined_whole() -> None:
    admin = {"role": "narrator", "content": "x"}
    alone = converted_bytes(json.dumps([HISTORY[1], admin, HISTORY[6]]).encode())
    assert not alone.rows
    assert [row["pointer"] for row in alone.quarantine] == ["", "/role", ""]
    assert "log.json#1" in alone.quarantine[0]["message"]
    named = [{**each, "chat_id": "a"} for each in (HISTORY[1], admin)]
    others = [{**each, "chat_id": "b"} for each in (HISTORY[1], HISTORY[6])]
    lone = converted_bytes(lines(*named, *others))
    assert words(lone) == [["user: Socks?", "assistant: Done."]]
    assert len(lone.quarantine) == 2
    inside = converted_bytes(lines({"messages": HISTORY}, {"messages": [HISTORY[1], admin]}))
    assert [row["pointer"] for row in inside.quarantine] == ["/messages/1/role"]


def test_a_speaker_is_known_by_many_words() -> None:
    spoken = [("customer", "Hi"), ("Support Agent", "Hello"), ("visitor", "Bye"), ("bot", "Bye")]
    messages = [{"role": role, "content": text} for role, text in spoken]
    conversion = converted_bytes(json.dumps(messages).encode())
    assert words(conversion) == [["user: Hi", "assistant: Hello", "user: Bye", "assistant: Bye"]]


@pytest.mark.parametrize("around", [{"tags": ["vip", "eu"]}, {"metadata": {"tags": "vip, eu"}}])
def test_the_tags_of_a_record_are_the_rows(around: dict[str, Any]) -> None:
    [row] = converted_bytes(lines({"messages": HISTORY, **around})).rows
    assert row["tags"] == ["vip", "eu"]


def test_what_differs_from_call_to_call_is_kept_and_what_repeats_is_told_once() -> None:
    conversion = converted_bytes(lines(call(2, latency=1, app="a"), call(4, latency=2, app="a")))
    [trace] = conversion.traces
    assert trace["metadata"]["extra"]["app"] == "a"
    assert trace["metadata"]["extra"]["latency"] == 1
    assert trace["items"][-1]["call"] == {"latency": 2}
    assert trace["metadata"]["extra"]["repeated_history"] == 3


def test_a_call_that_failed_is_its_question_with_the_error() -> None:
    request = {"model": "gpt-4o", "messages": HISTORY[:2]}
    failed = {"request": request, "response": {"error": {"message": "overloaded", "code": 529}}}
    [row] = converted_bytes(lines(failed)).rows
    assert row["trace"]["metadata"]["error"] == "overloaded"


def test_a_conversation_of_thousands_of_calls_is_one_trace() -> None:
    said = [
        {"role": "user" if number % 2 == 0 else "assistant", "content": f"word {number}"}
        for number in range(600)
    ]
    records = [{"messages": said[: length + 1], "n": length} for length in range(0, 600, 2)]
    conversion = converted_bytes(lines(*records))
    assert [len(trace["items"]) for trace in conversion.traces] == [599]
    assert conversion.ledger["merged"] == 299


# --- nothing is lost, whatever a record is like ------------------------------------------------


def records_of(name: str) -> list[Any]:
    found: list[Any] = []
    for path in sorted((FIXTURES / name).glob("*.json*")):
        if path.name.endswith(".golden.json"):
            continue
        text = path.read_text(encoding="utf-8")
        documents = (
            map(json.loads, text.splitlines()) if path.suffix == ".jsonl" else [json.loads(text)]
        )
        for document in documents:
            found += document if isinstance(document, list) else [document]
    return found


RECORDS = [*records_of("openai_messages"), *records_of("chat_messages")]
JUNK = st.sampled_from(
    [
        "null",
        "0",
        "true",
        "1.5",
        '""',
        '"x"',
        "[]",
        "{}",
        "[[]]",
        "[{}]",
        '{"role": "user"}',
        "[null]",
    ]
)


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A record of a fixture with a few of its parts dropped or replaced."""
    record = json.loads(json.dumps(draw(st.sampled_from(RECORDS))))
    for _ in range(draw(st.integers(0, 3))):
        part = record
        while isinstance(part, dict | list) and part:
            keys = list(part) if isinstance(part, dict) else list(range(len(part)))
            key = draw(st.sampled_from(keys))
            inner = part[key]
            if isinstance(inner, dict | list) and inner and draw(st.booleans()):
                part = inner
                continue
            if draw(st.booleans()):
                del part[key]
            else:
                part[key] = json.loads(draw(JUNK))
            break
    return record


@settings(max_examples=400, deadline=None)
@given(st.lists(mutated(), min_size=1, max_size=4))
def test_nothing_is_lost_of_records_however_broken(records: list[Any]) -> None:
    conversion = converted_bytes(lines(*records), format="openai_messages")
    assert is_balanced(conversion.ledger)
    kept = [conversion.rows, [json.loads(row["raw"] or "[]") for row in conversion.quarantine]]
    repeats = conversion.ledger["merged"] or conversion.ledger["duplicate"]
    if not repeats and not any(map(stream_of, records)):
        assert not lost(records, kept)


@pytest.mark.parametrize(
    ("document", "format"),
    [
        ({"messages": [{"role": "user", "content": "hi"}]}, "openai_messages"),
        ([{"role": "user", "content": "hi"}], "openai_messages"),
        ({"messages": [{"role": "user", "content": [{"text": "hi"}]}]}, "chat_messages"),
        ({"conversations": [{"from": "human", "value": "hi"}]}, "chat_messages"),
        ({"context": '[{"role": "user", "content": "hi"}]'}, "openai_messages"),
        (
            {"type": "message", "role": "assistant", "model": "claude", "content": []},
            "chat_messages",  # one that was cut before its `stop_reason`
        ),
        ({"question": "a", "answer": "b"}, "csv"),
        ({"role": "admin"}, None),
        ([], None),
    ],
)
def test_a_log_is_told_by_whose_words_it_is_in(document: Any, format: str | None) -> None:
    found = [name.name for name, _ in claims(json.dumps(document).encode())]
    assert found == ([format] if format else [])


@pytest.mark.parametrize("unit", [1, 1000])
def test_times_of_messages_that_are_numbers_tell_when_and_how_long(unit: int) -> None:
    messages = [
        {"role": role, "content": "Hi", "timestamp": (1767348000 + place) * unit}
        for place, role in enumerate(("user", "assistant", "user"))
    ]
    for log in ({"messages": messages}, messages):
        [row] = converted_bytes(json.dumps(log).encode()).rows
        assert (row["created_at"], row["duration_s"]) == ("2026-01-02T10:00:00Z", 2.0)


def test_an_unreadable_line_costs_its_neighbours_nothing(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(lines({"messages": HISTORY}) + b'{"messages": [\n' + lines(call(2)))
    conversion = convert_inputs([Input(path, path.name)])
    assert words(conversion) == [WHOLE]
    assert conversion.ledger["quarantined"] == 1
