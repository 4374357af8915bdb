"""Bad input: a record that is none goes to quarantine whole, and its neighbours are unharmed."""

import gzip
import json
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from backports import zstd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conversions import (
    Conversion,
    convert_inputs,
    converted,
    converted_bytes,
    is_balanced,
    lost,
)
from trace_assets.convert import Seen, recognise
from trace_assets.errors import UnknownFormatError
from trace_assets.onepass import Input
from trace_assets.trace import load

GOOD, LAST = (
    b'{"id": "%s", "task_id": "1", "termination_reason": "user_stop", '
    b'"messages": [{"role": "user", "content": "Hi"}]}' % name
    for name in (b"good", b"last")
)


def around(bad: bytes) -> bytes:
    """A results file with a bad record between two good ones."""
    return b'{"simulations": [\n' + GOOD + b",\n" + bad + b",\n" + LAST + b"\n]}\n"


def simulation(messages: bytes) -> bytes:
    return b'{"id": "odd", "task_id": "3", "messages": [' + messages + b"]}"


def ids(conversion: Conversion) -> list[str]:
    return [row["trace_id"] for row in conversion.rows]


def raw_of(row: dict[str, Any]) -> bytes:
    return b64decode(row["raw_base64"]) if "raw_base64" in row else row["raw"].encode()


BAD_RECORDS = {
    "not_json": (simulation(b'{"role": user, "content": "no quotes"}'), "not_json"),
    "NaN": (simulation(b'{"role": "user", "content": "x", "cost": NaN}'), "not_json"),
    "not_utf8": (simulation(b'{"role": "user", "content": "caf\xe9"}'), "not_utf8"),
    "duplicate_key": (
        simulation(b'{"role": "user", "content": "a", "content": "b"}'),
        "duplicate_key",
    ),
    "wrong_type": (simulation(b'{"role": "user", "content": {"a": 1}}'), "unknown_shape"),
    "no_messages": (b'{"id": "odd", "task_id": "3"}', "unknown_shape"),
    "a_number": (b"5", "unknown_shape"),
    "too_deep": (
        simulation(b'{"role": "user", "content": "x", "deep": ' + b"[" * 5000 + b"]" * 5000 + b"}"),
        "too_deep",
    ),
}


@pytest.mark.parametrize("name", BAD_RECORDS)
def test_a_bad_record_is_quarantined_whole_and_its_neighbours_are_unharmed(name: str) -> None:
    bad, reason = BAD_RECORDS[name]
    conversion = converted_bytes(around(bad))
    assert ids(conversion) == ["good", "last"]
    assert conversion.reasons == [reason]
    row = conversion.quarantine[0]
    assert raw_of(row) == bad
    assert (row["record"], row["offset"]) == (1, around(bad).index(bad))
    assert row["message"]
    assert conversion.ledger["reasons"] == {reason: 1}
    assert is_balanced(conversion.ledger)


def test_the_pointer_of_a_bad_record_leads_to_what_is_wrong() -> None:
    bad = simulation(b'{"role": "user", "content": "a"}, {"role": "user", "content": 5}')
    assert converted_bytes(around(bad)).quarantine[0]["pointer"] == "/messages/1/content"


def test_what_stands_after_a_truncated_record_is_told_to_be_missing() -> None:
    whole = around(simulation(b'{"role": "user", "content": "cut"}'))
    for stop in (whole.index(b"cut"), whole.index(LAST) - 5, len(whole) - 4):
        conversion = converted_bytes(whole[:stop])
        assert conversion.reasons == ["truncated"], stop
        assert ids(conversion)[0] == "good"
        assert is_balanced(conversion.ledger)


@pytest.mark.parametrize("text", [b"\\ud800", b"\\udc00\\ud800 tail", b"\\ud83d"])
def test_a_lone_surrogate_is_replaced_and_what_stood_there_is_kept(text: bytes) -> None:
    conversion = converted_bytes(
        around(simulation(b'{"role": "user", "content": "' + text + b'"}'))
    )
    assert ids(conversion) == ["good", "odd", "last"]
    repairs = conversion.traces[1]["metadata"]["extra"]["repairs"]
    assert {repair["pointer"] for repair in repairs} == {"/messages/0/content"}
    assert all(repair["found"].encode() in text for repair in repairs)


def test_a_repair_does_not_cover_a_key_of_the_log() -> None:
    bad = b'{"id": "odd", "repairs": "mine", "messages": [{"role": "user", "content": "\\ud800"}]}'
    extra = converted_bytes(around(bad)).traces[1]["metadata"]["extra"]
    assert extra["repairs"] == "mine"
    assert extra["record_repairs"][0]["pointer"] == "/messages/0/content"


