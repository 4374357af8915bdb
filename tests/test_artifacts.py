"""What is stored for a partition changes as one, whatever happens to the run that writes it."""

import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from hashlib import sha256
from itertools import count
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.s3_server import S3Server
from trace_assets.artifacts import Artifact, Draft, Manifest, StoredFile, version_of
from trace_assets.errors import NotFoundError, StoreError
from trace_assets.store import FolderStore, S3Store, Store, store_at

_numbers = count()
PREFIX = "converted_traces/bot/2026-01-02"
V1, V2, V3, V4 = (version_of(str(number)) for number in range(4))


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return store_at(str(tmp_path / "store"))
    server: S3Server = request.getfixturevalue("s3_server")
    return store_at(f"s3://{server.bucket(f'artifacts-{next(_numbers)}')}/store")


def write(artifact: Artifact, version: str, **files: bytes) -> Manifest:
    with artifact.replace(version, about={"inputs": [version]}) as draft:
        for name, content in files.items():
            with draft.create(name) as stream:
                stream.write(content)
    return artifact.expect()


def test_files_are_read_back_through_the_manifest(store: Store) -> None:
    artifact = Artifact(store, PREFIX)
    assert artifact.manifest() is None
    with artifact.replace(V1, about={"format": "csv"}) as draft:
        with draft.create("b.jsonl") as stream:
            stream.write(b"{}\n{}\n")
        draft.note_rows("b.jsonl", 2)
        with draft.create("deep/a") as stream:
            stream.write(b"")
        draft.about["records"] = 2
        assert artifact.manifest() is None
    manifest = artifact.expect()
    assert manifest.about == {"format": "csv", "records": 2}
    assert manifest.files == (
        StoredFile(
            name="b.jsonl",
            key=f"{PREFIX}/{V1}/b.jsonl",
            size=6,
            sha256=sha256(b"{}\n{}\n").hexdigest(),
            rows=2,
        ),
        StoredFile("deep/a", f"{PREFIX}/{V1}/deep/a", 0, sha256(b"").hexdigest()),
    )
    with artifact.open("b.jsonl") as stream:
        assert stream.read() == b"{}\n{}\n"
    assert artifact.verify() == []


def test_a_manifest_is_json_that_others_can_read(store: Store) -> None:
    artifact = Artifact(store, PREFIX)
    write(artifact, V1, a=b"1")
    content = store.read(f"{PREFIX}/manifest.json")
    assert json.loads(content) == {
        "about": {"inputs": [V1]},
        "files": [
            {
                "key": f"{PREFIX}/{V1}/a",
                "name": "a",
                "sha256": sha256(b"1").hexdigest(),
                "size": 1,
            }
        ],
        "format_version": 1,
        "previous": None,
        "version": V1,
    }


def test_the_same_content_gives_the_same_manifest_and_digest(store: Store) -> None:
    here, there = Artifact(store, PREFIX), Artifact(store, "other")
    first = write(here, V1, a=b"1", b=b"2")
    again = write(here, V1, b=b"2", a=b"1")
    assert again.to_json() == first.to_json()
    assert write(there, V2, a=b"1", b=b"2").digest == first.digest
    assert write(there, V2, a=b"1", c=b"2").digest != first.digest
    assert write(there, V2, a=b"1", b=b"3").digest != first.digest


def test_an_exception_leaves_the_old_version(store: Store) -> None:
    artifact = Artifact(store, PREFIX)
    old = write(artifact, V1, a=b"old")
    with suppress(RuntimeError), artifact.replace(V2) as draft:
        with draft.create("a") as stream:
            stream.write(b"new")
        raise RuntimeError("the converter fails")
    assert artifact.manifest() == old
    with artifact.open("a") as stream:
        assert stream.read() == b"old"


def test_a_file_whose_writer_failed_is_not_counted_in(store: Store) -> None:
    artifact = Artifact(store, PREFIX)
    with artifact.replace(V1) as draft:
        with suppress(RuntimeError), draft.create("a") as stream:
            stream.write(b"half")
            raise RuntimeError
        with draft.create("a") as stream:
            stream.write(b"whole")
    assert [(file.name, file.size) for file in artifact.expect().files] == [("a", 5)]


