"""The promises of a store, held by a folder and by a real S3 server alike."""

import gzip
import io
import os
import pickle
import shutil
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest

from tests.s3_server import S3Server
from trace_assets.errors import ConfigError, NotFoundError, StoreError
from trace_assets.store import FolderStore, S3Store, Store, store_at

_numbers = count()
ODD_KEYS = [
    "a/ü 日本 😀.jsonl",
    "a/q?x=1&y#z%41+;.txt",
    "a/ends with space ",
    "a/.hidden",
    "a/line\nbreak",
    "a/'\"<>",
    "a/b|c",
    "a/*[x]{y}",
    "a/~x",
    "a/" + "n" * 200,
]


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        (tmp_path / "store").mkdir()
        return store_at(str(tmp_path / "store"))
    server: S3Server = request.getfixturevalue("s3_server")
    return store_at(f"s3://{server.bucket(f'bucket-{next(_numbers)}')}/some/prefix")


def keys(store: Store, prefix: str = "", after: str = "") -> list[str]:
    return [found.key for found in store.list(prefix, after=after)]


# Every store


def test_what_is_put_is_read_back(store: Store) -> None:
    store.put("a/b.json", b"{}")
    store.put("a/empty", b"")
    assert store.read("a/b.json") == b"{}"
    assert store.read("a/empty") == b""
    found = store.stat("a/b.json")
    assert found is not None
    assert (found.key, found.size, found.problem) == ("a/b.json", 2, None)
    assert found.modified_at.utcoffset() == timedelta(0)


def test_an_object_that_is_not_there_is_none_and_opening_it_says_where(store: Store) -> None:
    store.put("a/b/c", b"1")
    assert store.stat("a/b") is None
    assert not store.exists("a/bb")
    for key in ("nothing", "a/b", "a/b/c/d"):
        with pytest.raises(NotFoundError, match=key) as caught:
            store.open(key)
        assert not caught.value.retryable


@pytest.mark.parametrize("key", ODD_KEYS)
def test_odd_keys_come_back_as_they_were(store: Store, key: str) -> None:
    store.put(key, b"odd")
    assert keys(store) == [key]
    assert store.read(key) == b"odd"
    store.copy_to(key, store, key + ".copy")
    assert store.read(key + ".copy") == b"odd"


@pytest.mark.parametrize("key", ["", "/etc/passwd", "a//b", "../b", "a/./b", "a\\b", "a\0b", "a/"])
def test_keys_that_could_lead_elsewhere_are_refused(store: Store, key: str) -> None:
    for use in (store.open, store.stat, store.delete, lambda k: store.put(k, b"")):
        with pytest.raises(StoreError, match="expected a relative path"):
            use(key)
    with pytest.raises(StoreError):
        list(store.list("../"))


def test_a_listing_is_in_key_order_and_can_be_taken_up_after_any_key(store: Store) -> None:
    expected = sorted(["b/1", "b-1", "b/a/2", "b.txt", "b/a-1", "b0", "B", "é/1", "z", "b/Z/q/r"])
    for key in reversed(expected):
        store.put(key, b"1")
    assert keys(store) == expected
    for key in (*expected, "b/", "b/a", "a", "b/a/", "zz"):
        assert keys(store, after=key) == [k for k in expected if k > key]
    for prefix in ("b", "b/", "b/a", "b/a/", "none", "b/none/"):
        assert keys(store, prefix) == [k for k in expected if k.startswith(prefix)]


def test_more_keys_than_one_page_are_all_listed(store: Store) -> None:
    expected = [f"page/{number:05}.json" for number in range(1_203)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda key: store.put(key, b"1"), expected))
    assert keys(store, "page/") == expected
    assert keys(store, "page/", after=expected[1_100]) == expected[1_101:]


def test_folders_are_the_direct_children(store: Store) -> None:
    for key in ("bot/2026-01-02/a", "bot/2026-01-03/x/y", "other/2026-01-02/a", "loose.txt"):
        store.put(key, b"1")
    assert list(store.folders()) == ["bot", "other"]
    assert list(store.folders("bot")) == list(store.folders("bot/")) == ["2026-01-02", "2026-01-03"]
    assert list(store.folders("nobody")) == []


