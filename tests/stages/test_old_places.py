"""A store and a target that the first version wrote, whose manifests name no format version.

The archive holds inbox, store and target of two days of one source.
"""

import json
import zipfile
from pathlib import Path

import pytest

from tests.stages.chain import STAGES, Chain
from trace_assets.drops import Drop
from trace_assets.lint import lint
from trace_assets.stages.scrub import scrub
from trace_assets.store import FolderStore

ARCHIVE = Path(__file__).parent / "fixtures" / "places_without_format_version.zip"
DAYS = [Drop("bot", "2026-01-02"), Drop("bot", "2026-01-03")]
ASSETS = STAGES[:5]


@pytest.fixture
def old(tmp_path: Path) -> Chain:
    with zipfile.ZipFile(ARCHIVE) as archive:
        archive.extractall(tmp_path / "old")
    return Chain.at(str(tmp_path / "old"))


def test_an_old_store_is_read_and_whole(old: Chain) -> None:
    found = list(scrub(old.store))
    assert len(found) == 11
    assert [one.problems for one in found] == [[]] * 11
    assert all(old.expect(asset, day).format_version == 1 for asset in ASSETS for day in DAYS)


@pytest.mark.parametrize("stage", STAGES[1:])
def test_each_stage_alone_runs_on_what_an_old_version_left(old: Chain, stage: str) -> None:
    for day in DAYS:
        old.run(stage, day)
    assert old.verify() == []


def test_an_old_store_is_computed_again_and_its_keys_stay(old: Chain) -> None:
    before = old.published()
    for day in DAYS:
        done = old.run_all(day)
        assert done["raw_logs"]
        assert done["trace_dataset"]
        assert not any(old.run_all(day).values())
    after = old.published()
    assert after.keys() == before.keys()
    for name, content in after.items():
        if name.endswith(".jsonl"):
            ids = [
                [json.loads(line)["trace_id"] for line in one.splitlines()]
                for one in (before[name], content)
            ]
            assert ids[0] == ids[1]
        if name.endswith("manifest.json"):
            assert json.loads(content)["format_version"] == 1
    assert [row["trace_id"] for row in old.source_rows()] == ["a", "c"]


def test_an_old_dataset_has_no_problems(old: Chain) -> None:
    assert isinstance(old.target, FolderStore)
    for day in DAYS:
        path = old.target.root / day.prefix / f"{day.source}-{day.date}.jsonl"
        assert lint(path, repair=None, say=print).problems == 0
