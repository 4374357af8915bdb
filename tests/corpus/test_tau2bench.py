"""Real tau2-bench logs: nothing is lost, and only what is no conversation is quarantined."""

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.conversions import converted, is_balanced, lost
from trace_assets.convert import claims
from trace_assets.formats import formats
from trace_assets.reading import Record, open_plain, read_records
from trace_assets.reading.detection import detection_head
from trace_assets.trace import load

CORPUS = os.environ.get("TRACE_ASSETS_CORPUS")
FOLDER = Path(CORPUS or ".") / "tau2bench"
IMPLIED = ("tool", "text")
"""What an item's or part's type says instead of the log's role or type."""

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS, reason="TRACE_ASSETS_CORPUS names no folder of real logs"),
]


def logs() -> list[Path]:
    return sorted(path for path in FOLDER.rglob("*") if path.suffix in (".json", ".jsonl"))


def name_of(path: Path) -> str:
    return str(path.relative_to(FOLDER))


def records_of(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        items = list(
            read_records(open_plain(file), file=path.name, shape=formats()["tau2bench"].shape)
        )
    return {item.place.uri: item.value for item in items if isinstance(item, Record)}


@pytest.mark.parametrize("path", logs() if CORPUS else [], ids=name_of)
def test_a_log_converts_without_loss(path: Path) -> None:
    conversion = converted([path])
    assert is_balanced(conversion.ledger)
    assert [file["format"] for file in conversion.ledger["files"]] == ["tau2bench"]
    records = records_of(path)
    for row in conversion.rows:
        load(row["trace"])
        record = records[row["source_uri"]]
        assert not lost(record, row["trace"], implied=IMPLIED), row["source_uri"]
    assert Counter(conversion.reasons).keys() <= {"no_conversation", "empty_trace"}
    for row in conversion.quarantine:
        assert row["raw"]
        assert '"role"' not in row["raw"], f"{row['file']}#{row['record']}: it holds messages"


@pytest.mark.parametrize("path", logs() if CORPUS else [], ids=name_of)
def test_a_log_is_told_to_be_of_its_format_and_of_no_other(path: Path) -> None:
    with path.open("rb") as file:
        found = claims(detection_head(open_plain(file)))
    strongest = [format.name for format, claim in found if claim.strength == found[0][1].strength]
    assert strongest == ["tau2bench"]
