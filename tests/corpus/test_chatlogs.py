"""Real chat logs: nothing is lost but what the formats drop on purpose."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.leaves import lost
from tests.conversions import converted, is_balanced
from trace_assets.reading import Record, Shape, open_plain, read_records
from trace_assets.trace import load

CORPUS = os.environ.get("TRACE_ASSETS_CORPUS")
FOLDERS = ("openai_chat", "openai_responses", "anthropic", "gemini", "bedrock", "sharegpt")
FORMATS = {"openai_messages", "chat_messages"}
REASONS = {"no_conversation", "unknown_format", "empty_file"}

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS, reason="TRACE_ASSETS_CORPUS names no folder of real logs"),
]


def logs() -> list[Path]:
    root = Path(CORPUS or ".")
    found = [path for name in FOLDERS for path in sorted((root / name).rglob("*"))]
    return [path for path in found if path.suffix in (".json", ".jsonl", ".txt")]


def name_of(path: Path) -> str:
    return str(path.relative_to(Path(CORPUS or ".")))


@pytest.mark.parametrize("path", logs() if CORPUS else [], ids=name_of)
def test_a_log_converts_without_loss(path: Path) -> None:
    conversion = converted([path])
    assert is_balanced(conversion.ledger)
    for trace in conversion.traces:
        load(trace)
    assert Counter(conversion.reasons).keys() <= REASONS
    formats = {file["format"] for file in conversion.ledger["files"]}
    if formats <= FORMATS and ".chunks." not in path.name:
        with path.open("rb") as file:
            items = list(read_records(open_plain(file), file=path.name, shape=Shape()))
        records = [item.value for item in items if isinstance(item, Record)]
        kept = [json.loads(row["raw"]) for row in conversion.quarantine if row["raw"]]
        assert not lost(records, [conversion.rows, kept])


def test_the_calls_of_a_real_agent_are_one_conversation() -> None:
    folder = Path(CORPUS or ".") / "openai_chat" / "openhands_sdk_llm_logs" / "llm-logs"
    conversion = converted([folder])
    [row] = conversion.rows
    assert (row["model_calls"], row["tool_calls"], row["turns"]) == (6, 6, 1)
    assert row["input_tokens"] == 35428
