"""valid_traces: lines that hold are copied as bytes, the others are whole in quarantine."""

import gzip
import json
from typing import Any

import msgspec
import pytest
from backports import zstd

from tests.conversions import is_balanced
from tests.stages.chain import Chain, nothing_said, results, simulation
from trace_assets.errors import StoreError
from trace_assets.stages.lines import ShardWriter, line_file
from trace_assets.stages.stage import ledger_of, write_ledger

GOOD = simulation("good", "Hi", "Hello")
BAD = nothing_said("bad")


def test_lines_that_hold_are_copied_as_they_are(chain: Chain) -> None:
    chain.drop(results([GOOD, simulation("more", "Yes")]))
    chain.run_to("valid_traces")
    shard = "traces-00000.jsonl.zst"
    assert chain.read("valid_traces", shard) == chain.read("converted_traces", shard)
    assert chain.ledger("valid_traces") == chain.ledger("converted_traces")


def test_a_line_that_does_not_hold_is_quarantined_with_its_records_bytes(chain: Chain) -> None:
    content = results([GOOD, BAD, simulation("more", "Yes"), 5])
    chain.drop(content)
    chain.run_to("valid_traces")
    lines = chain.lines("converted_traces", "traces")
    assert chain.lines("valid_traces", "traces") == [lines[0], lines[2]]
    before, refused = chain.rows("valid_traces", "quarantine.jsonl.zst")
    assert before == chain.rows("converted_traces", "quarantine.jsonl.zst")[0]
    assert (refused["reason"], refused["file"], refused["record"]) == (
        "empty_trace",
        "results.json",
        1,
    )
    raw = refused["raw"].encode()
    assert json.loads(raw) == BAD
    assert content[refused["offset"] :].startswith(raw)
    ledger = chain.ledger()
    assert is_balanced(ledger)
    assert (ledger["traces"], ledger["converted"], ledger["quarantined"]) == (2, 2, 2)
    assert ledger["reasons"] == {"empty_trace": 1, "unknown_shape": 1}


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress])
def test_the_bytes_of_a_compressed_record_are_found_again(chain: Chain, pack: Any) -> None:
    chain.drop(pack(results([GOOD, BAD, nothing_said("worse"), GOOD])), "log.json")
    chain.drop(results([simulation("x", "y"), nothing_said("other")]), "more.json")
    chain.run_to("valid_traces")
    raws = [json.loads(row["raw"]) for row in chain.rows("valid_traces", "quarantine.jsonl.zst")]
    assert raws == [BAD, nothing_said("worse"), nothing_said("other")]


def test_a_number_sign_in_a_file_name_or_key_leads_no_record_astray(chain: Chain) -> None:
    for name in ("a#b.json", "a"):
        chain.drop(json.dumps({"splits": {"x#y/z": [GOOD | {"id": name}]}}).encode(), name)
    content = json.dumps({"splits": {"x#y/z": [BAD]}}).encode()
    chain.drop(content, "a#splits.json")
    given = chain.declaring(format="tau2bench")
    given.run_to("valid_traces")
    (row,) = given.rows("valid_traces", "quarantine.jsonl.zst")
    assert (row["file"], json.loads(row["raw"])) == ("a#splits.json", BAD)
    assert is_balanced(given.ledger())


def test_a_line_that_no_model_can_load_is_quarantined_with_every_reason(chain: Chain) -> None:
    chain.drop(results([GOOD, simulation("odd", "Hi", "Hello")]))
    chain.run_to("converted_traces")
    spoil(chain, 1)
    chain.run("valid_traces")
    (row,) = chain.rows("valid_traces", "quarantine.jsonl.zst")
    assert row["reason"] == "invalid_trace"
    assert "items[0]" in row["message"]
    assert "items[1]" in row["message"]
    assert json.loads(row["raw"]) == simulation("odd", "Hi", "Hello")
    assert is_balanced(chain.ledger())
    assert chain.ledger()["traces"] == 1


def spoil(chain: Chain, number: int) -> None:
    """Replace the converted traces by ones of which a line has items of no known kind."""
    artifact = chain.artifact("converted_traces")
    manifest = artifact.expect()
    rows = chain.rows("converted_traces", "traces")
    for item in rows[number]["trace"]["items"]:
        item["type"] = "misunderstanding"
    with artifact.replace("feedfacefeedface", about=manifest.about) as draft:
        with ShardWriter(draft, "traces") as traces:
            for row in rows:
                traces.write(msgspec.json.encode(row) + b"\n")
        with line_file(draft, "quarantine.jsonl.zst"):
            pass
        write_ledger(draft, ledger_of(manifest))


def test_raw_logs_that_were_replaced_since_are_told_and_not_quoted(chain: Chain) -> None:
    chain.drop(results([GOOD, BAD]))
    chain.run_to("converted_traces")
    chain.drop(results([BAD, GOOD]))
    chain.run("raw_logs")
    with pytest.raises(StoreError, match=r"raw logs were replaced since; run converted_traces"):
        chain.run("valid_traces")
    assert chain.artifact("valid_traces").manifest() is None
    chain.run_all()
    assert [row["trace_id"] for row in chain.dataset()] == ["good"]
