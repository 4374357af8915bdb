"""Whatever ends a run at whatever moment: what was there is there, and running again heals.

Each stage is prepared with an old version and new input for the next one, then a real process
runs it and is killed, starved of room or refused.
"""

import shutil
import signal
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.stages.chain import BOT, STAGES, Chain, nothing_said, results, simulation
from tests.stages.nursery import Nursery
from trace_assets.artifacts import Manifest

OLD = results([simulation("a", "Hi", "Hello"), nothing_said("b"), 5])
NEW = results([simulation("a", "Hi", "Hello", "Bye"), nothing_said("c"), 6])
MOST_STEPS = 60
"""More than any stage makes: a bound, not an expectation."""


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
    prepare(Chain.at(str(tmp_path / "prepared")), stage, first=first)
    for step in range(MOST_STEPS):
        place = tmp_path / f"killed-{step}"
        shutil.copytree(tmp_path / "prepared", place)
        chain = Chain.at(str(place))
        old, before = manifest_of(chain, stage), chain.contents()
        ended = nursery.run(str(place), stage, kill_at=step)
        assert (ended.code, ended.error) in ((-signal.SIGKILL, ""), (0, ""))
        assert_whole(chain, stage, old=old, before=before, healed=healed)
        chain.run_all()
        assert chain.contents() == healed
        assert chain.verify() == []
        if ended.code == 0:
            break
    assert 4 <= step == ended.steps


def assert_whole(
    chain: Chain,
    stage: str,
    *,
    old: Manifest | None,
    before: dict[str, bytes],
    healed: dict[str, bytes],
) -> None:
    """What can be read is the old version or the new one, and nothing is half written."""
    assert chain.verify() == []
    now = chain.contents()
    for name, content in now.items():
        assert content in (before.get(name), healed.get(name)), name
    new = manifest_of(chain, stage)
    if new == old:
        kept = {name: content for name, content in now.items() if not name.startswith("target/")}
        assert kept.items() <= before.items()