def test_a_repair_of_what_stands_around_the_records_is_kept_with_it() -> None:
    content = b'{"info": {"agent_info": "\\ud800", "user_info": 1}, "simulations": [' + GOOD + b"]}"
    repairs = converted_bytes(content).context[0]["repairs"]
    assert repairs[0]["pointer"] == "/agent_info"


def test_huge_integers_keep_every_digit() -> None:
    digits = "9" * 400
    odd = simulation(b'{"role": "user", "content": "x", "turn_idx": ' + digits.encode() + b"}")
    conversion = converted_bytes(around(odd))
    assert ids(conversion) == ["good", "odd", "last"]
    assert conversion.traces[1]["items"][0]["turn_idx"] == int(digits)


@pytest.mark.parametrize("cost", ["9" * 400, "1e400", "true", '"0,1"', "-1e308", "1e308"])
def test_what_is_no_price_or_count_is_kept_and_not_summed(cost: str) -> None:
    message = (
        f'{{"role": "user", "content": "x", "cost": {cost}, "usage": {{"prompt_tokens": {cost}}}}}'
    )
    conversion = converted_bytes(around(simulation(message.encode())))
    assert is_balanced(conversion.ledger)
    for row in conversion.rows:
        assert row["cost_usd"] is None
        assert row["input_tokens"] is None


def test_a_byte_order_mark_and_blank_lines_are_passed_over() -> None:
    conversion = converted_bytes(
        b"\xef\xbb\xbf\n\n" + GOOD + b"\n\n \n" + LAST + b"\n\n", file="a.jsonl"
    )
    assert ids(conversion) == ["good", "last"]
    assert conversion.ledger["records"] == 2


def test_a_record_that_comes_twice_is_counted_and_converted_once() -> None:
    conversion = converted_bytes(b'{"simulations": [' + GOOD + b"," + LAST + b",\n" + GOOD + b"]}")
    assert ids(conversion) == ["good", "last"]
    assert (conversion.ledger["records"], conversion.ledger["duplicate"]) == (3, 1)


@pytest.mark.parametrize("content", [b"", b"  \n ", b"\xef\xbb\xbf"])
def test_an_empty_file_is_no_silence_but_a_record_in_quarantine(content: bytes) -> None:
    conversion = converted_bytes(content)
    assert conversion.reasons == ["empty_file"]
    assert (conversion.ledger["records"], conversion.ledger["traces"]) == (1, 0)


@pytest.mark.parametrize("content", [b'{"some": "log"}', b"text\n", b"%PDF-1.7\n\x00\xff\xfe"])
def test_a_file_of_no_known_format_is_quarantined_with_the_formats_that_are_known(
    content: bytes,
) -> None:
    conversion = converted_bytes(content)
    assert conversion.rows == []
    assert conversion.quarantine
    assert is_balanced(conversion.ledger)
    kept = b"".join(raw_of(row) for row in conversion.quarantine)
    assert kept.split() == [b"".join(content.split())] or kept == content
    if conversion.reasons[0] == "unknown_format":
        assert "tau2bench" in conversion.quarantine[0]["message"]


def test_a_format_that_is_given_is_not_detected() -> None:
    content = b'{"messages": [{"role": "user", "content": "Hi"}]}'
    assert [row["format"] for row in converted_bytes(content).rows] == ["openai_messages"]
    assert len(converted_bytes(content, format="tau2bench").rows) == 1


def test_a_file_that_nothing_recognises_is_an_error_with_the_known_formats() -> None:
    with pytest.raises(
        UnknownFormatError, match=r"^log\.json: looks like none of them; .*tau2bench"
    ):
        recognise(b'{"some": "log"}', file="log.json")


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_compressed_files_give_the_rows_of_plain_ones(tmp_path: Path, suffix: str) -> None:
    plain = b'{"simulations": [' + GOOD + b"," + LAST + b"]}"
    path = tmp_path / "log.json"
    path.write_bytes(gzip.compress(plain) if suffix == ".gz" else zstd.compress(plain))
    expected = converted_bytes(plain).traces
    assert convert_inputs([Input(path, "log.json")]).traces == expected


