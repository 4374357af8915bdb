"""Damaged files are found and never published; a run on old data never replaces newer data."""

import io
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.stages.chain import BOT, STAGES, Chain, results, simulation
from trace_assets.artifacts import Artifact
from trace_assets.cli import main
from trace_assets.errors import StoreError
from trace_assets.stages.publish import publish
from trace_assets.stages.scrub import scrub
from trace_assets.stages.stage import unless_done
from trace_assets.store import FolderStore
from trace_assets.store.hashed import VerifiedFile

OLD = results([simulation("a", "Hi", "Hello")])
NEW = results([simulation("a", "Hi", "Hello"), simulation("b", "Hi", "Bye")])
READ = {
    "converted_traces": ("raw_logs", "results.json"),
    "valid_traces": ("converted_traces", "traces-00000.jsonl.zst"),
    "enriched_traces": ("valid_traces", "traces-00000.jsonl.zst"),
    "trace_dataset": ("enriched_traces", "traces-00000.jsonl.zst"),
    "published_dataset": ("trace_dataset", "bot-2026-01-02.jsonl"),
}


def damage(chain: Chain, asset: str, name: str) -> Path:
    """Change one letter of a file; its size stays."""
    assert isinstance(chain.store, FolderStore)
    path = chain.store.root / chain.expect(asset).file(name).key
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("stage", READ)
def test_a_stage_never_takes_a_damaged_file(chain: Chain, stage: str) -> None:
    chain.drop(OLD)
    chain.run_to(STAGES[STAGES.index(stage) - 1])
    path = damage(chain, *READ[stage])
    with pytest.raises(StoreError) as told:
        chain.run(stage)
    assert str(path) in str(told.value) or stage == "published_dataset"
    if stage != "published_dataset":
        assert chain.artifact(stage).manifest() is None


def test_a_byte_of_the_log_that_changed_at_rest_is_not_published_under_the_old_hash(
    chain: Chain,
) -> None:
    chain.drop(OLD)
    chain.run("raw_logs")
    assert isinstance(chain.store, FolderStore)
    path = chain.store.root / chain.expect("raw_logs").file("results.json").key
    path.write_bytes(path.read_bytes().replace(b"Hello", b"Jello"))
    with pytest.raises(StoreError, match=r"results\.json: changed since it was written"):
        chain.run("converted_traces")


def test_scrub_names_every_damaged_or_missing_file(
    chain: Chain, capsys: pytest.CaptureFixture[str]
) -> None:
    chain.drop(OLD)
    chain.run_all()
    assert isinstance(chain.store, FolderStore)
    place = str(chain.store.root)
    found = list(scrub(chain.store))
    assert [one.problems for one in found] == [[]] * 6
    assert {one.name for one in found} >= {"raw_logs/bot/2026-01-02", "source_dataset/bot"}
    assert main(["scrub", "--store", place]) == 0
    damaged = damage(chain, "valid_traces", "ledger.json")
    gone = chain.store.root / chain.expect("enriched_traces").file("turns.parquet").key
    gone.unlink()
    (chain.store.root / "raw_logs/bot/2026-01-02/manifest.json").write_bytes(b"{")
    capsys.readouterr()
    assert main(["scrub", "--store", place]) == 1
    *lines, last = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[1] for line in lines] == [
        "enriched_traces/bot/2026-01-02",
        "raw_logs/bot/2026-01-02",
        "valid_traces/bot/2026-01-02",
    ]
    assert str(gone) in lines[0]
    assert str(damaged) in lines[2]
    assert last.endswith("3 damaged")


@settings(deadline=None)  # a busy machine is no defect
@given(st.binary(max_size=300), st.lists(st.tuples(st.integers(0, 300), st.integers(0, 90))))
def test_a_verified_file_reads_as_any_other_and_knows_its_hash(
    content: bytes, reads: list[tuple[int, int]]
) -> None:
    def verified(stored: bytes) -> VerifiedFile:
        digest = sha256(content).hexdigest()
        return VerifiedFile(io.BytesIO(stored), sha256=digest, uri="file")

    plain, good = io.BytesIO(content), io.BufferedReader(verified(content), 64)
    for at, size in reads:
        assert good.seek(at) == plain.seek(at)
        assert good.read(size) == plain.read(size)
    raw = good.detach()
    assert isinstance(raw, VerifiedFile)
    raw.finish()
    if content:
        changed = bytearray(content)
        changed[sum(content) % len(content)] ^= 1
        bad = verified(bytes(changed))
        bad.read(7)
        with pytest.raises(StoreError, match="changed since it was written"):
            bad.finish()


# --- order of runs ---------------------------------------------------------------------------


def test_a_version_made_from_an_input_that_was_replaced_meanwhile_does_not_count(
    chain: Chain,
) -> None:
    chain.drop(OLD)
    chain.run_to("converted_traces")
    raw, output = chain.artifact("raw_logs"), Artifact(chain.store, "slow/bot/2026-01-02")
    source = raw.expect()

    def make(_: object) -> dict[str, int]:
        chain.drop(NEW)
        chain.run("raw_logs")
        return {}

    with pytest.raises(StoreError, match="was replaced while it was read") as told:
        unless_done(output, "0" * 16, make, inputs=[(raw, source)])
    assert told.value.retryable
    assert output.manifest() is None


class GrowingInbox(FolderStore):
    """An inbox to which a file is added while another one is copied."""

    def open(self, key: str):
        late = self.root / BOT.prefix / "late.json"
        if not late.exists():
            late.write_bytes(NEW)
        return super().open(key)


def test_a_drop_that_grew_while_it_was_copied_is_not_taken(chain: Chain) -> None:
    assert isinstance(chain.inbox, FolderStore)
    chain.drop(OLD)
    growing = Chain(GrowingInbox(chain.inbox.root), chain.store, chain.target)
    with pytest.raises(StoreError, match="files were added or changed") as told:
        growing.run("raw_logs")
    assert told.value.retryable
    assert growing.run("raw_logs")
    assert len(growing.expect("raw_logs").files) == 2


class SlowTarget(FolderStore):
    """A target at which a newer dataset arrives while the first file of an older one is sent."""

    def write(self, key: str):
        chain, *_ = WAITING or [None]
        WAITING.clear()
        if chain is not None:
            chain.drop(NEW)
            chain.run_all()
        return super().write(key)


WAITING: list[Chain] = []


def test_an_older_dataset_that_is_published_last_is_told_and_sent_again(chain: Chain) -> None:
    assert isinstance(chain.target, FolderStore)
    chain.drop(OLD)
    chain.run_to("trace_dataset")
    WAITING.append(chain)
    slow, dataset = SlowTarget(chain.target.root), chain.artifact("trace_dataset")
    with pytest.raises(StoreError, match="was replaced while it was read") as told:
        publish(dataset, slow, prefix=BOT.prefix)
    assert told.value.retryable
    publish(dataset, slow, prefix=BOT.prefix)  # what Dagster's retry does
    rows = chain.published()["target/bot/2026-01-02/bot-2026-01-02.jsonl"]
    assert rows.count(b"\n") == 2
