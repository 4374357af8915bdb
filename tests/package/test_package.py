"""The dataset's spec, its manifest, and the tables of facts."""

import io
import json
from typing import Any

import pytest
import yaml
from pyarrow import parquet

from tests.making import call, said, trace_of
from trace_assets.enrich import Defaults, facts_of
from trace_assets.errors import ConfigError
from trace_assets.package.manifest import manifest_bytes
from trace_assets.package.spec import checked_key, key_of_source, spec_text
from trace_assets.package.tables import FactTables
from trace_assets.trace import load


def test_a_spec_names_the_dataset_beside_it() -> None:
    spec = yaml.safe_load(spec_text("bot-2026-01-02"))
    assert spec == {
        "key": "bot-2026-01-02",
        "display_name": "bot-2026-01-02",
        "source": {"type": "local", "file_path": "./bot-2026-01-02.jsonl"},
    }


def test_a_spec_says_what_the_owner_declares_in_ascii() -> None:
    text = spec_text("k", display_name="Café: yes", description="# no comment", tags=["a", "on"])
    assert text.isascii()
    spec = yaml.safe_load(text)
    assert (spec["display_name"], spec["description"], spec["tags"]) == (
        "Café: yes",
        "# no comment",
        ["a", "on"],
    )


@pytest.mark.parametrize("key", ["", "a b", "a/b", "é", "x" * 251])
def test_a_key_that_the_platform_would_refuse_is_refused(key: str) -> None:
    with pytest.raises(ConfigError, match="dataset key"):
        checked_key(key)


def test_a_manifest_does_not_depend_on_the_order_of_its_keys() -> None:
    assert manifest_bytes({"b": 1, "a": [2]}) == manifest_bytes({"a": [2], "b": 1})
    assert json.loads(manifest_bytes({"é": None})) == {"format_version": 1, "é": None}


def tables_of(*traces: dict[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    files = io.BytesIO(), io.BytesIO()
    with FactTables(*files) as tables:
        for trace in traces:
            found = facts_of(load(trace), defaults=Defaults())
            tables.add({"trace_id": trace["metadata"]["trace_id"], **found.columns}, found)
    rows = [parquet.read_table(io.BytesIO(file.getvalue())).to_pylist() for file in files]
    return rows[0], rows[1]


def test_there_is_a_row_for_every_trace_and_for_every_turn() -> None:
    trace = trace_of(
        said("user", "Hi", timestamp="2026-01-02T00:00:00", cost=0.5, usage={"prompt_tokens": 3}),
        call("c", timestamp="2026-01-02T00:00:02"),
    )
    traces, turns = tables_of(trace, trace_of(said("assistant", "Anybody?")))
    assert [(row["turns"], row["cost_usd"], row["input_tokens"]) for row in traces] == [
        (1, 0.5, 3),
        (0, None, None),
    ]
    assert [(row["turn"], row["tool_calls"], row["duration_s"]) for row in turns] == [
        (-1, 0, None),
        (0, 1, 2.0),
        (-1, 0, None),
    ]


def test_what_a_table_cannot_hold_is_unknown_in_it() -> None:
    usage = {"prompt_tokens": 10**30, "completion_tokens": 2}
    traces, _ = tables_of(trace_of(said("user", "Hi", usage=usage, timestamp=7, cost=10**400)))
    assert (traces[0]["input_tokens"], traces[0]["output_tokens"], traces[0]["cost_usd"]) == (
        None,
        2,
        None,
    )


def test_tables_without_rows_still_have_their_columns() -> None:
    assert tables_of() == ([], [])


def test_no_two_sources_or_days_share_a_key() -> None:
    sources = ["a.b", "a_b", "a-b", "bot", "bot-2026-01-02", "A.b"]
    sources += [key_of_source(source) for source in sources]
    names = sorted(set(sources))
    keys = [key_of_source(name, date) for name in names for date in (None, "2026-01-02")]
    assert len(set(keys)) == len(keys)
    assert key_of_source("bot", "2026-01-02") == "bot-2026-01-02"
