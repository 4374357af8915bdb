"""source_dataset: each trace of a source once, as it was dropped last."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.stages.chain import Chain, nothing_said, results, simulation
from tests.stages.nursery import Nursery
from trace_assets.drops import Drop
from trace_assets.errors import NotFoundError
from trace_assets.rows import with_columns
from trace_assets.stages.aggregate import aggregate
from trace_assets.stages.lines import ShardWriter, lines_of


def on(day: int) -> Drop:
    return Drop("bot", f"2026-01-{day:02d}")


def days(chain: Chain, *of_days: list[Any]) -> None:
    """Drop simulations day by day, from the first of January on, and run every stage."""
    for number, simulations in enumerate(of_days, 1):
        chain.drop(results(simulations), drop=on(number))
        chain.run_all(on(number))


def told(chain: Chain) -> list[tuple[str, str, int]]:
    return [(row["trace_id"], row["date"], row["messages"]) for row in chain.source_rows()]


def about(chain: Chain) -> dict[str, Any]:
    return chain.expect("source_dataset").about


def test_a_trace_that_grew_is_there_once_as_it_was_last(chain: Chain) -> None:
    days(
        chain,
        [simulation("a", "Hi"), simulation("b", "Hm?")],
        [simulation("a", "Hi", "Hello", "Bye"), simulation("c", "Yes")],
    )
    assert told(chain) == [
        ("b", "2026-01-01", 1),
        ("a", "2026-01-02", 3),
        ("c", "2026-01-02", 1),
    ]
    assert (about(chain)["rows"], about(chain)["superseded"]) == (3, 1)
    (replaced,) = chain.lines("source_dataset", "superseded.jsonl")
    assert json.loads(replaced) == {
        "trace_id": "a",
        "date": "2026-01-01",
        "source_uri": "results.json#simulations/0",
    }


def test_a_trace_that_was_dropped_again_as_it_was_is_there_once(chain: Chain) -> None:
    days(chain, [simulation("a", "Hi")], [simulation("a", "Hi")], [simulation("a", "Hi")])
    assert told(chain) == [("a", "2026-01-03", 1)]
    assert about(chain)["superseded"] == 2


def test_the_order_in_which_days_were_run_does_not_matter(chain: Chain, tmp_path: Path) -> None:
    there = Chain.at(str(tmp_path / "there"))
    logs = {1: [simulation("a", "Hi")], 2: [simulation("a", "Hi", "Hello")], 3: []}
    for each, order in ((chain, (1, 2, 3)), (there, (3, 2, 1))):
        for day in order:
            each.drop(results(logs[day]), drop=on(day))
            each.run_all(on(day))
    assert chain.contents() == there.contents()
    assert told(chain) == [("a", "2026-01-02", 2)]


def test_a_late_file_of_an_old_day_does_not_take_the_place_of_a_newer_trace(chain: Chain) -> None:
    days(chain, [], [simulation("a", "Hi", "Hello")])
    chain.drop(results([simulation("a", "Hi"), simulation("b", "Hm?")]), "late.json", on(1))
    chain.run_all(on(1))
    assert told(chain) == [("b", "2026-01-01", 1), ("a", "2026-01-02", 2)]


def test_rows_are_the_lines_of_the_days_byte_for_byte(chain: Chain) -> None:
    days(chain, [simulation("a", "Hi")], [nothing_said("x"), simulation("b", "Hm?")])
    lines = [line for day in (1, 2) for line in chain.lines("enriched_traces", "traces", on(day))]
    assert chain.read("source_dataset", "bot.jsonl") == b"".join(lines)


def test_days_with_other_columns_get_the_same_ones_null_where_they_have_none(chain: Chain) -> None:
    days(chain, [simulation("a", "Hi")], [simulation("b", "Hm?")])
    without(chain, on(1), "task_id", "domain")
    assert chain.run("source_dataset", on(1))
    first, second = chain.source_rows()
    assert list(first) == list(second) == ["trace", *about(chain)["columns"]]
    assert (first["task_id"], second["task_id"]) == (None, "task-b")
    assert first["trace"]["metadata"]["extra"]["task_id"] == "task-a"


def without(chain: Chain, day: Drop, *columns: str) -> None:
    """Replace a day's enriched traces by ones as a format with fewer columns would have made."""
    artifact = chain.artifact("enriched_traces", day)
    manifest = artifact.expect()
    kept = [name for name in manifest.about["columns"] if name not in columns]
    lines = [with_columns(line, kept) for line in lines_of(artifact, "traces", manifest)]
    facts = manifest.about | {"columns": kept}
    with artifact.replace("feedface", about=facts) as draft, ShardWriter(draft, "traces") as out:
        for line in lines:
            out.write(line)


def test_a_source_without_a_day_leaves_the_dataset_that_is_there(chain: Chain) -> None:
    days(chain, [simulation("a", "Hi")])
    before = chain.contents()
    dataset = chain.artifact("source_dataset")
    with pytest.raises(NotFoundError, match="bot: no day of it has enriched traces yet"):
        aggregate({}, dataset, source="bot", config=chain.config)
    assert chain.contents() == before


def test_a_full_disk_for_temporary_files_is_told(
    chain: Chain, tmp_path: Path, tiny_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days(chain, [simulation("a", "Hi")])
    before = chain.contents()
    artifact = chain.artifact("enriched_traces", on(1))
    facts = artifact.expect().about
    with artifact.replace("feedface", about=facts) as draft, ShardWriter(draft, "traces") as out:
        for number in range(60_000):
            out.write(b'{"trace":{},"trace_id":"%064d"}\n' % number)
    monkeypatch.setenv("SQLITE_TMPDIR", str(tiny_disk))  # read once by a process
    with Nursery() as nursery:
        ended = nursery.run(str(tmp_path / "places"), "source_dataset", on(1))
    assert re.search(r"temporary files: .* full; free space there", ended.error)
    assert not ended.retryable
    name = "source_dataset/bot/bot.jsonl"
    assert chain.contents()[name] == before[name]
