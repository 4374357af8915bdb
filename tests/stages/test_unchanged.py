"""A stage does nothing when its input, code and settings are as they were, else its work."""

from pathlib import Path
from typing import Any

import pytest

from tests.stages.chain import BOT, STAGES, Chain, nothing_said, results, simulation
from trace_assets.drops import Drop

LOG = results([simulation("a", "Hi", "Hello"), nothing_said("b"), 5])
OTHER = results([simulation("c", "Good day")])


def done(chain: Chain) -> list[str]:
    return [stage for stage, made in chain.run_all().items() if made]


def test_running_again_writes_no_file_anew(chain: Chain) -> None:
    chain.drop(LOG)
    assert done(chain) == list(STAGES)
    before = chain.writes()
    assert done(chain) == []
    assert chain.writes() == before


def test_running_in_another_folder_gives_the_same_bytes(chain: Chain, tmp_path: Path) -> None:
    there = Chain.at(str(tmp_path / "there"))
    for each in (chain, there):
        each.drop(LOG)
        each.drop(OTHER, "more/other.json")
        each.run_all()
    assert chain.contents() == there.contents()
    assert len(chain.contents()) > 20


def test_one_more_file_in_the_drop_is_work_for_every_stage(chain: Chain) -> None:
    chain.drop(LOG)
    chain.run_all()
    chain.drop(OTHER, "other.json")
    assert done(chain) == list(STAGES)
    assert [row["trace_id"] for row in chain.dataset()] == ["c", "a"]


def test_a_file_that_was_only_touched_is_copied_anew_and_nothing_else_is_done(
    chain: Chain,
) -> None:
    chain.drop(LOG)
    chain.run_all()
    chain.inbox.put(f"{BOT.prefix}results.json", LOG)
    assert done(chain) == ["raw_logs"]


def test_a_file_that_somebody_deleted_is_made_again(chain: Chain) -> None:
    chain.drop(LOG)
    chain.run_all()
    before = chain.contents()
    for stage in STAGES[:5]:
        chain.store.delete(chain.expect(stage).files[0].key)
    assert done(chain) == list(STAGES[:5])
    assert chain.contents() == before


def test_a_ledger_that_changed_alone_reaches_the_datasets_manifest(chain: Chain) -> None:
    chain.drop(LOG)
    chain.run_all()
    chain.drop(b"no log", "zzz.txt")
    assert {"valid_traces", "trace_dataset", "published_dataset"} <= set(done(chain))
    told = chain.published()["target/bot/2026-01-02/manifest.json"]
    assert b"zzz.txt" in told


@pytest.mark.parametrize(
    ("setting", "stages"),
    [
        ({"format": "tau2bench"}, ["raw_logs", "converted_traces"]),
        (
            {"agent": "clerk"},
            ["enriched_traces", "trace_dataset", "published_dataset", "source_dataset"],
        ),
        ({"description": "Calls"}, ["trace_dataset", "published_dataset", "source_dataset"]),
        ({"quarantine_threshold": 0.9, "settle_seconds": 5}, []),
    ],
)
def test_another_setting_is_work_for_the_stages_that_it_concerns(
    chain: Chain, setting: dict[str, Any], stages: list[str]
) -> None:
    chain.drop(LOG)
    chain.run_all()
    other = chain.declaring(**setting)
    assert done(other) == stages
    assert done(other) == []


def test_a_format_given_to_what_no_format_knew_is_converted_by_it(chain: Chain) -> None:
    chain.drop(b'{"trajectory": {"messages": [{"role": "user", "content": "Hi"}]}}')
    chain.run_to("valid_traces")
    assert chain.ledger()["reasons"] == {"unknown_format": 1}
    given = chain.declaring(format="tau2bench")
    given.run_to("valid_traces")
    assert given.ledger()["converted"] == 1


def test_a_day_concerns_its_own_artifacts_and_those_of_the_source(chain: Chain) -> None:
    chain.drop(LOG)
    chain.run_all()
    before = chain.writes()
    later = Drop("bot", "2026-01-03")
    chain.drop(OTHER, drop=later)
    chain.run_all(later)
    changed = {key for key, version in before.items() if chain.writes().get(key) != version}
    assert all(key.startswith("store/source_dataset/bot/") for key in changed)
