"""Real logs of traced programs: each told by its own format, and nothing in them is lost."""

import os
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from benchmarks.leaves import lost
from tests.conversions import converted, is_balanced
from trace_assets.convert import claims
from trace_assets.formats import formats
from trace_assets.reading import Record, open_plain, read_records
from trace_assets.reading.detection import detection_head
from trace_assets.trace import load

CORPUS = os.environ.get("TRACE_ASSETS_CORPUS")
FOLDER = Path(CORPUS or ".")
NAMES = ("openai_agents", "langsmith", "mlflow")
NEAR_MISSES = ("run_state_fixtures", "anthropic_managed", ".csv")
"""What stands beside them and is of no format of these, or no JSON."""
DROPPED = {
    "openai_agents": ("/object", "/response", "/span_data_response"),
    "langsmith": ("/start_time", "/end_time"),
    "mlflow": (
        "/mlflow.traceRequestId",
        "/trace_id",
        "/start_time_unix_nano",
        "/end_time_unix_nano",
        "/time_unix_nano",
        "/name",  # of the note of an exception, which is an error event
    ),
}
"""The keys whose values are dropped on purpose, or are times that are written otherwise."""

SAID = ("TOOL", "AGENT")
"""What the type of an event or a span says in another word."""

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS, reason="TRACE_ASSETS_CORPUS names no folder of real logs"),
]


def logs() -> list[Path]:
    found = [path for name in NAMES for path in (FOLDER / name).rglob("*") if path.is_file()]
    return sorted(path for path in found if not any(miss in str(path) for miss in NEAR_MISSES))


def name_of(path: Path) -> str:
    return str(path.relative_to(FOLDER))


def format_of(path: Path) -> str:
    return path.relative_to(FOLDER).parts[0]


def records_of(path: Path) -> list[Any]:
    shape = formats()[format_of(path)].shape
    with path.open("rb") as file:
        items = list(read_records(open_plain(file), file=path.name, shape=shape))
    return [item.value for item in items if isinstance(item, Record)]


def unquoted(line: str) -> tuple[str, str]:
    """Where a scalar stood, and its text without the quotes that JSON in text has."""
    pointer, _, value = line.partition(": ")
    return pointer, value.strip("'").strip('"')


@pytest.mark.parametrize("path", logs() if CORPUS else [], ids=name_of)
def test_a_log_converts_without_loss(path: Path) -> None:
    conversion = converted([path])
    assert is_balanced(conversion.ledger)
    assert [file["format"] for file in conversion.ledger["files"]] == [format_of(path)]
    assert not conversion.quarantine
    for row in conversion.rows:
        load(row["trace"])
    made = [conversion.rows, conversion.context]
    missing = [each for record in records_of(path) for each in lost(record, made)]
    kept = str(made)
    for pointer, value in map(unquoted, missing):
        assert pointer.endswith(DROPPED[format_of(path)]) or value in SAID or value in kept, pointer


@pytest.mark.skipif(not CORPUS, reason="TRACE_ASSETS_CORPUS names no folder of real logs")
def test_no_other_log_is_taken_for_one_of_these() -> None:
    for path in sorted(FOLDER.rglob("*.json*")):
        found = claims(detection_head(BytesIO(path.read_bytes())))
        strongest = [format.name for format, claim in found if claim.strength == 3]
        taken = [name for name in NAMES if name in strongest]
        if "dotted_order" not in path.read_text(encoding="utf-8", errors="replace"):
            assert all(name == format_of(path) for name in taken), name_of(path)


@pytest.mark.parametrize("miss", NEAR_MISSES[:2])
def test_what_only_looks_alike_is_not_claimed(miss: str) -> None:
    paths = [path for name in NAMES for path in (FOLDER / name).rglob("*.json*")]
    for path in (path for path in paths if miss in str(path)):
        found = claims(detection_head(BytesIO(path.read_bytes())))
        assert not {format.name for format, _ in found} & set(NAMES), name_of(path)
