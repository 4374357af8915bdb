"""The whole chain with inbox, store and target in a bucket: the bytes that a folder would hold."""

from pathlib import Path

import pytest

from tests.s3_server import S3Server
from tests.stages.chain import BOT, STAGES, Chain, nothing_said, results, simulation
from trace_assets.drops import Drop

FIRST = results([simulation("a", "Hi", "Hellö\u2028"), nothing_said("b"), 5])
LATER = results([simulation("a", "Hi", "Hellö\u2028", "Bye"), simulation("c", "Yes")])
NEXT_DAY = Drop("bot", "2026-01-03")


@pytest.fixture(scope="module")
def in_bucket(s3_server: S3Server) -> Chain:
    chain = Chain.at(f"s3://{s3_server.bucket('chain')}/places")
    run(chain)
    return chain


def run(chain: Chain) -> None:
    chain.drop(FIRST)
    chain.drop(b"", "deep/empty.json")
    chain.run_all()
    chain.drop(LATER, drop=NEXT_DAY)
    chain.run_all(NEXT_DAY)


def test_a_bucket_holds_what_a_folder_would(in_bucket: Chain, tmp_path: Path) -> None:
    in_folder = Chain.at(str(tmp_path))
    run(in_folder)
    assert in_bucket.contents() == in_folder.contents()
    assert [row["trace_id"] for row in in_bucket.source_rows()] == ["a", "c"]
    assert in_bucket.verify() == []


def test_running_again_in_a_bucket_writes_nothing(in_bucket: Chain) -> None:
    before = in_bucket.writes()
    for drop in (BOT, NEXT_DAY):
        assert not any(in_bucket.run_all(drop).values())
    assert in_bucket.writes() == before


def test_an_object_altered_at_the_target_is_mended(in_bucket: Chain) -> None:
    before = in_bucket.published()
    key = f"{BOT.prefix}bot-2026-01-02.jsonl"
    in_bucket.target.put(key, in_bucket.target.read(key).replace(b"Hi", b"Ho"))
    assert in_bucket.published() != before
    assert [stage for stage in STAGES if in_bucket.run(stage)] == ["published_dataset"]
    assert in_bucket.published() == before
