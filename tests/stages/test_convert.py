"""converted_traces: every record stands in the ledger, and shards hold what one file would."""

import re

import pytest
from backports import zstd

from tests.conversions import is_balanced
from tests.stages.chain import BOT, Chain, nothing_said, results, simulation
from trace_assets.errors import ConfigError, StoreError
from trace_assets.ledger import FileLedger, Ledger, UnbalancedLedgerError
from trace_assets.stages.lines import ShardWriter, lines_in, lines_of, shards_of
from trace_assets.stages.stage import write_ledger

LOG = results([simulation("a", "Hi", "Hello"), 5, nothing_said("b")])


def test_the_ledger_counts_every_record_of_every_file_under_one_heading(chain: Chain) -> None:
    chain.drop(LOG)
    chain.drop(LOG, "the-same-again.json")
    chain.drop(b"", "empty.json")
    chain.drop(b'{"neither": "nor"}', "other.json")
    chain.run_to("converted_traces")
    ledger = chain.ledger("converted_traces")
    assert is_balanced(ledger)
    assert [
        (one["file"], one["converted"], one["duplicate"], one["reasons"]) for one in ledger["files"]
    ] == [
        ("empty.json", 0, 0, {"empty_file": 1}),
        ("other.json", 0, 0, {"unknown_format": 1}),
        ("results.json", 2, 0, {"unknown_shape": 1}),
        ("the-same-again.json", 0, 3, {}),
    ]
    about = chain.expect("converted_traces").about
    assert {"format_version": 1, **about["ledger"]} == ledger


def test_what_a_log_says_once_for_all_its_records_is_kept(chain: Chain) -> None:
    chain.drop(results([simulation("a", "Hi")], tasks=[{"id": "task-a"}]))
    chain.run_to("converted_traces")
    assert chain.rows("converted_traces", "context.jsonl") == [
        {"file": "results.json", "pointer": "/info", "value": {"seed": 7}},
        {"file": "results.json", "pointer": "/tasks", "value": [{"id": "task-a"}]},
    ]


def test_a_quarantined_record_of_no_known_format_is_whole(chain: Chain) -> None:
    content = '{"neither": "nör\u2028"}'.encode()
    chain.drop(content, "other.json")
    chain.run_to("converted_traces")
    (row,) = chain.rows("converted_traces", "quarantine.jsonl.zst")
    assert (row["reason"], row["file"], row["offset"]) == ("unknown_format", "other.json", 0)
    assert row["raw"].encode() == content
    assert re.search(r"looks like none of them; known formats: .*tau2bench", row["message"])


def test_shards_hold_the_lines_in_order_each_up_to_the_limit(chain: Chain) -> None:
    artifact = chain.artifact("converted_traces")
    lines = [b"%d\n" % number * 100_000 for number in range(12)]
    with (
        artifact.replace("0123456789abcdef") as draft,
        ShardWriter(draft, "traces", shard_bytes=2 << 20) as traces,
        ShardWriter(draft, "none") as _,
    ):
        for line in lines:
            traces.write(line)
    manifest = artifact.expect()
    names = shards_of(manifest, "traces")
    assert names == [f"traces-{number:05d}.jsonl.zst" for number in range(len(names))]
    assert len(names) == 2
    assert b"".join(lines_of(artifact, "traces", manifest)) == b"".join(lines)
    assert list(lines_in(artifact, shards_of(manifest, "none")[0], manifest)) == []


def test_a_reader_stays_with_the_version_that_it_began(chain: Chain) -> None:
    artifact = chain.artifact("converted_traces")
    for version, content in (("0" * 16, b"old\n"), ("1" * 16, b"new\n")):
        manifest = artifact.manifest()
        with artifact.replace(version) as draft, ShardWriter(draft, "traces") as traces:
            traces.write(content)
    assert manifest is not None
    assert list(lines_of(artifact, "traces", manifest)) == [b"old\n"]
    assert list(lines_of(artifact, "traces", artifact.expect())) == [b"new\n"]


def test_a_file_that_was_changed_behind_our_back_is_not_read_on(chain: Chain) -> None:
    chain.drop(results([simulation("a", "Hi"), simulation("b", "Ho")]))
    chain.run_to("converted_traces")
    (file,) = (one for one in chain.expect("converted_traces").files if "traces-" in one.name)
    line, other = chain.lines("converted_traces", "traces")
    chain.store.put(file.key, zstd.compress(other + line))
    with pytest.raises(StoreError, match=r"traces-00000\S+ changed since .* delete it and run"):
        chain.run("valid_traces")
    assert chain.artifact("valid_traces").manifest() is None
    chain.store.delete(file.key)
    chain.run_to("valid_traces")
    assert chain.lines("valid_traces", "traces") == [line, other]


def test_a_ledger_that_does_not_balance_is_never_committed(chain: Chain) -> None:
    counts = FileLedger("a.json", sha256="0" * 64, size=1, format=None)
    counts.records = 1
    artifact = chain.artifact("converted_traces")
    with (
        pytest.raises(UnbalancedLedgerError, match=r"a\.json: 1 records read, 0 accounted for"),
        artifact.replace("0" * 16) as draft,
    ):
        write_ledger(draft, Ledger([counts]))
    assert artifact.manifest() is None


def test_a_format_that_is_not_known_is_told_with_the_known_ones(chain: Chain) -> None:
    chain.drop(LOG)
    wrong = chain.declaring(format="tau3")
    with pytest.raises(
        ConfigError, match=r"'tau3' is not known; known: .*tau2bench.*; correct `for"
    ):
        wrong.run("raw_logs")
    assert wrong.artifact("raw_logs", BOT).manifest() is None
