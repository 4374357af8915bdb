"""raw_logs: what arrived is at rest byte for byte, and its manifest says what it is."""

import bz2
import gzip
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from backports import zstd

from tests.stages.chain import BOT, Chain, results, simulation
from trace_assets.errors import NotFoundError, StoreError

LOG = results([simulation("a", "Hi", "Hello")])

PACKED = {
    "log.json": LOG,
    "log.json.gz": gzip.compress(LOG, mtime=0),
    "log.json.zst": zstd.compress(LOG),
    "log.json.bz2": bz2.compress(LOG),
    "named-wrongly.txt": gzip.compress(LOG, mtime=0),
}


def logs(chain: Chain) -> dict[str, dict[str, Any]]:
    return {log["file"]: log for log in chain.expect("raw_logs").about["files"]}


def test_every_file_is_copied_byte_for_byte_with_its_hash_and_format(chain: Chain) -> None:
    files = {
        "results.json": LOG,
        "deep/er/notes.txt": b"\x00\xff no log\r\n",
        "empty.json": b"",
        "manifest.json": b"{}",
    }
    for name, content in files.items():
        chain.drop(content, name)
    assert chain.run("raw_logs")
    assert {name: chain.read("raw_logs", name) for name in files} == files
    manifest = chain.expect("raw_logs")
    assert [file.name for file in manifest.files] == sorted(files)
    for name, content in files.items():
        log = logs(chain)[name]
        assert (log["size"], log["sha256"]) == (len(content), sha256(content).hexdigest())
        assert manifest.file(name).sha256 == log["sha256"]
        assert log["evidence"]
    assert logs(chain)["results.json"]["format"] == "tau2bench"
    assert logs(chain)["deep/er/notes.txt"]["format"] is None
    assert manifest.about["origin"] == chain.inbox.uri("bot/2026-01-02/")


@pytest.mark.parametrize("name", PACKED)
def test_a_compressed_file_stays_compressed_and_its_records_are_found(
    chain: Chain, name: str
) -> None:
    chain.drop(PACKED[name], name)
    chain.run_to("trace_dataset")
    assert chain.read("raw_logs", name) == PACKED[name]
    assert logs(chain)[name]["format"] == "tau2bench"
    (row,) = chain.dataset()
    assert (row["trace_id"], row["source_uri"]) == ("a", f"{name}#simulations/0")
    assert row["source_sha256"] == sha256(PACKED[name]).hexdigest()


def test_the_same_drop_gives_the_same_manifest_wherever_it_is_kept(tmp_path: Path) -> None:
    manifests: list[bytes] = []
    for place in ("here", "there"):
        chain = Chain.at(str(tmp_path / place))
        chain.drop(LOG)
        path = tmp_path / place / "inbox" / BOT.prefix / "results.json"
        os.utime(path, (1_700_000_000, 1_700_000_000))
        chain.run("raw_logs")
        text = chain.expect("raw_logs").to_json()
        manifests.append(text.replace(str(tmp_path / place).encode(), b""))
    assert manifests[0] == manifests[1]


def test_a_drop_without_files_says_what_was_left_out(chain: Chain) -> None:
    chain.drop(LOG, "results.json.part")
    with pytest.raises(NotFoundError, match=r"has no files.*unfinished file: .*json\.part"):
        chain.run("raw_logs")
    assert chain.artifact("raw_logs").manifest() is None


def test_files_that_are_left_out_are_told_beside_those_that_are_taken(chain: Chain) -> None:
    chain.drop(LOG)
    chain.drop(LOG, ".hidden")
    chain.run("raw_logs")
    manifest = chain.expect("raw_logs")
    assert [file.name for file in manifest.files] == ["results.json"]
    assert "hidden" in manifest.about["left_out"]


def test_a_given_format_is_taken_at_its_word(tmp_path: Path) -> None:
    chain = Chain.at(str(tmp_path), format="tau2bench")
    chain.drop(b"no log at all")
    chain.run_to("valid_traces")
    assert logs(chain)["results.json"]["evidence"] == "given, not detected"
    assert chain.ledger()["reasons"] == {"not_json": 1}


@contextmanager
def meanwhile(work: Callable[[threading.Event], None]) -> Iterator[None]:
    """Let somebody else work beside the block; they are told when it is over."""
    over = threading.Event()
    other = threading.Thread(target=work, args=(over,))
    other.start()
    try:
        yield
    finally:
        over.set()
        other.join(timeout=30)


def test_a_file_that_grows_while_it_is_fetched_is_left_for_a_later_run(
    chain: Chain, tmp_path: Path
) -> None:
    chain.drop(LOG)
    chain.run("raw_logs")
    before, written = chain.expect("raw_logs"), chain.writes()
    growing = tmp_path / "places" / "inbox" / BOT.prefix / "growing.jsonl"
    growing.write_bytes(b"\n" * (32 << 20))

    def append(over: threading.Event) -> None:
        with growing.open("ab", buffering=0) as file:
            while not over.is_set():
                file.write(b"\n")

    with (
        meanwhile(append),
        pytest.raises(StoreError, match=r"growing\.jsonl: it changed while .* run again") as caught,
    ):
        chain.run("raw_logs")
    assert caught.value.retryable
    assert chain.expect("raw_logs") == before
    assert chain.artifact("raw_logs").verify() == []
    assert written.items() <= chain.writes().items()
    assert chain.run("raw_logs")
    assert chain.read("raw_logs", "growing.jsonl") == growing.read_bytes()


def test_a_file_that_is_taken_away_while_the_drop_is_fetched_is_one_to_try_again(
    chain: Chain, tmp_path: Path
) -> None:
    chain.drop(b"\n" * (32 << 20), "a.jsonl")
    chain.drop(LOG, "b.json")

    def take_away(over: threading.Event) -> None:
        while not over.is_set() and not any((tmp_path / "places").rglob("*.part")):
            pass
        chain.inbox.delete(f"{BOT.prefix}b.json")

    with (
        meanwhile(take_away),
        pytest.raises(StoreError, match=r"b\.json: it was taken away while") as caught,
    ):
        chain.run("raw_logs")
    assert caught.value.retryable
    assert chain.artifact("raw_logs").manifest() is None
    assert chain.run("raw_logs")
    assert list(logs(chain)) == ["a.jsonl"]


def test_parts_of_training_data_are_kept_and_become_no_traces(chain: Chain) -> None:
    files = {
        "up/job_description.json": b'{"task_description": "x"}',
        "up/test.jsonl": b'{"question": "Closed on Monday?", "answer": "Yes."}',
        "up/traces.jsonl": LOG,
    }
    for name, content in files.items():
        chain.drop(content, name)
    assert chain.run("raw_logs")
    assert chain.run("converted_traces")
    assert {name: chain.read("raw_logs", name) for name in files} == files
    ledger = chain.expect("converted_traces").about["ledger"]
    assert (ledger["converted"], ledger["filtered"], ledger["quarantined"]) == (1, 2, 0)