def test_a_compressed_file_that_is_cut_gives_what_can_be_read_and_says_so() -> None:
    lines = b"".join(b'{"id": "n%d", "task_id": "1", "messages": []}\n' % n for n in range(5000))
    whole = zstd.compress(lines)
    conversion = converted_bytes(whole[: len(whole) // 2], file="log.jsonl.zst", format="tau2bench")
    assert "truncated" in conversion.reasons
    assert is_balanced(conversion.ledger)


def test_a_conversation_of_100000_messages_converts() -> None:
    messages = b",".join([b'{"role": "user", "content": "Hi"}'] * 100_000)
    conversion = converted_bytes(b'{"simulations": [' + simulation(messages) + b"]}")
    assert [row["turns"] for row in conversion.rows] == [100_000]


# --- what was seen before --------------------------------------------------------------------


def test_records_are_remembered_on_disk_when_there_are_many() -> None:
    seen = Seen(in_memory=3)
    records = [str(number).encode() for number in range(10)]
    assert [seen.add(record) for record in records] == [False] * 10
    assert [seen.add(record) for record in reversed(records)] == [True] * 10
    assert not seen.add(b"new")


# --- laws ------------------------------------------------------------------------------------

FEW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

texts = st.one_of(st.sampled_from(["", "a", "call_1", "[1, 2]", "é\u2028😀"]), st.text(max_size=5))
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), texts
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
call_ids = st.sampled_from(["", "call_1", "call_2", None, 1, 2])
extras = st.dictionaries(
    st.sampled_from(
        ["id", "type", "status", "created_by", "usage", "cost", "timestamp", "error", "x"]
    ),
    values,
    max_size=2,
)


def keyed(
    fields: dict[str, st.SearchStrategy[Any]], *optional: str
) -> st.SearchStrategy[dict[str, Any]]:
    required = {key: value for key, value in fields.items() if key not in optional}
    own = st.fixed_dictionaries(required, optional={key: fields[key] for key in optional})
    return st.tuples(extras, own).map(lambda both: {**both[0], **both[1]})


calls = keyed({"id": call_ids, "name": texts, "arguments": values}, "id", "arguments")
openai_calls = keyed({"id": call_ids, "function": keyed({"name": texts, "arguments": texts})})
parts = keyed({"type": st.just("text"), "text": texts})
said = keyed(
    {
        "role": st.sampled_from(["user", "assistant", "system", "developer"]),
        "content": st.one_of(st.none(), texts, st.lists(parts, max_size=2)),
        "tool_calls": st.one_of(st.none(), st.lists(calls | openai_calls, max_size=3)),
    },
    "content",
    "tool_calls",
)
results = keyed(
    {
        "role": st.just("tool"),
        "id": call_ids,
        "content": values,
        "requestor": st.sampled_from(["user", "assistant"]),
    },
    "id",
    "content",
    "requestor",
)
wrapped = keyed({"role": st.just("tool"), "tool_messages": st.lists(results, max_size=3)})
simulations = keyed(
    {
        "id": texts,
        "task_id": scalars,
        "duration": scalars,
        "start_time": scalars,
        "reward_info": values,
        "messages": st.lists(st.one_of(said, results, wrapped, said, results, values), max_size=6),
    },
    "id",
    "task_id",
    "duration",
    "start_time",
    "reward_info",
)


def as_log(records: list[Any]) -> bytes:
    return json.dumps({"info": {"seed": 1}, "simulations": records}).encode()


@FEW
@given(content=st.binary(max_size=200), given_format=st.sampled_from([None, "tau2bench"]))
def test_conversion_never_raises_on_junk(content: bytes, given_format: str | None) -> None:
    assert is_balanced(converted_bytes(content, format=given_format).ledger)


@FEW
@given(records=st.lists(st.one_of(simulations, values), min_size=1, max_size=3))
def test_every_scalar_of_every_record_is_in_the_trace_or_in_quarantine(records: list[Any]) -> None:
    conversion = converted_bytes(as_log(records), format="tau2bench")
    assert is_balanced(conversion.ledger)
    quarantined = [json.loads(raw_of(row)) for row in conversion.quarantine]
    assert all(row["message"] for row in conversion.quarantine)
    for number, record in enumerate(records):
        here = f"#simulations/{number}"
        kept = [row["trace"] for row in conversion.rows if row["source_uri"].endswith(here)]
        if kept:
            assert not lost(record, kept, implied=("tool", "text"))
        else:
            assert record in quarantined or record in records[:number]


@FEW
@given(records=st.lists(simulations, min_size=1, max_size=3))
def test_every_row_loads_and_names_its_record(records: list[Any]) -> None:
    for row in converted_bytes(as_log(records), format="tau2bench").rows:
        trace = load(row["trace"])
        assert trace.metadata is not None
        assert trace.metadata.source_uri == row["source_uri"]
        items = [item["id"] for item in row["trace"]["items"]]
        assert items == [f"{row['trace_id']}:{number}" for number in range(len(items))]


@FEW
@given(records=st.lists(simulations, max_size=3), cut=st.integers(0, 10_000))
def test_a_file_cut_anywhere_is_accounted_for(records: list[Any], cut: int) -> None:
    content = as_log(records)
    conversion = converted_bytes(content[: cut % len(content)], format="tau2bench")
    assert is_balanced(conversion.ledger)
    assert conversion.ledger["records"] > 0 or conversion.context


# --- determinism -----------------------------------------------------------------------------


def test_the_same_files_give_the_same_bytes_wherever_they_lie(tmp_path: Path) -> None:
    outputs: list[dict[str, bytes]] = []
    for place in ("here", "there/deeper"):
        folder = tmp_path / place / "logs"
        folder.mkdir(parents=True)
        (folder / "b.json").write_bytes(around(b"5"))
        (folder / "a.json").write_bytes(as_log([json.loads(GOOD), json.loads(LAST)]))
        outputs.append(converted([folder]).files)
    assert outputs[0] == outputs[1]


def test_recursion_is_not_needed_for_deep_values() -> None:
    depth = sys.getrecursionlimit() + 500
    deep = (
        b'{"role": "user", "content": "x", "deep": ' + b'{"a":' * depth + b"1" + b"}" * (depth + 1)
    )
    conversion = converted_bytes(around(simulation(deep)))
    assert ids(conversion) == ["good", "last"]
    assert conversion.reasons == ["too_deep"]


def test_the_test_set_and_settings_of_training_data_become_no_rows(tmp_path: Path) -> None:
    folder = tmp_path / "upload"
    folder.mkdir()
    told = {"messages": [{"role": "user", "content": "Open?"}]}
    told["messages"].append({"role": "assistant", "content": "Until six."})
    (folder / "traces.jsonl").write_text(json.dumps(told), encoding="utf-8")
    asked = {"question": "Closed on Monday?", "answer": "Yes."}
    (folder / "test.jsonl").write_text(json.dumps(asked), encoding="utf-8")
    (folder / "job_description.json").write_text('{"task_description": "x"}', encoding="utf-8")
    (folder / "config.yaml").write_text("base:\n  task: question-answering\n", encoding="utf-8")
    conversion = converted([folder])
    assert len(conversion.rows) == 1
    assert conversion.quarantine == []
    assert conversion.ledger["filtered"] == 3
    left_out = {file["file"]: file.get("left_out") for file in conversion.ledger["files"]}
    assert left_out == {
        "upload/config.yaml": "the settings",
        "upload/job_description.json": "the job description",
        "upload/test.jsonl": "the test set",
        "upload/traces.jsonl": None,
    }


def test_a_file_named_as_a_test_set_is_a_log_without_a_job_description(tmp_path: Path) -> None:
    path = tmp_path / "test.jsonl"
    path.write_text('{"question": "Closed on Monday?", "answer": "Yes."}', encoding="utf-8")
    assert len(converted([path]).rows) == 1


@pytest.mark.parametrize("bad", [0, 1, 3])
def test_a_record_that_cannot_be_parsed_may_be_missing_in_the_conversation_around_it(
    bad: int,
) -> None:
    said = [("user", "Open?"), ("assistant", "Yes."), ("user", "Until?"), ("assistant", "Six.")]
    lines = [json.dumps({"role": role, "content": text, "thread_id": "t"}) for role, text in said]
    other = json.dumps({"role": "user", "content": "Hi", "thread_id": "other"})
    lines[bad] = lines[bad][:-4]
    conversion = converted_bytes("\n".join([*lines, other, other]).encode(), file="a.jsonl")
    first, second = conversion.rows
    assert first["tags"] == ["incomplete_conversation"]
    assert first["trace"]["metadata"]["extra"]["missing_records"] == [f"a.jsonl#{bad}"]
    assert second["tags"] == (["incomplete_conversation"] if bad == 3 else [])
    assert is_balanced(conversion.ledger)


def test_files_below_a_folder_of_training_data_are_its_parts(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "job_description.json").write_text("{}")
    (tmp_path / "config.yml").write_text("base: {}")
    asked, answered = {"role": "user", "content": "Open?"}, {"role": "assistant", "content": "Yes."}
    (tmp_path / "data" / "traces.jsonl").write_text(json.dumps({"messages": [asked, answered]}))
    (tmp_path / "data" / "test.jsonl").write_text('{"question": "Until?", "answer": "Six."}')
    conversion = converted([tmp_path])
    assert len(conversion.rows) == 1
    assert conversion.ledger["filtered"] == 3