def test_the_replaced_version_stays_until_the_next_one(store: Store) -> None:
    artifact = Artifact(store, PREFIX)
    one = write(artifact, V1, a=b"1")
    two = write(artifact, V2, a=b"2")
    with artifact.open("a", one) as stream:
        assert stream.read() == b"1"
    write(artifact, V2, a=b"2")  # again: history does not move
    assert artifact.expect() == two
    three = write(artifact, V3, a=b"3")
    assert (two.previous, three.previous) == (V1, V2)
    with pytest.raises(NotFoundError):
        artifact.open("a", one)
    with artifact.open("a", two) as stream:
        assert stream.read() == b"2"
    assert set(store.folders(PREFIX)) == {V2, V3}


def test_going_back_to_a_version_keeps_it(store: Store) -> None:
    artifact = Artifact(store, PREFIX)
    for version in (V1, V2, V1, V2, V1):
        write(artifact, version, a=version.encode())
        with artifact.open("a") as stream:
            assert stream.read() == version.encode()
        assert artifact.verify() == []


def test_what_another_run_has_in_progress_is_not_removed(store: Store) -> None:
    artifact = Artifact(store, PREFIX)
    for version in (V1, V2):
        write(artifact, version, a=b"1")
    with artifact.replace(V4) as draft, artifact.replace(V1) as rollback:
        for each in (draft, rollback):
            with each.create("a") as stream:
                stream.write(b"slow")
        write(artifact, V3, a=b"3")
        assert set(store.folders(PREFIX)) == {V1, V2, V3, V4}
    assert artifact.expect().version == V4
    assert artifact.verify() == []


def test_versions_of_runs_that_died_long_ago_are_removed(tmp_path: Path) -> None:
    artifact = Artifact(FolderStore(tmp_path), PREFIX)
    write(artifact, V1, a=b"1")
    dead = tmp_path / PREFIX / V4
    dead.mkdir()
    for name in ("a", ".0123456789abcdef.part"):
        (dead / name).write_bytes(b"half")
        os.utime(dead / name, (1_000_000_000, 1_000_000_000))
    (tmp_path / PREFIX / "notes").mkdir()
    (tmp_path / PREFIX / "notes" / "kept").write_bytes(b"")
    os.utime(tmp_path / PREFIX / "notes" / "kept", (1_000_000_000, 1_000_000_000))
    write(artifact, V2, a=b"1")
    left = {str(path.relative_to(tmp_path / PREFIX)) for path in dead.parent.rglob("*")}
    assert f"{V4}/a" not in left
    assert f"{V4}/.0123456789abcdef.part" not in left
    assert "notes/kept" in left


def test_a_file_that_vanished_before_the_end_fails_the_run(store: Store) -> None:
    artifact = Artifact(store, PREFIX)
    write(artifact, V1, a=b"old")

    def interfered() -> None:
        with artifact.replace(V2) as draft:
            with draft.create("a") as stream:
                stream.write(b"new")
            store.delete(f"{PREFIX}/{V2}/a")

    with pytest.raises(StoreError, match="3 bytes were written and nothing is there") as caught:
        interfered()
    assert caught.value.retryable
    assert artifact.expect().version == V1


def test_a_copy_is_the_same_bytes_under_its_own_prefix(store: Store, tmp_path: Path) -> None:
    source, target = Artifact(store, PREFIX), Artifact(store_at(str(tmp_path / "t")), "valid")
    with source.replace(V1) as draft:
        with draft.create("a") as stream:
            stream.write(b"1\n2\n")
        draft.note_rows("a", 2)
    for artifact in (target, Artifact(store, "valid")):
        with artifact.replace(V2) as draft:
            draft.copy("b", source, "a")
        (file,) = artifact.expect().files
        assert (file.name, file.rows, file.sha256) == ("b", 2, sha256(b"1\n2\n").hexdigest())
        assert artifact.verify() == []