def test_the_version_changes_when_the_bytes_do(store: Store) -> None:
    seen: set[str] = set()
    for number in range(5):
        store.put("a", b"%d" % number)
        found = store.stat("a")
        assert found is not None
        assert found == next(iter(store.list()))
        seen.add(found.version)
    assert len(seen) == 5


def test_a_large_object_is_streamed_in_parts_and_back(store: Store) -> None:
    block = bytes(range(256)) * 4096
    with store.write("large") as stream:
        for number in range(40):
            stream.write(number.to_bytes(4) + block)
    found = store.stat("large")
    assert found is not None
    assert found.size == 40 * (4 + len(block))
    assert keys(store) == ["large"]
    expected, got = sha256(), sha256()
    for number in range(40):
        expected.update(number.to_bytes(4) + block)
    with store.open("large") as stream:
        while piece := stream.read(3_000_000):
            got.update(piece)
    assert got.digest() == expected.digest()


def test_one_large_write_of_exactly_two_parts_is_whole(store: Store) -> None:
    data = os.urandom(1 << 20) * 32
    store.put("exact", data)
    assert store.read("exact") == data


def test_a_zip_is_read_from_its_end_without_reading_it_all(store: Store) -> None:
    with store.write("logs.zip") as stream, zipfile.ZipFile(stream, "w") as archive:
        for number in range(3):
            archive.writestr(f"{number}.bin", bytes([number]) * 3_000_000)
    with store.open("logs.zip") as stream, zipfile.ZipFile(stream) as archive:
        assert archive.read("2.bin") == b"\2" * 3_000_000
        assert archive.read("0.bin") == b"\0" * 3_000_000
        assert archive.testzip() is None


@pytest.mark.parametrize("size", [10, 20 << 20])
def test_an_exception_while_writing_leaves_the_old_version(store: Store, size: int) -> None:
    store.put("a", b"old")
    with suppress(RuntimeError), store.write("a") as stream:
        stream.write(bytes(size))
        raise RuntimeError("a converter fails")
    assert store.read("a") == b"old"
    assert keys(store) == ["a"]


def test_nothing_is_visible_before_the_end(store: Store) -> None:
    with store.write("new/a") as stream:
        stream.write(bytes(20 << 20))
        assert keys(store) == []
        assert not store.exists("new/a")
    assert keys(store) == ["new/a"]


def test_a_reader_keeps_the_version_it_opened_or_hears_of_the_change(store: Store) -> None:
    old = b"o" * (24 << 20)
    store.put("a", old)
    with store.open("a") as stream:
        start = stream.read(10)
        store.put("a", b"n" * (24 << 20))
        with suppress(StoreError):
            assert start + stream.read() == old


def test_a_deleted_object_is_gone_and_deleting_twice_is_fine(store: Store) -> None:
    store.put("a/b/c", b"1")
    store.put("a/d", b"1")
    store.delete("a/b/c")
    store.delete("a/b/c")
    assert keys(store) == ["a/d"]
    assert list(store.folders("a")) == []


def test_a_store_crosses_to_another_process(store: Store) -> None:
    store.put("a", b"1")
    twin = pickle.loads(pickle.dumps(store))  # noqa: S301 - our own bytes
    assert twin == store
    assert hash(twin) == hash(store)
    assert twin.read("a") == b"1"


def test_copies_between_a_folder_and_s3_are_the_same_bytes(
    tmp_path: Path, s3_server: S3Server
) -> None:
    folder = store_at(str(tmp_path / "made/on/first/write"))
    bucket = store_at(f"s3://{s3_server.bucket('copies')}")
    data = os.urandom(20 << 20)
    folder.put("a", data)
    folder.copy_to("a", bucket, "b")
    bucket.copy_to("b", bucket, "deep/c")
    bucket.copy_to("deep/c", folder, "d")
    assert folder.read("d") == data
    for store in (folder, bucket):
        with pytest.raises(NotFoundError):
            store.copy_to("missing", bucket, "x")


