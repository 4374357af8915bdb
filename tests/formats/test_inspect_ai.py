"""What a reader of Inspect's logs relies on."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conversions import Conversion, converted, converted_bytes, is_balanced
from tests.formats.mutations import assert_only_known_errors, mutated
from tests.stages.chain import Chain
from trace_assets.formats import formats
from trace_assets.formats.inspect_ai.contexts import Pool
from trace_assets.rows import places_of
from trace_assets.stages.originals import Originals

FORMAT = formats()["inspect_ai"]
FIXTURES = Path(__file__).parent / "fixtures" / "inspect_ai"
MEMBERS = {
    name: zipfile.ZipFile(FIXTURES / "parcels.eval").read(name)
    for name in zipfile.ZipFile(FIXTURES / "parcels.eval").namelist()
}
HEADER = json.loads(MEMBERS["header.json"])


def records() -> list[Any]:
    samples = [json.loads(MEMBERS[f"samples/{name}_epoch_1.json"]) for name in ("parcel", "7")]
    lines = (FIXTURES / "transcripts.jsonl").read_text(encoding="utf-8").splitlines()
    old = json.loads((FIXTURES / "riddles.json").read_bytes())["samples"]
    return [*samples, *old, *map(json.loads, lines)]


def archive(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return stream.getvalue()


def message(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "content": text}


def sample(**more: Any) -> dict[str, Any]:
    said = [message("user", "Hi"), message("assistant", "Hello.")]
    return {"id": 1, "epoch": 1, "input": "Hi", "target": "", "messages": said, **more}


def model_event(**more: Any) -> dict[str, Any]:
    return {
        "event": "model",
        "uuid": "m",
        "timestamp": "2026-05-04T10:00:00Z",
        "model": "x",
        **more,
    }


def conversion_of(*samples: dict[str, Any]) -> Conversion:
    return converted_bytes(json.dumps({**HEADER, "samples": samples}).encode())


def trace_of(one: dict[str, Any]) -> dict[str, Any]:
    (trace,) = conversion_of(one).traces
    return trace


def model_calls(trace: dict[str, Any]) -> list[dict[str, Any]]:
    return [event for event in trace["events"] if event["type"] == "model_call_event"]


# --- files -----------------------------------------------------------------------------------


def test_an_archive_and_a_document_give_the_same_traces() -> None:
    packed = converted([FIXTURES / "parcels.eval"]).traces
    plain = conversion_of(*records()[:2]).traces
    for trace in (*packed, *plain):
        del trace["metadata"]["source_uri"]
    assert packed == plain


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_an_archive_is_told_and_read_however_its_members_are_packed(method: int) -> None:
    found = converted_bytes(archive(MEMBERS, method), file="log.eval")
    assert found.ledger["converted"] == 2
    assert found.ledger["files"][0]["format"] == "inspect_ai"


def test_members_in_any_order_know_their_header() -> None:
    shuffled = {name: MEMBERS[name] for name in sorted(MEMBERS, reverse=True)}
    found = converted_bytes(archive(shuffled), file="log.eval")
    assert {row["task"] for row in found.rows} == {"parcels"}


def test_a_score_that_is_no_number_is_null_and_told() -> None:
    one = sample(scores={"f1": {"value": float("nan"), "spread": [float("-inf"), 1]}})
    log = {**HEADER, "results": {"f1": float("nan")}, "samples": [one, sample(id=2)]}
    found = converted_bytes(json.dumps(log).encode())
    assert (len(found.rows), found.quarantine) == (2, [])
    extra = found.traces[0]["metadata"]["extra"]
    assert extra["scores"] == {"f1": {"value": None, "spread": [None, 1]}}
    assert extra["repairs"] == [
        {"pointer": "/scores/f1/spread/0", "found": "-Infinity"},
        {"pointer": "/scores/f1/value", "found": "NaN"},
    ]
    (results,) = [line for line in found.context if line["pointer"] == "/results"]
    assert results["value"] == {"f1": None}


def test_a_header_with_a_metric_that_is_no_number_is_a_header() -> None:
    header = json.dumps({**HEADER, "results": {"stderr": float("nan")}}).encode()
    found = converted_bytes(archive({**MEMBERS, "header.json": header}), file="log.eval")
    assert {row["task"] for row in found.rows} == {"parcels"}
    assert found.reasons == ["truncated"]
    (status,) = [line["value"] for line in found.context if line["pointer"] == "/status"]
    assert status == "error"  # the journal says less


def test_the_journal_is_the_header_of_a_run_that_never_ended() -> None:
    cut = {
        name: content
        for name, content in MEMBERS.items()
        if name not in ("header.json", "summaries.json")
    }
    found = converted_bytes(archive(cut), file="log.eval")
    assert {row["task"] for row in found.rows} == {"parcels"}
    assert "/eval" in {row["pointer"] for row in found.context}


def test_a_damaged_sample_costs_no_other_and_keeps_its_bytes() -> None:
    found = converted([FIXTURES / "parcels.eval"])
    (broken,) = found.quarantine
    assert broken["raw"].encode() == MEMBERS["samples/8_epoch_1.json"]
    assert (len(found.rows), is_balanced(found.ledger)) == (2, True)


def test_a_file_that_is_no_part_of_a_log_is_quarantined_whole() -> None:
    found = converted_bytes(archive({**MEMBERS, "notes.json": b'{"by": "me"}'}), file="log.eval")
    assert '{"by": "me"}' in [row["raw"] for row in found.quarantine]


@pytest.mark.parametrize("cut", [30, 900, 4000])
def test_a_cut_archive_is_quarantined_and_says_so(cut: int) -> None:
    content = (FIXTURES / "parcels.eval").read_bytes()[:cut]
    found = converted_bytes(content, file="log.eval", format="inspect_ai")
    assert found.reasons == ["truncated"]
    assert is_balanced(found.ledger)


@given(st.binary(min_size=1, max_size=40), st.integers(0, 4_850))
def test_a_damaged_archive_is_accounted_for(junk: bytes, at: int) -> None:
    content = (FIXTURES / "parcels.eval").read_bytes()
    damaged = content[:at] + junk + content[at + len(junk) :]
    found = converted_bytes(damaged, file="log.eval", format="inspect_ai")
    assert is_balanced(found.ledger)
    assert found.rows or found.quarantine


def test_a_row_leads_back_to_the_bytes_of_its_sample_in_the_archive(tmp_path: Path) -> None:
    chain = Chain.at(str(tmp_path / "places"))
    chain.drop((FIXTURES / "parcels.eval").read_bytes(), "log.eval")
    chain.drop((FIXTURES / "riddles.json").read_bytes(), "riddles.json")
    chain.run_to("valid_traces")
    hashes = {file["file"]: file["sha256"] for file in chain.ledger()["files"]}
    with Originals(chain.artifact("raw_logs"), hashes) as originals:
        raws = {
            place.fragment: originals.bytes_of(place)
            for line in chain.lines("valid_traces", "traces")
            for place in places_of(line)
        }
    name = "samples/7_epoch_1.json"
    assert raws[name] == MEMBERS[name]
    assert json.loads(raws["samples/0"])["input"] == "What has keys and opens no door?"


def test_a_log_without_samples_is_context_for_those_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    (folder / "samples").mkdir(parents=True)
    (folder / "header.json").write_bytes(MEMBERS["header.json"])
    (folder / "samples" / "1.json").write_bytes(MEMBERS["samples/7_epoch_1.json"])
    (row,) = converted([folder]).rows
    assert (row["task"], row["run_id"]) == ("parcels", "run1")


# --- conversations ---------------------------------------------------------------------------


def test_messages_and_contexts_share_their_items() -> None:
    trace = converted([FIXTURES / "parcels.eval"]).traces[0]
    first, last = model_calls(trace)
    items = trace["items"]
    assert first["input_context"] == items[:2]
    assert first["output_items"] == items[2:5]
    assert [item["id"] for item in last["input_context"]] == [item["id"] for item in items[:6]]


def test_attachments_stand_where_they_are_referred_to_and_are_kept_for_other_references() -> None:
    said = [message("user", "attachment://a"), message("assistant", "attachment://b")]
    texts = {"a": "a long question", "b": "a long answer", "c": "only the store has this"}
    trace = trace_of(
        sample(messages=said, input="attachment://a", store={"k": "x"}, attachments=texts)
    )
    told = [item["content"][0]["text"] for item in trace["items"]]
    assert told == ["a long question", "a long answer"]
    assert trace["metadata"]["extra"]["attachments"] == {key: texts[key] for key in ("a", "c")}


def test_a_run_that_was_cut_short_is_told_by_its_model_calls() -> None:
    question = message("user", "Hi")
    event = model_event(
        input=[question], output={"choices": [{"message": message("assistant", "Hello.")}]}
    )
    trace = trace_of(sample(messages=[question], events=[event]))
    assert [item["role"] for item in trace["items"]] == ["user", "assistant"]


def test_what_a_scorer_asks_a_model_is_no_part_of_the_conversation() -> None:
    event = model_event(
        input=[message("user", "Is this right?")],
        output={"choices": [{"message": message("assistant", "Yes.")}]},
    )
    trace = trace_of(sample(events=[event]))
    assert len(trace["items"]) == 2
    assert model_calls(trace)[0]["input_context"][0]["content"][0]["text"] == "Is this right?"


def test_what_a_provider_ran_by_itself_is_a_call_with_its_result() -> None:
    trace = converted([FIXTURES / "transcripts.jsonl"]).traces[0]
    _, call, result, answer = trace["items"]
    assert call["call_id"] == result["call_id"]
    assert (call["name"], result["output"]) == ("web_search", "nothing")
    assert answer["content"][0]["text"] == "Nothing found."


def test_a_sample_without_an_id_of_its_own_is_told_by_run_and_epoch() -> None:
    found = conversion_of(sample(), sample(epoch=2), sample(id="x"))
    ids = [row["trace_id"] for row in found.rows]
    assert ids == ["run1_task1_1_epoch_1", "run1_task1_1_epoch_2", "run1_task1_x_epoch_1"]


def test_contexts_that_would_fill_the_memory_are_not_written_out() -> None:
    pool = Pool([message("user", "x" * 90) for _ in range(10)], most_bytes=1_500)
    written = [pool.context([[0, end]]) for end in range(1, 5)]
    assert [context and len(context) for context in written] == [1, 2, 3, None]
    assert len(pool.used) == 3


@pytest.mark.parametrize("refs", [[[0, 9]], [[1, 0]], [["a", 1]], 7, [None]])
def test_references_that_lead_nowhere_are_kept_with_what_their_call_says(refs: Any) -> None:
    output = {"choices": [], "time": 7.5, "usage": {"input_tokens": 5, "output_tokens": 2}}
    data = {"messages": [message("user", "Hi")], "calls": []}
    event = model_event(input=[], input_refs=refs, output=output)
    (row,) = conversion_of(sample(events=[event], events_data=data)).rows
    (call,) = model_calls(row["trace"])
    assert call["metadata"]["input_refs"] == refs
    assert call["metadata"]["output"]["time"] == 7.5
    assert row["trace"]["metadata"]["extra"]["events_data"] == data
    assert row["total_tokens"] == 7


def test_subtasks_inside_one_another_cost_no_stack() -> None:
    event: dict[str, Any] = {"event": "info", "data": "deepest"}
    for _ in range(150):
        event = {"event": "subtask", "name": "s", "events": [event]}
    trace = trace_of(sample(events=[event]))
    assert sum(event["type"] == "span_begin" for event in trace["events"]) == 151


def test_an_end_without_a_beginning_is_kept() -> None:
    end = {"event": "span_end", "id": "gone", "timestamp": "2026-05-04T10:00:00Z"}
    assert "gone" in json.dumps(trace_of(sample(events=[end]))["events"])


@given(st.data())
def test_a_mutated_sample_becomes_a_trace_or_says_why_not(data: st.DataObject) -> None:
    record = data.draw(st.sampled_from(records()))
    assert_only_known_errors(FORMAT, [data.draw(mutated(record))])


# --- facts and copies ------------------------------------------------------------------------


def test_scores_are_kept_by_scorer_and_only_a_single_one_is_the_score() -> None:
    several = {"match": {"value": "C", "answer": "4"}, "length": {"value": 0.5}}
    (both,) = conversion_of(sample(scores=several)).rows
    assert (both["score"], both["scores"]) == (None, {"match": "C", "length": 0.5})
    (one,) = conversion_of(sample(scores={"match": {"value": "I"}})).rows
    assert (one["score"], one["scores"]) == ("I", {"match": "I"})


def test_tokens_that_no_event_reports_come_from_the_usage_of_the_sample() -> None:
    usage = {"a": {"input_tokens": 5, "output_tokens": 2}, "b": {"input_tokens": 1}}
    (row,) = conversion_of(sample(model_usage=usage)).rows
    assert (row["input_tokens"], row["output_tokens"], row["total_tokens"]) == (6, 2, 8)


def test_a_sample_that_a_retry_copied_counts_once() -> None:
    first = sample(uuid="u", scores={"match": {"value": "C"}})
    text = {"att": "Hi"}
    again = sample(uuid="u", attachments=text, note="copied", scores={"match": {"value": "I"}})
    again["messages"] = [message("user", "attachment://att"), message("assistant", "Hello.")]
    cut = sample(uuid="u", error={"message": "stopped"})
    found = conversion_of(first, again, cut, sample(uuid="v"))
    assert [row["trace_id"] for row in found.rows] == ["u", "v"]
    assert found.ledger["duplicate"] == 2
    row = found.rows[0]
    assert (row["score"], row["trace"]["metadata"]["extra"]["note"]) == ("I", "copied")
    copies = row["trace"]["metadata"]["extra"]["copies"]
    assert {"scores": {"match": {"value": "C"}}} in copies
    assert any(copy.get("error") == {"message": "stopped"} for copy in copies)
