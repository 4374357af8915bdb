"""enriched_traces and trace_dataset: facts beside every trace, joined without change."""

import gc
import json
import os
from io import BytesIO
from pathlib import Path

import pytest
import yaml
from pyarrow import parquet

from tests.stages.chain import Chain, nothing_said, results, simulation
from trace_assets.enrich import Defaults, facts_of
from trace_assets.package.tables import FactTables
from trace_assets.trace import load

LOG = results([simulation("a", "Hi", "Hello", "Bye"), simulation("b", "Hm?"), nothing_said("c")])


def test_rows_carry_source_day_and_what_the_owner_declares(tmp_path: Path) -> None:
    chain = Chain.at(str(tmp_path), agent="clerk", tags=("night",))
    chain.drop(LOG)
    chain.run_to("trace_dataset")
    for row in chain.dataset():
        assert (row["source"], row["date"], row["format"]) == ("bot", "2026-01-02", "tau2bench")
        assert row["trace"]["metadata"]["agent"] == row["agent"] == "clerk"
        assert row["tags"] == ["night"]
        assert row["cost_usd"] is None
    assert [(row["turns"], row["messages"]) for row in chain.dataset()] == [(2, 3), (1, 1)]


def test_the_tables_say_what_the_rows_say(chain: Chain) -> None:
    chain.drop(LOG)
    chain.run_to("trace_dataset")
    traces, turns = (
        parquet.read_table(BytesIO(chain.read("enriched_traces", f"{name}.parquet"))).to_pylist()
        for name in ("traces", "turns")
    )
    rows = chain.dataset()
    assert traces == [{name: row[name] for name in traces[0]} for row in rows]
    per_trace = [[turn["turn"] for turn in turns if turn["trace_id"] == own] for own in "ab"]
    assert [max(numbers) + 1 for numbers in per_trace] == [row["turns"] for row in rows]
    assert chain.expect("enriched_traces").about["turns"] == {"1": 1, "2": 1}


def test_a_dataset_is_the_enriched_lines_with_a_spec_and_a_manifest(tmp_path: Path) -> None:
    chain = Chain.at(str(tmp_path), display_name="Bot", description="Calls", tags=("night",))
    chain.drop(LOG)
    chain.run_to("trace_dataset")
    rows = chain.read("trace_dataset", "bot-2026-01-02.jsonl")
    assert rows == b"".join(chain.lines("enriched_traces", "traces"))
    assert rows.isascii()
    assert yaml.safe_load(chain.read("trace_dataset", "bot-2026-01-02.yaml")) == {
        "key": "bot-2026-01-02",
        "display_name": "Bot 2026-01-02",
        "description": "Calls",
        "source": {"type": "local", "file_path": "./bot-2026-01-02.jsonl"},
        "tags": ["night"],
    }
    manifest = json.loads(chain.read("trace_dataset", "manifest.json"))
    assert manifest["rows"] == 2
    assert {"format_version": 1, **manifest["ledger"]} == chain.ledger()
    assert manifest["columns"] == list(chain.dataset()[0])[1:]
    stored = chain.expect("trace_dataset")
    assert manifest["sha256"] == {
        name: stored.file(name).sha256 for name in ("bot-2026-01-02.jsonl", "bot-2026-01-02.yaml")
    }


def test_a_day_on_which_nothing_holds_has_a_dataset_without_rows(chain: Chain) -> None:
    chain.drop(results([nothing_said("a")]))
    chain.run_all()
    assert chain.dataset() == chain.source_rows() == []
    assert chain.ledger()["quarantined"] == 1
    for name in ("traces", "turns"):
        table = parquet.read_table(BytesIO(chain.read("enriched_traces", f"{name}.parquet")))
        assert table.num_rows == 0


def test_tables_that_outgrow_the_disk_fail_once_and_complain_no_more(
    chain: Chain, tiny_disk: Path
) -> None:
    chain.drop(LOG)
    chain.run_to("valid_traces")
    trace = load(chain.rows("valid_traces", "traces")[0]["trace"])
    facts = facts_of(trace, defaults=Defaults())

    def fail() -> None:
        with (
            (tiny_disk / "traces").open("wb", buffering=0) as traces,
            (tiny_disk / "turns").open("wb", buffering=0) as turns,
            FactTables(traces, turns) as tables,
        ):
            for _ in range(20):
                tables.add({"trace_id": os.urandom(100_000).hex()}, facts)

    with pytest.raises(OSError, match="No space left"):
        fail()
    gc.collect()