@pytest.mark.parametrize("uri", ["", " ", "gs://bucket/x", "s3://", "s3:///key", "file://host/x"])
def test_a_place_that_is_none_is_refused_with_what_is_expected(uri: str) -> None:
    with pytest.raises(ConfigError, match="expected a path"):
        store_at(uri)


# A folder


def test_a_missing_folder_is_an_error_and_not_an_empty_listing(tmp_path: Path) -> None:
    store = store_at(str(tmp_path / "nowhere"))
    for look in (store.list, store.folders):
        with pytest.raises(StoreError, match="there is no such folder; create it"):
            list(look())


def test_links_that_lead_outside_are_reported_and_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "outside" / "secret"
    secret.parent.mkdir()
    secret.write_text("private", encoding="utf-8")
    root = tmp_path / "root"
    root.mkdir()
    store = FolderStore(root)
    store.put("real", b"1")
    (root / "file").symlink_to(secret)
    (root / "folder").symlink_to(secret.parent)
    (root / "gone").symlink_to(root / "nothing")
    (root / "circle").symlink_to(root / "circle")
    (root / "inside").symlink_to(root / "real")
    (root / "self").symlink_to(root)
    assert {found.key: found.problem for found in store.list()} == {
        "circle": "a symbolic link that leads nowhere",
        "file": "a symbolic link that leads outside",
        "folder": "a symbolic link that leads outside",
        "gone": "a symbolic link that leads nowhere",
        "inside": None,
        "real": None,
        "self": "a symbolic link to a folder",
    }
    assert store.read("inside") == b"1"
    assert keys(store, "folder/") == []
    for key in ("file", "folder/secret", "circle"):
        with pytest.raises(StoreError):
            store.open(key)
    with pytest.raises(StoreError, match="leads outside"):
        store.put("folder/new", b"")
    assert list(secret.parent.iterdir()) == [secret]


def test_a_pipe_or_an_impossible_name_is_reported_and_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/latin-\xe9")).write_bytes(b"1")
    (tmp_path / "back\\slash").write_bytes(b"1")
    problems = [found.problem for found in FolderStore(tmp_path).list()]
    assert problems == ["a backslash", "a name that is not UTF-8", "not a regular file"]
    with pytest.raises(StoreError, match="only files can be read"):
        FolderStore(tmp_path).open("pipe")


def test_a_file_from_a_year_no_calendar_has_is_listed(tmp_path: Path) -> None:
    shm = Path("/dev/shm")  # noqa: S108 - keeps 64-bit times, where ext4 does not
    if not shm.is_dir():
        pytest.skip("no file system with such times")
    folder = shm / f"trace-assets-{os.getpid()}"
    folder.mkdir()
    try:
        (folder / "a").write_bytes(b"1")
        os.utime(folder / "a", (999_999_999_999, 999_999_999_999))
        assert next(FolderStore(folder).list()).modified_at.year == 9999
    finally:
        shutil.rmtree(folder)


