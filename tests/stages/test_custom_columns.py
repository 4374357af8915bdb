"""Declared columns through the chain: rows, tables with types, and the dataset of the source."""

from io import BytesIO
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from tests.stages.chain import BOT, Chain, results, simulation
from trace_assets.drops import Drop

COLUMNS = {"tier": "metadata.tier", "seats": "metadata.seats", "all": "metadata"}


def test_declared_columns_reach_rows_tables_and_the_dataset_of_the_source(tmp_path: Path) -> None:
    chain = Chain.at(str(tmp_path), columns=COLUMNS)
    gold = simulation("a", "Hi", "Hello", metadata={"tier": "gold", "seats": 3})
    chain.drop(results([gold, simulation("b", "Ho", "Hello")]))
    next_day = Drop("bot", "2026-01-03")
    half = simulation("c", "He", "Hello", metadata={"seats": 0.5})
    chain.drop(results([half]), drop=next_day)
    chain.run_to("trace_dataset")
    chain.run_all(next_day)
    found = [[row[name] for name in COLUMNS] for row in chain.dataset()]
    assert found == [["gold", 3, '{"tier":"gold","seats":3}'], [None, None, None]]
    table = parquet.read_table(BytesIO(chain.read("enriched_traces", "traces.parquet")))
    types = [table.schema.field(name).type for name in COLUMNS]
    assert types == [pa.string(), pa.int64(), pa.string()]
    assert table.column("seats").to_pylist() == [3, None]
    assert [row["seats"] for row in chain.source_rows()] == [3, None, 0.5]
    about = chain.expect("source_dataset").about
    assert about["declared_columns"] == {"all": "string", "seats": "float", "tier": "string"}


def test_another_path_makes_other_rows(tmp_path: Path) -> None:
    chain = Chain.at(str(tmp_path), columns={"tier": "metadata.tier"})
    chain.drop(results([simulation("a", "Hi", "Hello", metadata={"tier": "gold", "seats": 3})]))
    chain.run_to("trace_dataset")
    changed = chain.declaring(columns={"tier": "metadata.seats"})
    assert all(changed.run_to("trace_dataset").values())
    assert [row["tier"] for row in changed.dataset()] == [3]
    assert not any(changed.run_to("trace_dataset", BOT).values())


def test_values_of_several_types_are_json_in_the_table(tmp_path: Path) -> None:
    chain = Chain.at(str(tmp_path), columns={"seats": "metadata.seats"})
    values = (3, "many", True)
    runs = [
        simulation(f"s{n}", f"Hi {n}", "Hello", metadata={"seats": value})
        for n, value in enumerate(values)
    ]
    chain.drop(results(runs))
    chain.run_to("trace_dataset")
    assert [row["seats"] for row in chain.dataset()] == list(values)
    table = parquet.read_table(BytesIO(chain.read("enriched_traces", "traces.parquet")))
    assert table.column("seats").to_pylist() == ["3", "many", "true"]
