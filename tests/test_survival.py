"""Whatever ends a run at whatever moment: what was there is there, and running again heals.

Each stage is prepared with an old version and new input for the next one, then a real process
runs it and is killed, starved of room or refused.
"""

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from tests.s3_server import S3Server
from tests.stages.chain import STAGES, Chain, nothing_said, results, simulation
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
def nurseries() -> Iterator[tuple[Nursery, Nursery]]:
    with Nursery() as one, Nursery() as other:
        yield one, other


@pytest.fixture
def nursery(nurseries: tuple[Nursery, Nursery]) -> Nursery:
    return nurseries[0]


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
    step, code = 0, -signal.SIGKILL
    while code:
        place = tmp_path / f"killed-{step}"
        shutil.copytree(tmp_path / "prepared", place)
        chain = Chain.at(str(place))
        code = killed(nursery, str(place), stage, step)
        assert_readable(chain, before, healed)
        left = manifest_of(chain, stage)
        chain.run_all()
        assert left in (old, manifest_of(chain, stage))
        assert chain.contents() == healed
        assert chain.verify() == []
        step += 1
    assert step >= 4


def killed(nursery: Nursery, place: str, stage: str, step: int) -> int:
    """Run a stage up to a step; 0 if it ended before, for it has no such step."""
    assert step < MOST_STEPS
    ended = nursery.run(place, stage, kill_at=step)
    assert (ended.code, ended.error) in ((-signal.SIGKILL, ""), (0, ""))
    assert ended.code == 0 or ended.steps == step + 1
    return ended.code


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
    written = "target" if stage == "published_dataset" else "store"
    chain = replace(Chain.at(str(tmp_path)), **{written: store_at(str(tiny_disk / "x"))})
    prepare(chain, stage)
    before = chain.contents()
    pages = 0
    while error := starved(chain, stage, tiny_disk, pages):
        assert str(tiny_disk) in str(error)
        assert "the disk is full: free space" in str(error)
        assert not error.retryable
        assert_readable(chain, before, healed)
        pages += 1
    assert pages >= 1
    assert list(tiny_disk.rglob("*.part")) == []
    chain.run_all()
    assert chain.contents() == healed


def starved(chain: Chain, stage: str, disk: Path, pages: int) -> StoreError | None:
    """What a stage says of a disk with so much room left; None where that is enough."""
    assert pages < MOST_STEPS
    try:
        with filled(disk, but=pages):
            chain.run(stage)
    except StoreError as error:
        return error
    return None


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
def test_two_runs_of_one_partition_at_once_harm_nobody(
    tmp_path: Path, nurseries: tuple[Nursery, Nursery], stage: str
) -> None:
    healed = undisturbed(str(tmp_path / "undisturbed"), first=False)
    prepare(Chain.at(str(tmp_path / "prepared")), stage)
    for attempt in range(5):
        place = tmp_path / f"both-{attempt}"
        shutil.copytree(tmp_path / "prepared", place)
        assert_both_end_well(str(place), stage, nurseries)
        chain = Chain.at(str(place))
        assert chain.verify() == []
        chain.run_all()
        assert chain.contents() == healed


def assert_both_end_well(place: str, stage: str, nurseries: tuple[Nursery, Nursery]) -> None:
    """Or one of them fails in a way that a retry cures."""
    for nursery in nurseries:
        nursery.begin(place, stage)
    ended = [nursery.ended() for nursery in nurseries]
    assert [each.code for each in ended] == [0, 0]
    failed = [each for each in ended if each.error]
    assert len(failed) < 2
    assert all(each.retryable for each in failed), failed


# In a bucket

_numbers = count()


def bucket(server: S3Server) -> str:
    return f"s3://{server.bucket(f'survival-{next(_numbers)}')}/places"


@pytest.fixture(scope="module")
def nurseries_of_s3(s3_server: S3Server) -> Iterator[tuple[Nursery, Nursery]]:
    with Nursery() as one, Nursery() as other:  # begun when boto3's variables lead to the server
        yield one, other


@pytest.mark.parametrize("stage", STAGES)
def test_a_run_killed_before_a_request_to_s3_is_healed(
    tmp_path: Path, s3_server: S3Server, nurseries_of_s3: tuple[Nursery, Nursery], stage: str
) -> None:
    healed = undisturbed(str(tmp_path), first=False)
    place = bucket(s3_server)
    chain = Chain.at(place)
    prepare(chain, stage)
    old, before = manifest_of(chain, stage), chain.contents()
    step = 0
    # Each run finds what the one that was killed before it had done.
    while killed(nurseries_of_s3[0], place, stage, step):
        assert_readable(chain, before, healed)
        if manifest_of(chain, stage) == old:
            assert before | chain.published() == chain.contents()
        step += 1
    assert step >= 1
    chain.run_all()
    assert chain.contents() == healed
    assert chain.verify() == []


@pytest.mark.parametrize("stage", ["raw_logs", "valid_traces", "published_dataset"])
def test_two_runs_at_once_in_a_bucket_harm_nobody(
    tmp_path: Path, s3_server: S3Server, nurseries_of_s3: tuple[Nursery, Nursery], stage: str
) -> None:
    healed = undisturbed(str(tmp_path), first=False)
    place = bucket(s3_server)
    chain = Chain.at(place)
    prepare(chain, stage)
    assert_both_end_well(place, stage, nurseries_of_s3)
    assert chain.verify() == []
    chain.run_all()
    assert chain.contents() == healed


@pytest.mark.parametrize("stage", STAGES)
def test_a_refused_request_is_told_and_leaves_what_was_there(
    s3_server: S3Server, stage: str
) -> None:
    chain = Chain.at(bucket(s3_server))
    prepare(chain, stage)
    before, written = chain.contents(), chain.writes()
    error = error_of(written_by(chain, stage, profile="wrong-secret"), stage)
    assert "access is refused: check the credentials" in str(error)
    assert not error.retryable
    assert (chain.contents(), chain.writes()) == (before, written)


@pytest.mark.parametrize("stage", ["valid_traces", "published_dataset"])
def test_a_bucket_that_may_only_be_read_or_is_gone_is_told(s3_server: S3Server, stage: str) -> None:
    chain = Chain.at(bucket(s3_server))
    prepare(chain, stage)
    before, written = chain.contents(), chain.writes()
    server = S3Server(s3_server.root, "--read-only")
    other = written_by(chain, stage, endpoint_url=server.endpoint_url)
    try:
        assert "cannot write" in str(error_of(other, stage))
    finally:
        server.stop()
    gone = error_of(other, stage)
    assert "the server cannot be reached now: try again later" in str(gone)
    assert gone.retryable
    assert (chain.contents(), chain.writes()) == (before, written)
    chain.run_all()
    assert chain.verify() == []


def written_by(chain: Chain, stage: str, **other: str) -> Chain:
    """The chain with another way to the place that a stage writes to."""
    if stage == "published_dataset":
        return replace(chain, target=replace(chain.target, **other))
    return replace(chain, store=replace(chain.store, **other))


def error_of(chain: Chain, stage: str) -> StoreError:
    with pytest.raises(StoreError) as told:
        chain.run(stage)
    return told.value
