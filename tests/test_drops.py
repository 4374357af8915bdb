"""Which drops are run, and which are not: decided from what lies in the inbox."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.s3_server import S3Server
from trace_assets.drops import (
    Cursor,
    Decision,
    Drop,
    Group,
    LeftOut,
    Place,
    changed,
    drops_in,
    files_of,
    is_source_name,
    scan,
)
from trace_assets.errors import StoreError
from trace_assets.store import FolderStore, Store, store_at
from trace_assets.store.objects import StoredObject

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
SETTLE = timedelta(minutes=5)
_numbers = count()


def file(key: str, *, minutes_ago: float = 60, version: str = "1") -> StoredObject:
    return StoredObject(key, 10, NOW - timedelta(minutes=minutes_ago), version)


def look(
    files: list[StoredObject], seen: dict[str, str], *, limit: int = 100, now: datetime = NOW
) -> Decision:
    ordered = sorted(files, key=lambda found: found.key)
    groups = drops_in(ordered, LeftOut())
    return changed(groups, seen, now=now, settle=SETTLE, limit=limit)


def requested(decision: Decision) -> list[str]:
    return ["/".join(drop) for drop, _ in decision.requests]


# What a drop is


def test_a_drop_is_all_files_under_its_source_and_day() -> None:
    files = [
        file("bot/2026-03-01/a.json"),
        file("bot/2026-03-01/deep/er/b.json", minutes_ago=7),
        file("bot/2026-03-02/c.json"),
        file("shop/2026-03-01/d.json"),
    ]
    left_out = LeftOut()
    groups = list(drops_in(files, left_out))
    assert [(g.key, g.files, g.size) for g in groups] == [
        ("bot/2026-03-01", 2, 20),
        ("bot/2026-03-02", 1, 10),
        ("shop/2026-03-01", 1, 10),
    ]
    assert groups[0].modified_at == NOW - timedelta(minutes=7)
    assert str(left_out) == ""


def test_what_belongs_to_no_drop_is_left_out_with_its_reason() -> None:
    keys = [
        "loose.txt",
        "bot/readme.md",
        "bot/2026-03-01",
        "b|t/2026-03-01/a",
        "bot/yesterday/a",
        "bot/20260301/a",
        "bot/2026-02-30/a",
        "bot/2026-W01-1/a",
        "bot/2031-01-01/a",
        "bot/2026-03-01/.a.json.x1Yz",
        "bot/2026-03-01/a.json.part",
        "bot/2026-03-01/a.json~",
        "bot/2026-03-01/A.TMP",
        "bot/2026-03-01/_temporary/0/a.json",
        "bot/2026-03-01/_SUCCESS",
        "bot/2026-03-01/_committed_42",
    ]
    left_out = LeftOut()
    link = StoredObject("bot/2026-03-01/l", 1, NOW, "1", "a symbolic link that leads outside")
    files = [link, *map(file, keys)]
    assert list(drops_in(files, left_out, days=("2024-01-01", "2026-03-10"))) == []
    assert left_out.counts == {
        "a symbolic link that leads outside": 1,
        "not being in a folder <source>/<YYYY-MM-DD>/": 3,
        "a source name of more than 63 characters or others than A-Z a-z 0-9 _ . -": 1,
        "a folder that is no day such as 2026-01-31": 4,
        "a day outside of 2024-01-01 to 2026-03-10": 1,
        "the name of a hidden or unfinished file": 5,
        "being the marker of another tool": 2,
    }
    assert str(left_out).splitlines()[0] == (
        "5 left out for the name of a hidden or unfinished file: bot/2026-03-01/.a.json.x1Yz, "
        "bot/2026-03-01/a.json.part, bot/2026-03-01/a.json~ ..."
    )


def test_names_that_only_look_like_temporary_ones_are_taken() -> None:
    keys = [f"bot/2026-03-01/{n}" for n in ("part.json", "a.part.json", "tmp", "_SUCCESS.csv")]
    (group,) = drops_in(map(file, keys), LeftOut())
    assert group.files == 4


def test_what_is_left_out_is_told_in_bounded_and_printable_text() -> None:
    left_out = LeftOut()
    for number in range(100_000):
        left_out.add(f"line\nbreak\udce9{number}", "a name that is not UTF-8")
    assert len(str(left_out).encode()) < 300
    assert str(left_out).count("\n") == 0


@given(st.text(max_size=70))
def test_a_source_name_is_safe_in_a_path_a_partition_key_and_a_url(name: str) -> None:
    if is_source_name(name):
        assert not set(name) & set("|/\\ \n\0?*#%:")
        assert ".." not in name
        assert 0 < len(name.encode()) <= 63


@pytest.mark.parametrize(
    "change",
    [
        [file("bot/2026-03-01/a")],
        [file("bot/2026-03-01/a"), file("bot/2026-03-01/c")],
        [file("bot/2026-03-01/a"), file("bot/2026-03-01/b", version="2")],
        [file("bot/2026-03-01/a"), file("bot/2026-03-01/b"), file("bot/2026-03-01/c")],
        [file("bot/2026-03-01/a\0" + "b"), file("bot/2026-03-01/b")],
    ],
)
def test_a_fingerprint_changes_with_any_file(change: list[StoredObject]) -> None:
    (before,) = drops_in([file("bot/2026-03-01/a"), file("bot/2026-03-01/b")], LeftOut())
    (after,) = drops_in(change, LeftOut())
    assert after.fingerprint != before.fingerprint
    assert len(after.fingerprint) == 12


# What is requested


def test_a_drop_is_requested_once_it_has_settled_and_only_once() -> None:
    files = [file("bot/2026-03-10/a", minutes_ago=4)]
    first = look(files, {})
    assert (first.requests, first.waiting) == ([], [Drop("bot", "2026-03-10")])
    assert first.seen == {}
    second = look(files, first.seen, now=NOW + timedelta(minutes=1))
    assert requested(second) == ["bot/2026-03-10"]
    third = look(files, second.seen, now=NOW + timedelta(minutes=2))
    assert (third.requests, third.waiting, third.more) == ([], [], False)


def test_one_young_file_makes_its_drop_wait_and_no_other() -> None:
    files = [file("a/2026-03-09/x", minutes_ago=1), file("a/2026-03-09/y"), file("b/2026-03-09/x")]
    assert requested(look(files, {})) == ["b/2026-03-09"]


def test_a_file_from_the_far_future_does_not_wait_for_ever() -> None:
    assert requested(look([file("a/2026-03-09/x", minutes_ago=-9_999_999)], {})) == ["a/2026-03-09"]


def test_a_source_may_settle_at_its_own_pace() -> None:
    groups = list(drops_in([file("a/2026-03-09/x"), file("b/2026-03-09/x")], LeftOut()))
    slow = {"a": timedelta(hours=2)}
    decision = changed(groups, {}, now=NOW, settle=SETTLE, limit=9, settle_of=slow)
    assert decision.waiting == [Drop("a", "2026-03-09")]
    assert requested(decision) == ["b/2026-03-09"]


@pytest.mark.parametrize("day", ["2026-03-09", "2025-01-09"])
def test_late_files_of_a_day_request_it_again_with_a_new_mark(day: str) -> None:
    files = [file(f"bot/{day}/a"), file(f"bot/{day[:-1]}8/a")]
    first = look(files, {})
    second = look([*files, file(f"bot/{day}/late")], first.seen)
    marks = dict(first.requests)
    assert f"bot/{day}" in requested(second)
    for drop, mark in second.requests:
        # Days of an old month that did not change keep their mark, which Dagster knows.
        assert (mark == marks[drop]) == (drop.date != day)


def test_a_file_taken_away_and_put_back_is_run_again() -> None:
    whole = [file("bot/2026-03-09/a"), file("bot/2026-03-09/b")]
    marks: set[str] = set()
    seen: dict[str, str] = {}
    for files in (whole, whole[:1], whole):
        decision = look(files, seen)
        seen = decision.seen
        marks |= {mark for _, mark in decision.requests}
    assert len(marks) == 3


def test_the_limit_keeps_the_rest_for_the_next_time() -> None:
    files = [file(f"bot/2026-0{month}-{day:02}/a") for month in (1, 2) for day in range(1, 29)]
    seen: dict[str, str] = {}
    got: list[str] = []
    for _ in range(6):
        decision = look(files, seen, limit=10)
        seen = decision.seen
        got += requested(decision)
        assert decision.more == (len(got) < 56)
    assert got == sorted({found.key.rpartition("/")[0] for found in files})
    assert look(files, seen, limit=0).more is False


def test_a_drop_that_goes_to_and_fro_is_run_each_time() -> None:
    seen: dict[str, str] = {}
    requests: list[tuple[Drop, str]] = []
    for version in ("1", "2", "1", "2", "1"):
        decision = look([file("bot/2026-03-09/a", version=version)], seen)
        seen = decision.seen
        requests += decision.requests
    assert len(requests) == len(set(requests)) == 5


@given(
    st.lists(
        st.lists(
            st.tuples(
                st.sampled_from(["a", "b"]),
                st.sampled_from(["2025-01-01", "2025-01-02", "2026-02-01", "2026-03-09"]),
                st.integers(0, 3),
                st.sampled_from([1, 60]),
            ),
            max_size=6,
            unique_by=lambda found: found[:3],
        ),
        min_size=1,
        max_size=6,
    ),
    st.integers(1, 3),
)
def test_in_the_end_every_drop_was_requested_as_it_is_and_then_there_is_quiet(
    ticks: list[list[tuple[str, str, int, int]]], limit: int
) -> None:
    cursor = Cursor()
    last: dict[Drop, str] = {}
    runs: set[tuple[Drop, str]] = set()
    ran_with: dict[Drop, str] = {}
    listings = [
        [
            file(f"{source}/{day}/{n}", minutes_ago=age, version=f"{age}")
            for source, day, n, age in t
        ]
        for t in ticks
    ]
    for files in [*listings, *[listings[-1]] * 12]:
        later = NOW + timedelta(hours=1) if files is listings[-1] else NOW
        ordered = sorted(files, key=lambda found: found.key)
        last = {group.drop: group.fingerprint for group in drops_in(ordered, LeftOut())}
        decision = look(files, cursor.seen, limit=limit, now=later)
        cursor = Cursor.loads(Cursor(decision.seen).dumps())
        assert len(decision.requests) <= limit
        for request in decision.requests:
            if request not in runs:
                ran_with[request[0]] = last[request[0]]
            runs.add(request)
    assert look(listings[-1], cursor.seen, now=NOW + timedelta(hours=1)).requests == []
    for drop, fingerprint in last.items():
        recent = drop.date > "2026"
        # The one exception: an old day that went back to how it was before is not run again.
        assert ran_with[drop] == fingerprint or (not recent and (drop, fingerprint) in runs)


# What is remembered


def test_a_cursor_comes_back_as_it_was() -> None:
    (group,) = drops_in([file("bot/2026-03-01/a")], LeftOut())
    cursor = Cursor(
        {"bot/2026-03-01": "0123456789ab", "bot/2025-01": "ba9876543210"},
        Place("bot/2026-03-01/ü\udce9\n", (group,)),
    )
    text = cursor.dumps()
    assert Cursor.loads(text) == cursor
    assert text.isascii()


@pytest.mark.parametrize(
    "text",
    [
        "nonsense",
        "[]",
        "{}",
        '{"version":2,"seen":{},"place":{}}',
        '{"version":1,"seen":{"a":7},"place":{}}',
        "[" * 100_000,
    ],
)
def test_a_cursor_that_cannot_be_read_starts_afresh_and_says_so(text: str) -> None:
    cursor = Cursor.loads(text)
    assert (cursor.seen, cursor.place) == ({}, Place())
    assert cursor.trouble is not None
    assert "the cursor cannot be read" in cursor.trouble


@pytest.mark.parametrize("text", [None, ""])
def test_no_cursor_is_no_trouble(text: str | None) -> None:
    assert Cursor.loads(text) == Cursor()


def many(sources: int, days: int) -> Iterator[Group]:
    for source in range(sources):
        for day in range(days):
            date = (NOW - timedelta(days=days - 1 - day)).date().isoformat()
            drop = Drop(f"customer-support-{source:02}", date)
            yield Group(drop, sha256(repr(drop).encode()).hexdigest(), 1, 1, NOW - SETTLE)


def test_a_cursor_of_fifty_sources_and_three_years_is_small_and_still_exact() -> None:
    groups = list(many(50, 3 * 365))
    first = changed(groups, {}, now=NOW, settle=SETTLE, limit=100_000)
    assert len(first.requests) == 50 * 3 * 365
    text = Cursor(first.seen).dumps()
    assert len(text) < 150_000
    seen = Cursor.loads(text).seen
    assert changed(groups, seen, now=NOW, settle=SETTLE, limit=9).requests == []
    late = [
        *groups[:500],
        Group(groups[500].drop, "late" * 16, 2, 2, NOW - SETTLE),
        *groups[501:],
    ]
    again = changed(late, seen, now=NOW, settle=SETTLE, limit=100)
    assert (groups[500].drop, "latelatelate") in again.requests
    news = set(again.requests) - set(first.requests)
    assert news == {(groups[500].drop, "latelatelate")}


# Listing the inbox


@pytest.fixture(params=["folder", "s3"])
def inbox(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        (tmp_path / "inbox").mkdir()
        return store_at(str(tmp_path / "inbox"))
    server: S3Server = request.getfixturevalue("s3_server")
    return store_at(f"s3://{server.bucket(f'inbox-{next(_numbers)}')}/drops")


def fill(inbox: Store) -> None:
    for source in ("Bot", "shop", "web.2"):
        for day in ("2026-01-31", "2026-02-01", "2026-02-02"):
            for name in ("a.jsonl", "deep/b.csv", "c.json.part"):
                inbox.put(f"{source}/{day}/{name}", b"{}")
    inbox.put("notes.txt", b"")


def test_a_scan_in_small_bits_finds_what_one_scan_finds(inbox: Store) -> None:
    fill(inbox)
    whole, bits = LeftOut(), LeftOut()
    at_once = scan(inbox, Place(), left_out=whole, budget=lambda: True)
    assert at_once.is_complete
    assert len(at_once.groups) == 9
    found: list[Group] = []
    cursor = Cursor()
    for _ in range(100):
        part = scan(inbox, cursor.place, left_out=bits, budget=lambda: False)
        found += part.groups
        cursor = Cursor.loads(Cursor({}, part.place).dumps())
        if part.is_complete:
            break
    assert found == at_once.groups
    assert bits == whole


def test_a_scan_stops_soon_after_its_time_is_over(inbox: Store) -> None:
    fill(inbox)
    left = iter([True] * 7)
    part = scan(inbox, Place(), left_out=LeftOut(), budget=lambda: next(left, False))
    assert not part.is_complete
    assert [group.key for group in part.groups] == ["Bot/2026-01-31"]
    assert [group.key for group in part.place.pending] == ["Bot/2026-02-01", "Bot/2026-02-02"]


def test_the_files_of_a_drop_are_the_ones_its_fingerprint_covers(inbox: Store) -> None:
    fill(inbox)
    left_out = LeftOut()
    files = list(files_of(inbox, Drop("shop", "2026-02-01"), left_out))
    assert [found.key for found in files] == [
        "shop/2026-02-01/a.jsonl",
        "shop/2026-02-01/deep/b.csv",
    ]
    assert sum(left_out.counts.values()) == 1
    (again,) = drops_in(files, LeftOut())
    assert again in scan(inbox, Place(), left_out=LeftOut(), budget=lambda: True).groups


def test_an_inbox_that_cannot_be_listed_is_an_error_and_not_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no such folder"):
        scan(FolderStore(tmp_path / "x"), Place(), left_out=LeftOut(), budget=lambda: True)


def test_hostile_names_in_the_inbox_harm_no_neighbour(tmp_path: Path) -> None:
    inbox = FolderStore(tmp_path)
    inbox.put("bot/2026-02-01/good.json", b"{}")
    drop = tmp_path / "bot" / "2026-02-01"
    (drop / "link").symlink_to("/etc/passwd")
    os.mkfifo(drop / "pipe")
    Path(os.fsdecode(os.fsencode(drop) + b"/\xff\xfe")).write_bytes(b"x")
    (drop / "back\\slash").write_bytes(b"x")
    (tmp_path / "line\nbreak").mkdir()
    (tmp_path / "line\nbreak" / "a").write_bytes(b"x")
    left_out = LeftOut()
    found = scan(inbox, Place(), left_out=left_out, budget=lambda: True)
    assert [(group.key, group.files) for group in found.groups] == [("bot/2026-02-01", 1)]
    assert sum(left_out.counts.values()) == 5
    assert str(left_out).encode()