def test_a_file_where_a_folder_is_needed_is_an_error_that_says_so(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put("a", b"1")
    with pytest.raises(StoreError, match="a file stands where a folder is needed") as caught:
        store.put("a/b", b"1")
    assert not caught.value.retryable
    store.delete("a/b")
    store.put("c/d", b"1")
    with pytest.raises(StoreError, match="a folder stands where the file should be"):
        store.put("c", b"1")
    assert keys(store) == ["a", "c/d"]


def test_folders_nested_deeper_than_python_recurses_are_walked(tmp_path: Path) -> None:
    folder = tmp_path
    (tmp_path / "x").write_bytes(b"1")
    try:
        for _ in range(1_200):
            folder /= "d"
            folder.mkdir()
        (folder / "deep").write_bytes(b"1")
        deep, shallow = FolderStore(tmp_path).list()
        assert deep.problem == "a name of more than 1,024 bytes"
        assert shallow.key == "x"
    finally:  # what clears temporary folders away does recurse
        (folder / "deep").unlink()
        while folder != tmp_path:
            folder.rmdir()
            folder = folder.parent


def test_sweeping_removes_what_a_killed_writer_left_and_nothing_else(store: Store) -> None:
    store.put("a/kept", b"1")
    code = (
        "import os, signal, sys\n"
        "from trace_assets.store import store_at\n"
        "with store_at(sys.argv[1]).write('a/big') as stream:\n"
        "    stream.write(bytes(20 << 20))\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, store.uri()], check=False)
    assert killed.returncode == -9
    assert keys(store) == ["a/kept"]
    kept = store.stat("a/kept")
    assert kept is not None
    store.sweep("a", before=kept.modified_at - timedelta(days=1))
    assert _unfinished(store) == 1
    store.sweep("a", before=kept.modified_at + timedelta(days=1))
    assert _unfinished(store) == 0
    assert keys(store) == ["a/kept"]


def _unfinished(store: Store) -> int:
    if isinstance(store, FolderStore):
        return len(list(store.root.rglob("*.part")))
    uploads = store._client.list_multipart_uploads(Bucket=store.bucket)
    return len(uploads.get("Uploads", []))


# A full disk

WRITE_TOO_MUCH = """
import resource, sys
from trace_assets.errors import StoreError
from trace_assets.store import store_at
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
try:
    store_at(sys.argv[1]).put("a", bytes(4 << 20))
except StoreError as error:
    print(error.retryable, error)
"""


def test_a_file_that_may_not_grow_is_a_clear_error_and_leaves_the_old_one(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put("a", b"old")
    told = subprocess.run(
        [sys.executable, "-c", WRITE_TOO_MUCH, str(tmp_path)],
        check=True,
        capture_output=True,
        text=True,
    )
    assert told.stdout.startswith(f"False {tmp_path}/a: cannot write: File too large;")
    assert store.read("a") == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_full_disk_is_a_clear_error_and_leaves_the_old_version(tiny_disk: Path) -> None:
    store = FolderStore(tiny_disk)
    store.put("a", b"old")
    store.put("large", bytes(600_000))
    with pytest.raises(StoreError, match="the disk is full: free space") as caught:
        store.put("a", bytes(4 << 20))
    assert not caught.value.retryable
    with pytest.raises(StoreError, match="the disk is full"):
        store.copy_to("large", store, "b")
    assert keys(store) == ["a", "large"]
    assert store.read("a") == b"old"
    store.put("a", bytes(300_000))


def test_a_full_disk_does_not_hide_the_error_that_came_first(tiny_disk: Path) -> None:
    store = FolderStore(tiny_disk)
    store.put("a", bytes(600_000))

    def fail() -> None:
        with store.write("b") as stream:
            stream.write(bytes(900_000))  # still in the buffer: there is no room for it
            raise RuntimeError("a converter fails")

    with pytest.raises(RuntimeError, match="a converter fails"):
        fail()
    assert keys(store) == ["a"]


# S3 and the way to it


def test_a_wrong_secret_is_refused_and_a_retry_cannot_help(s3_server: S3Server) -> None:
    store = S3Store(s3_server.bucket("refused"), profile="wrong-secret")
    for use in (store.open, store.stat, store.delete, lambda key: store.put(key, b"1")):
        with pytest.raises(StoreError, match="access is refused: check the credentials") as caught:
            use("a")
        assert not caught.value.retryable
        assert not isinstance(caught.value, NotFoundError)


def test_a_missing_bucket_is_an_error_and_not_an_empty_listing(s3_server: S3Server) -> None:
    store = store_at("s3://no-such-bucket")
    for look in (lambda: list(store.list()), lambda: store.stat("a"), lambda: store.open("a")):
        with pytest.raises(StoreError, match="create the bucket or correct the setting") as caught:
            look()
        assert not isinstance(caught.value, NotFoundError)


def test_settings_that_lead_nowhere_are_said(s3_server: S3Server) -> None:
    for store, said in (
        (S3Store("b", profile="unknown"), "correct AWS_PROFILE"),
        (S3Store("b", endpoint_url="localhost:9000"), "correct AWS_ENDPOINT_URL_S3"),
        (S3Store("b ad"), "correct the setting"),
    ):
        with pytest.raises(StoreError, match=said) as caught:
            store.read("a")
        assert not caught.value.retryable


def test_a_server_that_stops_is_an_error_that_a_retry_may_cure(
    s3_server: S3Server, tmp_path: Path
) -> None:
    (tmp_path / "buckets").mkdir()
    server = S3Server(tmp_path / "buckets")
    try:
        store = S3Store(server.bucket("stops"), endpoint_url=server.endpoint_url)
        store.put("a", bytes(24 << 20))
        with store.open("a") as stream:
            stream.read(10)
            server.stop()
            with pytest.raises(StoreError, match="cannot be reached now") as caught:
                stream.read()
        assert caught.value.retryable
    finally:
        server.stop()


@contextmanager
def breaking_line(port: int, after: int, times: int) -> Iterator[str]:
    """Lead to a port, hanging up each of the first connections after some bytes of answer."""
    listener = socket.create_server(("127.0.0.1", 0))
    left = count(times, -1)
    calls: list[threading.Thread] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                limit = after if next(left) > 0 else 1 << 40
                calls.append(threading.Thread(target=_connect, args=(near, port, limit)))
                calls[-1].start()

    server = threading.Thread(target=serve)
    server.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in (server, *calls):
            thread.join(timeout=10)


def _connect(near: socket.socket, port: int, limit: int) -> None:
    with near, socket.create_connection(("127.0.0.1", port), timeout=1) as far:
        near.settimeout(1)
        asking = threading.Thread(target=_pump, args=(near, far, 1 << 40))
        asking.start()
        _pump(far, near, limit)
        asking.join(timeout=10)


def _pump(source: socket.socket, target: socket.socket, limit: int) -> None:
    with suppress(OSError):
        while limit > 0 and (data := source.recv(min(65_536, limit))):
            target.sendall(data)
            limit -= len(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def test_a_dropped_connection_is_taken_up_where_it_broke(s3_server: S3Server) -> None:
    data = os.urandom(1 << 20) * 8
    direct = S3Store(s3_server.bucket("dropped"))
    direct.put("a", data)
    with breaking_line(s3_server.port, after=2_000_000, times=3) as url:
        store = S3Store("dropped", endpoint_url=url)
        with store.open("a") as stream:
            assert stream.read() == data


def test_a_line_that_keeps_breaking_is_given_up(s3_server: S3Server) -> None:
    S3Store(s3_server.bucket("broken")).put("a", bytes(20 << 20))
    with breaking_line(s3_server.port, after=1_000_000, times=1_000) as url:
        stream = S3Store("broken", endpoint_url=url).open("a")
        with stream, pytest.raises(StoreError, match="broke 6 times, last at byte") as caught:
            stream.read()
    assert caught.value.retryable


def test_an_object_replaced_while_its_line_broke_is_not_mixed(s3_server: S3Server) -> None:
    direct = S3Store(s3_server.bucket("mixed"))
    direct.put("a", b"o" * (8 << 20))
    with breaking_line(s3_server.port, after=2_000_000, times=1) as url:
        stream = S3Store("mixed", endpoint_url=url).open("a")
        stream.read(10)
        direct.put("a", b"n" * (8 << 20))
        with stream, pytest.raises(StoreError, match="was replaced while it was read") as caught:
            stream.read()
    assert caught.value.retryable


def test_an_error_crosses_to_another_process_with_all_it_says() -> None:
    for error in (StoreError("a", retryable=True), NotFoundError("b")):
        twin = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
        assert (type(twin), str(twin), twin.retryable) == (type(error), str(error), error.retryable)


def test_a_writer_that_closes_the_stream_under_it_loses_nothing(store: Store) -> None:
    with (
        store.write("a.gz") as stream,
        gzip.open(stream, "wb") as packed,
        io.TextIOWrapper(packed, encoding="utf-8") as text,
    ):
        text.write("ä\n" * 100_000)
    with store.write("plain") as stream, io.TextIOWrapper(stream, encoding="utf-8") as text:
        text.write("ä")
    assert gzip.decompress(store.read("a.gz")).decode() == "ä\n" * 100_000
    assert store.read("plain") == "ä".encode()


def test_a_read_stream_is_a_file_to_the_standard_library(store: Store) -> None:
    store.put("lines", "ä\nb\n".encode())
    with io.TextIOWrapper(store.open("lines"), encoding="utf-8") as lines:
        assert list(lines) == ["ä\n", "b\n"]