def test_names_that_are_wrong_are_told(store: Store) -> None:
    artifact = Artifact(store, PREFIX)
    write(artifact, V1, a=b"1", b=b"2")
    with pytest.raises(NotFoundError, match=r"no file 'c' in version .*; it has a, b"):
        artifact.open("c")
    with pytest.raises(NotFoundError, match="not there yet; run what writes it first"):
        Artifact(store, "nothing").open("a")
    for version in ("", "../x", "V1", "v1"):
        with pytest.raises(ValueError, match="expected 8 to 64 digits"):
            write(artifact, version)
    file = artifact.expect().file("a")
    with suppress(StoreError), artifact.replace(V2) as draft:
        draft.add(file)
        with pytest.raises(StoreError, match="'a' was written already"):
            draft.add(file)
        raise StoreError("not to be committed")
    with pytest.raises(StoreError, match="expected a relative path"):
        write(artifact, V2, **{"../a": b"1"})


def test_a_broken_manifest_is_an_error_and_not_an_empty_artifact(store: Store) -> None:
    artifact = Artifact(store, PREFIX)
    store.put(f"{PREFIX}/manifest.json", b'{"version": 1}')
    for use in (artifact.manifest, artifact.verify, lambda: write(artifact, V1)):
        with pytest.raises(StoreError, match=r"not a manifest .*; delete it and run") as caught:
            use()
        assert not isinstance(caught.value, NotFoundError)


def test_verify_finds_a_changed_and_a_missing_file(store: Store) -> None:
    artifact = Artifact(store, PREFIX)
    write(artifact, V1, a=b"1", b=b"2", c=b"3")
    store.put(f"{PREFIX}/{V1}/a", b"x")
    store.delete(f"{PREFIX}/{V1}/c")
    changed, missing = artifact.verify()
    assert "1 bytes with sha256" in changed
    assert f"{V1}/c" in missing


def _write_shard(draft: Draft, number: int) -> Draft:
    with draft.create(f"shard-{number}") as stream:
        stream.write(b"%d\n" % number * 1000)
    return draft


def test_shards_written_by_other_processes_are_counted_in(store: Store) -> None:
    artifact = Artifact(store, PREFIX)
    assert pickle.loads(pickle.dumps(artifact)) == artifact  # noqa: S301 - our own bytes
    with (
        ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool,
        artifact.replace(V1) as draft,
    ):
        for part in pool.map(_write_shard, [draft] * 3, range(3)):
            draft.add(*part.files.values())
    assert [file.name for file in artifact.expect().files] == ["shard-0", "shard-1", "shard-2"]
    assert artifact.verify() == []


# Killed runs

FILES = 4
RUN = f"""
import os, signal, sys
from trace_assets.artifacts import Artifact
from trace_assets.store import store_at

uri, prefix, version, stop_at = sys.argv[1:]
artifact = Artifact(store_at(uri), prefix)
artifact.manifest()
print("ready", flush=True)

def reached(point):
    if point == stop_at:
        os.kill(os.getpid(), signal.SIGKILL)

with artifact.replace(version, about={{"inputs": version}}) as draft:
    for number in range({FILES}):
        with draft.create(f"file-{{number}}") as stream:
            for line in range(40):
                stream.write(f"{{version}} {{number}} {{line}} ".encode() * 4000)
                reached(f"{{number}}:{{line}}")
        reached(f"{{number}}:end")
    reached("uncommitted")
reached("committed")
"""


def run(store: Store, version: str, stop_at: str = "never") -> int:
    command = [sys.executable, "-c", RUN, store.uri(), PREFIX, version, stop_at]
    return subprocess.run(command, check=False, stdout=subprocess.DEVNULL, timeout=60).returncode


def contents(artifact: Artifact, manifest: Manifest) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for file in manifest.files:
        with artifact.open(file.name, manifest) as stream:
            found[file.name] = stream.read()
    return found


@contextmanager
def reading(artifact: Artifact) -> Iterator[list[str]]:
    """Read all files over and over; yields the versions seen, each whole."""
    seen: list[str] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set() and len(seen) < 100_000:
            manifest = artifact.expect()
            files = contents(artifact, manifest).values()
            start = manifest.version.encode()
            whole = len(files) == FILES and all(
                content.startswith(start) and len(content) > 3_000_000 for content in files
            )
            seen.append(manifest.version if whole else "a mix")

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield seen
    finally:
        done.set()
        reader.join(timeout=30)


