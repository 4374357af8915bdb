"""Flat logs: what goldens cannot say."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.leaves import lost
from tests.conversions import Conversion, convert_inputs, converted_bytes, is_balanced
from tests.formats.mutations import mutated
from trace_assets.convert import claims
from trace_assets.formats.csv.columns import guess
from trace_assets.onepass.inputs import Input
from trace_assets.trace import load


def texts(conversion: Conversion) -> list[list[str]]:
    return [
        [item["content"][0]["text"] for item in trace["items"] if item["content"]]
        for trace in conversion.traces
    ]


def table(*rows: list[str], delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode()


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ("question,answer", {"input": "question", "output": "answer"}),
        ("User Message,Bot Message", {"input": "User Message", "output": "Bot Message"}),
        ("user,bot", {"input": "user", "output": "bot"}),
        ("role,content", {"role": "role", "text": "content"}),
        ("speaker,message", {"role": "speaker", "text": "message"}),
        ("query,generated_response", {"input": "query", "output": "generated_response"}),
        ("query,expected_answer", {"input": "query"}),
        ("user,name,age", None),
        ("query,answer,started_at", {"input": "query", "output": "answer", "time": "started_at"}),
        ("label,text", None),
    ],
)
def test_columns_are_known_by_their_names(columns: str, told: dict[str, str] | None) -> None:
    found = guess(tuple(columns.split(",")))
    assert (found and found.told()) == told


@pytest.mark.parametrize("cell", ["vip,eu", "vip; eu", "vip|eu", '["vip", "eu"]', "['vip', 'eu']"])
def test_the_tags_of_a_row_are_the_datasets(cell: str) -> None:
    log = table(["question", "answer", "tags"], ["Why?", "Because.", cell])
    [row] = converted_bytes(log, file="log.csv").rows
    assert row["tags"] == ["vip", "eu"]


def test_a_table_says_in_its_evidence_what_was_guessed() -> None:
    [(format, claim)] = claims(b"user_id,q,a\n1,Why?,Because.\n")
    assert (format.name, claim.strength) == ("csv", 1)
    assert claim.evidence == "the names of its columns, guessed: `q` as input, `a` as output"


@pytest.mark.parametrize(
    "content",
    [
        b"not a table at all\njust lines\n",
        b"Hello, world\nthis is, as you know, text\n",
        b"Dear all,\n\nI am, as you know, here\n",
        b"2026-01-02 10:00:00,INFO,up\n2026-01-02 10:00:01,INFO,down\n",
        b"",
        b"\x00\x01\x02",
        b'{"name": "Ada"}\n',
    ],
)
def test_what_has_no_words_of_a_conversation_is_not_claimed(content: bytes) -> None:
    assert claims(content) == []


def test_a_table_that_tells_of_nothing_said_waits_row_by_row_for_a_mapping() -> None:
    conversion = converted_bytes(b'ticket,wrote\n1,"Hi\nthere"\n2,Bye\n', file="log.csv")
    assert [row["raw"] for row in conversion.quarantine] == ['1,"Hi\nthere"', "2,Bye"]
    assert set(conversion.reasons) == {"no_conversation"}
    assert "a mapping can say which do: `ticket`, `wrote`" in conversion.quarantine[0]["message"]
    assert conversion.context[0]["value"]["columns"] == ["ticket", "wrote"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_is_read_in_any_encoding_and_with_any_delimiter(
    encoding: str, delimiter: str
) -> None:
    rows = table(["question", "answer"], ["Größe?", 'Sie, "groß";\nsagt er|'], delimiter=delimiter)
    conversion = converted_bytes(rows.decode().encode(encoding), file="log.csv")
    assert texts(conversion) == [["Größe?", 'Sie, "groß";\nsagt er|']]


def test_rows_of_one_conversation_come_together_from_several_files(tmp_path: Path) -> None:
    head = ["session_id", "turn", "role", "content"]
    first = table(head, ["s", "3", "user", "c"], ["s", "1", "user", "a"])
    second = table(head, ["s", "10", "bot", "d"], ["s", "2", "bot", "b"])
    inputs: list[Input] = []
    for name, content in (("one.csv", first), ("two.csv", second)):
        (tmp_path / name).write_bytes(content)
        inputs.append(Input(tmp_path / name, name))
    conversion = convert_inputs(inputs)
    assert texts(conversion) == [["a", "b", "c", "d"]]
    assert conversion.ledger["merged"] == 3


def test_the_same_words_twice_are_two_turns_and_the_same_row_twice_is_one() -> None:
    without = table(["session_id", "q", "a"], ["s", "hi", "hello"], ["s", "hi", "hello"])
    assert texts(converted_bytes(without)) == [["hi", "hello", "hi", "hello"]]
    row = ["s", "2026-01-01T10:00:00", "hi", "hello"]
    timed = converted_bytes(table(["session_id", "time", "q", "a"], row, row))
    assert texts(timed) == [["hi", "hello"]]
    assert timed.ledger["duplicate"] == 1


def test_turns_without_a_conversation_begin_anew_where_their_numbers_do() -> None:
    head = ["turn", "role", "content"]
    rows = table(head, ["1", "user", "a"], ["2", "bot", "b"], ["1", "user", "c"])
    assert texts(converted_bytes(rows)) == [["a", "b"], ["c"]]


def test_a_conversation_with_a_speaker_that_nobody_knows_is_held_back_whole() -> None:
    head = ["session_id", "role", "content"]
    rows = table(head, ["s", "user", "a"], ["s", "Ada", "b"], ["t", "user", "c"])
    conversion = converted_bytes(rows)
    assert texts(conversion) == [["c"]]
    assert conversion.reasons == ["unknown_role", "unknown_role"]
    assert "found `Ada`; a mapping's `roles` can say" in conversion.quarantine[0]["message"]


def test_histories_that_grow_from_row_to_row_are_one_conversation() -> None:
    say = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    grown = [*say, {"role": "user", "content": "c"}]
    rows = [{"thread_id": "t", "messages": str(say)}, {"thread_id": "t", "messages": str(grown)}]
    content = b"\n".join(json.dumps(row).encode() for row in rows)
    assert texts(converted_bytes(content)) == [["a", "b", "c"]]


def test_an_instruction_that_each_row_repeats_is_told_once() -> None:
    head = ["session_id", "system_prompt", "q", "a"]
    rows = table(head, ["s", "Be kind.", "1", "2"], ["s", "Be kind.", "3", "4"])
    assert texts(converted_bytes(rows)) == [["Be kind.", "1", "2", "3", "4"]]


def test_a_long_cell_is_whole() -> None:
    long = "word " * 60_000
    assert texts(converted_bytes(table(["q", "a"], ["Say it", long]))) == [["Say it", long]]


@pytest.mark.parametrize("column", ["type", "id", "phase", "status", "call_id", "usage", "cost"])
def test_a_column_with_a_name_of_ours_is_kept(column: str) -> None:
    rows = table(["session_id", column, "q", "a"], ["s", "mine", "x", "y"])
    conversion = converted_bytes(rows)
    load(conversion.traces[0])
    assert "mine" in json.dumps(conversion.traces)


ROW: dict[str, Any] = {
    "session_id": "s",
    "timestamp": "2026-01-01T10:00:00",
    "question": "a",
    "answer": "b",
    "model": "m",
    "prompt_tokens": 3,
    "latency_ms": 1.5,
    "tool_calls": [{"name": "f", "arguments": {"x": 1}}],
    "sources": [{"doc": "d", "score": 0.5}],
}


@settings(deadline=None)  # machines that are busy are slow
@given(st.data())
def test_whatever_is_changed_in_a_row_is_kept_or_quarantined(data: st.DataObject) -> None:
    rows = [
        data.draw(mutated(ROW)),
        data.draw(mutated({"role": "user", "content": "c", "turn": 1})),
    ]
    content = b"\n".join(json.dumps(row).encode() for row in rows)
    conversion = converted_bytes(content, format="csv")
    assert is_balanced(conversion.ledger)
    for trace in conversion.traces:
        load(trace)
    kept = [conversion.rows, [json.loads(each["raw"]) for each in conversion.quarantine]]
    assert not lost(rows, kept)
