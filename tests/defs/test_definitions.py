"""What the definitions hold: something written and never loaded is noticed here."""

import dagster as dg
import pytest

from trace_assets.definitions import defs
from trace_assets.defs.common import RETRY
from trace_assets.defs.partitions import drop_of
from trace_assets.drops import Drop
from trace_assets.training.checks import CHECKS as TRAINING

KINDS = {
    "raw_logs": {"python", "file"},
    "converted_traces": {"python", "json"},
    "valid_traces": {"python", "json"},
    "enriched_traces": {"python", "json", "parquet"},
    "trace_dataset": {"python", "json", "yaml"},
    "published_dataset": {"python", "file"},
    "source_dataset": {"python", "json", "yaml"},
    "interactions": {"python", "json"},
    "relevant_traces": {"python", "json"},
    "relabelled_examples": {"python", "json"},
    "split": {"python", "json"},
    "training_set": {"python", "json", "yaml"},
    "base_model_performance": {"python", "json"},
}
CHECKS = {
    "raw_logs:formats_are_known": False,
    "converted_traces:ledger_balances": True,
    "valid_traces:quarantine_share": True,
    "enriched_traces:traces_have_turns": False,
    "enriched_traces:text_is_read": False,
    "trace_dataset:rows_match_ledger": True,
    "published_dataset:upload_verified": False,
    "interactions:interactions_hold": True,
    "source_dataset:dataset_has_rows": False,
    "source_dataset:upload_verified": False,
    "relevant_traces:some_are_relevant": True,
    **{f"training_set:{name}": each.blocking for name, each in TRAINING.items()},
}
GRAPH = defs.resolve_asset_graph()
NODES = {key.to_user_string(): GRAPH.get(key) for key in GRAPH.get_all_asset_keys()}


def test_the_definitions_hold_every_asset_job_sensor_and_schedule() -> None:
    assert set(NODES) == set(KINDS)
    repository = defs.get_repository_def()
    jobs = {job.name for job in repository.get_all_jobs()}
    assert {"process_drop", "join_source", "make_training_set", "scrub_store"} <= jobs
    assert [sensor.name for sensor in repository.sensor_defs] == ["new_drops"]
    schedules = {schedule.name for schedule in repository.schedule_defs}
    assert schedules == {"nightly_sweep", "nightly_join", "weekly_scrub"}


def test_sensor_and_schedules_run_without_anybody_starting_them() -> None:
    repository = defs.get_repository_def()
    (sensor,) = repository.sensor_defs
    assert sensor.default_status is dg.DefaultSensorStatus.RUNNING
    for schedule in repository.schedule_defs:
        assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING


@pytest.mark.parametrize("name", KINDS)
def test_each_asset_says_what_it_is(name: str) -> None:
    node = NODES[name]
    assert node.kinds == KINDS[name]
    assert node.owners == ["team:data-engineering"]
    assert node.group_name == "traces"
    assert node.code_version
    assert node.description
    definition = next(one for one in defs.assets or () if _key(one) == node.key)
    assert isinstance(definition, dg.AssetsDefinition)
    assert definition.op.retry_policy == RETRY


def test_each_check_says_whether_it_holds_the_chain_back() -> None:
    found = {
        f"{key.asset_key.to_user_string()}:{key.name}": GRAPH.get_check_spec(key).blocking
        for key in GRAPH.asset_check_keys
    }
    assert found == CHECKS


def test_one_upload_at_a_time() -> None:
    pools = {name: node.pools for name, node in NODES.items() if node.pools}
    assert pools == {"published_dataset": {"upload"}, "source_dataset": {"upload"}}


def test_the_assets_are_a_chain_and_the_source_joins_its_days() -> None:
    parents = {
        name: sorted(parent.to_user_string() for parent in node.parent_keys)
        for name, node in NODES.items()
    }
    assert parents == {
        "raw_logs": [],
        "converted_traces": ["raw_logs"],
        "valid_traces": ["converted_traces"],
        "enriched_traces": ["valid_traces"],
        "trace_dataset": ["enriched_traces"],
        "published_dataset": ["trace_dataset"],
        "source_dataset": ["enriched_traces"],
        "relevant_traces": ["enriched_traces"],
        "relabelled_examples": ["relevant_traces"],
        "split": ["relabelled_examples"],
        "training_set": ["relabelled_examples", "relevant_traces", "split"],
        "base_model_performance": ["relabelled_examples", "split"],
        "interactions": ["enriched_traces"],
    }


def test_a_partition_key_is_read_the_same_however_it_was_handed_over() -> None:
    key = dg.MultiPartitionKey({"source": "bot", "date": "2026-01-02"})
    assert drop_of(key) == drop_of("2026-01-02|bot") == Drop("bot", "2026-01-02")


def _key(one: object) -> object:
    return one.key if isinstance(one, dg.AssetsDefinition) else None
