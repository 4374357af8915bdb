"""Whatever ends a run at whatever moment: what was there is there, and running again heals.

Each stage is prepared with an old version and new input for the next one, then a real process
runs it and is killed, starved of room or refused.
"""

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.stages.chain import BOT, STAGES, Chain, nothing_said, results, simulation
from tests.stages.nursery import Nursery
from trace_assets.artifacts import Manifest
from trace_assets.errors import StoreError
from trace_assets.store import store_at

OLD = results([simulation("a", "Hi", "Hello"), nothing_said("b"), 5])
NEW = results([simulation("a", "Hi", "Hello", "Bye"), nothing_said("c"), 6])
MOST_STEPS = 60
"""More than any stage makes: a bound, not an expectation."""
PAGE = 4096
MOST_PAGES = 1 << 10
"""More than the tiny disk has."""


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as nursery:
        yield nursery


def prepare(chain: Chain, stage: str, *, first: bool = False) -> None:
    """All but this stage has been done for a new drop; unless it is the first, also for an old."""
    if not first:
        chain.drop(OLD)
        chain.run_all()
    chain.drop(NEW, "new.json")
    for before in STAGES[: STAGES.index(stage)]:
        chain.run(before)


def undisturbed(place: str, *, first: bool) -> dict[str, bytes]:
    """Every file as it is when nothing goes wrong."""
    chain = Chain.at(place)
    prepare(chain, STAGES[0], first=first)
    chain.run_all()
    return chain.contents()


def manifest_of(chain: Chain, stage: str) -> Manifest | None:
    return None if stage == "published_dataset" else chain.artifact(stage).manifest()


@pytest.mark.parametrize("first", [True, False], ids=["first", "again"])
@pytest.mark.parametrize("stage", STAGES)
def test_a_run_killed_before_any_step_leaves_the_old_or_the_new_and_is_healed(
    tmp_path: Path, nursery: Nursery, stage: str, first: bool
) -> None:
    healed = undisturbed(str(tmp_path / "undisturbed"), first=first)
    prepared = Chain.at(str(tmp_path / "prepared"))
    prepare(prepared, stage, first=first)
    old, before = manifest_of(prepared, stage), prepared.contents()
    for step in range(MOST_STEPS):
        place = tmp_path / f"killed-{step}"
        shutil.copytree(tmp_path / "prepared", place)
        chain = Chain.at(str(place))
        ended = nursery.run(str(place), stage, kill_at=step)
        assert (ended.code, ended.error) in ((-signal.SIGKILL, ""), (0, ""))
        assert_readable(chain, before, healed)
        left = manifest_of(chain, stage)
        chain.run_all()
        assert left in (old, manifest_of(chain, stage))
        assert chain.contents() == healed
        assert chain.verify() == []
        if ended.code == 0:
            break
    assert 4 <= step == ended.steps


def assert_readable(chain: Chain, before: dict[str, bytes], healed: dict[str, bytes]) -> None:
    """Every file is the old one or the new one, as its manifest says; none is half written."""
    assert chain.verify() == []
    for name, content in chain.contents().items():
        assert content in (before.get(name), healed.get(name)), name


@pytest.mark.parametrize("stage", STAGES)
def test_a_run_killed_in_the_middle_of_a_file_is_healed(
    tmp_path: Path, nursery: Nursery, stage: str
) -> None:
    healed = undisturbed(str(tmp_path / "undisturbed"), first=False)
    place = tmp_path / "killed"
    chain = Chain.at(str(place))
    prepare(chain, stage)
    old, before = manifest_of(chain, stage), chain.contents()
    assert nursery.run(str(place), stage, most_bytes=50).code == -signal.SIGXFSZ
    assert max(path.stat().st_size for path in place.rglob("*.part")) == 50
    assert manifest_of(chain, stage) == old
    assert chain.contents() == before
    chain.run_all()
    assert chain.contents() == healed
    assert chain.verify() == []


@pytest.mark.parametrize("stage", STAGES)
def test_a_disk_that_fills_up_at_any_page_is_told_and_leaves_what_was_there(
    tmp_path: Path, tiny_disk: Path, stage: str
) -> None:
    healed = undisturbed(str(tmp_path / "undisturbed"), first=False)
    places = {name: store_at(str(tmp_path / name)) for name in ("inbox", "store", "target")}
    places["target" if stage == "published_dataset" else "store"] = store_at(str(tiny_disk / "x"))
    chain = Chain(**places)
    prepare(chain, stage)
    before = chain.contents()
    for pages in range(MOST_STEPS):
        with filled(tiny_disk, but=pages):
            try:
                chain.run(stage)
            except StoreError as error:
                assert str(tiny_disk) in str(error)
                assert "the disk is full: free space" in str(error)
                assert not error.retryable
                assert_readable(chain, before, healed)
            else:
                break
    assert pages >= 1
    assert list(tiny_disk.rglob("*.part")) == []
    chain.run_all()
    assert chain.contents() == healed


@contextmanager
def filled(disk: Path, *, but: int) -> Iterator[None]:
    """Leave no room on a disk but some pages."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        with suppress(OSError):
            for _ in range(MOST_PAGES):
                file.write(bytes(PAGE))
        file.truncate(max(0, file.tell() - but * PAGE))
    try:
        yield
    finally:
        ballast.unlink()


@pytest.mark.parametrize("stage", STAGES)
def test_two_runs_of_one_partition_at_once_harm_nobody(tmp_path: Path, stage: str) -> None:
    healed = undisturbed(str(tmp_path / "undisturbed"), first=False)
    prepare(Chain.at(str(tmp_path / "prepared")), stage)
    with Nursery() as one, Nursery() as other:
        for attempt in range(5):
            place = tmp_path / f"both-{attempt}"
            shutil.copytree(tmp_path / "prepared", place)
            assert_both_end_well(str(place), stage, one, other)
            chain = Chain.at(str(place))
            assert chain.verify() == []
            chain.run_all()
            assert chain.contents() == healed


def assert_both_end_well(place: str, stage: str, one: Nursery, other: Nursery) -> None:
    """Or one of them fails in a way that a retry cures."""
    for nursery in (one, other):
        nursery.begin(place, stage)
    ended = [nursery.ended() for nursery in (one, other)]
    assert [each.code for each in ended] == [0, 0]
    failed = [each for each in ended if each.error]
    assert len(failed) < 2
    assert all(each.retryable for each in failed), failed