@pytest.mark.parametrize("stop_at", ["0:0", "0:39", "1:end", "3:20", "uncommitted", "committed"])
def test_a_run_killed_at_any_point_leaves_old_or_new_and_running_again_heals(
    store: Store, stop_at: str
) -> None:
    artifact = Artifact(store, PREFIX)
    assert run(store, V1) == 0
    old = artifact.expect()
    before = contents(artifact, old)
    assert run(store, V2, stop_at) == -signal.SIGKILL
    if stop_at != "committed":
        assert artifact.manifest() == old
    assert contents(artifact, old) == before
    assert run(store, V2) == 0
    manifest = artifact.expect()
    assert contents(artifact, manifest) == {
        name: content.replace(V1.encode(), V2.encode()) for name, content in before.items()
    }
    assert (manifest.version, manifest.previous) == (V2, V1)
    assert artifact.verify() == []


def test_runs_killed_at_any_moment_never_show_a_mix(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    artifact = Artifact(store, PREFIX)
    assert run(store, V1) == 0
    kills = 0
    with reading(artifact) as seen:
        for attempt in range(12):
            command = [sys.executable, "-c", RUN, store.uri(), PREFIX, V2, "never"]
            with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
                assert process.stdout is not None
                process.stdout.readline()
                time.sleep(attempt * 0.006)  # where in the run the kill falls
                process.kill()
                kills += process.wait() == -signal.SIGKILL
    assert kills > 3
    assert run(store, V2) == 0
    assert set(seen) <= {V1, V2}
    assert V1 in seen
    assert artifact.verify() == []


def test_two_runs_of_the_same_inputs_at_once_harm_nobody(store: Store) -> None:
    artifact = Artifact(store, PREFIX)
    assert run(store, V1) == 0
    command = [sys.executable, "-c", RUN, store.uri(), PREFIX, V2, "never"]
    both = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(2)]
    with reading(artifact) as seen:
        assert [process.wait(timeout=60) for process in both] == [0, 0]
    assert set(seen) <= {V1, V2}
    assert (artifact.expect().version, artifact.expect().previous) == (V2, V1)
    assert artifact.verify() == []


def test_a_disk_that_fills_up_fails_the_run_and_leaves_the_old_version(tiny_disk: Path) -> None:
    artifact = Artifact(FolderStore(tiny_disk), PREFIX)
    old = write(artifact, V1, a=b"1" * 300_000)
    with pytest.raises(StoreError, match="the disk is full") as caught:
        write(artifact, V2, a=b"2" * 300_000, b=b"3" * 3_000_000)
    assert not caught.value.retryable
    assert artifact.manifest() == old
    assert artifact.verify() == []


def test_a_server_that_stops_fails_the_run_as_one_to_try_again(
    s3_server: S3Server, tmp_path: Path
) -> None:
    (tmp_path / "buckets").mkdir()
    server = S3Server(tmp_path / "buckets")
    try:
        store = S3Store(server.bucket("stops"), endpoint_url=server.endpoint_url)
        artifact = Artifact(store, PREFIX)
        write(artifact, V1, a=b"1")
        server.stop()
        with pytest.raises(StoreError, match="cannot be reached now") as caught:
            write(artifact, V2, a=b"2")
        assert caught.value.retryable
    finally:
        server.stop()


def test_a_manifest_of_a_newer_layout_is_told_and_an_older_one_is_read(store: Store) -> None:
    artifact = Artifact(store, PREFIX)
    write(artifact, V1, a=b"1")
    key = f"{PREFIX}/manifest.json"
    content = json.loads(store.read(key))
    store.put(key, json.dumps({**content, "format_version": 2}).encode())
    with pytest.raises(StoreError, match=r"format version 2.*update trace_assets"):
        artifact.manifest()
    del content["format_version"]
    store.put(key, json.dumps(content).encode())
    assert artifact.expect().format_version == 1
