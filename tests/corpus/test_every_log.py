"""Every real log: each record is accounted for, each scalar found, and quarantined with reason."""

import os
from collections import Counter
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path

import pytest

from benchmarks.coverage import coverage_of
from tests.conversions import Conversion, convert_inputs, is_balanced
from trace_assets.onepass.inputs import Input, inputs_of
from trace_assets.onepass.opening import detected
from trace_assets.trace import load

CORPUS = os.environ.get("TRACE_ASSETS_CORPUS")
FOLDER = Path(CORPUS or ".")

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS, reason="TRACE_ASSETS_CORPUS names no folder of real logs"),
]

OTHER_TOOLS = ("autogen", "langgraph", "opencode", "openhands", "swe_agent", "other_agents")
"""Folders of tools that have no format of their own: what of them looks like chat is read."""

QUARANTINED: Mapping[str, tuple[str, ...]] = {
    # a simulation that was cut off before anything was said, and a template of one
    "tau2bench/sierra_*": ("empty_trace",),
    # logs of tools and states beside the simulations, which hold all that was said
    "tau2bench/*_enhanced_logs.json": ("no_conversation",),
    # the answer of an API that there is an error, without what was asked
    "openai_chat/*error.json": ("no_conversation",),
    "openai_responses/*error*.json": ("no_conversation",),
    "gemini/*-429-*": ("no_conversation",),
    # a line that an interrupted writer left, and counts of tokens without any words
    "flat_logs/ai_sql_assistant/*": ("not_json",),
    "flat_logs/rag_equipment_llm_calls/*": ("no_conversation",),
    # tables of spans, whose columns a mapping has to name
    "otel/*/*.csv": ("no_conversation",),
    # lines that tell of a session of which no message is there
    "claude_code/*/system__*": ("no_conversation",),
    "claude_code/*/empty_session.jsonl": ("unknown_shape",),
}
"""Why records of files, by patterns of their names, are in quarantine."""


def logs() -> list[Input]:
    """The files that a format reads, in the folders of tools that have one."""
    found = [log for log in inputs_of([FOLDER]) if not name_of(log).startswith(OTHER_TOOLS)]
    return [log for log in found if detected(log, None).log.format]


def others() -> list[Input]:
    return [log for log in inputs_of([FOLDER]) if name_of(log).startswith(OTHER_TOOLS)]


def folders() -> list[Path]:
    return sorted(each for path in FOLDER.iterdir() if path.is_dir() for each in path.iterdir())


def name_of(log: Input) -> str:
    return str(log.path.relative_to(FOLDER))


def assert_accounted_for(conversion: Conversion) -> None:
    ledger = conversion.ledger
    assert is_balanced(ledger)
    assert ledger["converted"] == ledger["traces"] == len(conversion.rows)
    assert ledger["quarantined"] == len(conversion.quarantine)
    assert ledger["reasons"] == Counter(conversion.reasons)
    assert all(row["message"] for row in conversion.quarantine)
    for row in conversion.rows:
        trace = load(row["trace"])
        assert trace.items or trace.events


@pytest.mark.parametrize("log", logs() if CORPUS else [], ids=name_of)
def test_each_record_of_a_log_is_accounted_for_and_each_scalar_found(log: Input) -> None:
    conversion = convert_inputs([log])
    assert_accounted_for(conversion)
    expected = [why for pattern, why in QUARANTINED.items() if fnmatch(name_of(log), pattern)]
    assert set(conversion.reasons) <= {reason for why in expected for reason in why}
    assert not coverage_of(log).missing


@pytest.mark.parametrize("log", others() if CORPUS else [], ids=name_of)
def test_logs_of_other_tools_are_accounted_for(log: Input) -> None:
    assert_accounted_for(convert_inputs([log]))
    assert not coverage_of(log).missing


@pytest.mark.parametrize("folder", folders() if CORPUS else [], ids=lambda path: path.name)
def test_the_files_of_a_folder_are_accounted_for_together(folder: Path) -> None:
    assert_accounted_for(convert_inputs(inputs_of([folder])))


def test_every_reason_is_one_for_which_a_record_is_in_quarantine() -> None:
    idle = set(QUARANTINED)
    for log in logs():
        fitting = [pattern for pattern in idle if fnmatch(name_of(log), pattern)]
        reasons = set(convert_inputs([log]).reasons) if fitting else set[str]()
        idle -= {pattern for pattern in fitting if reasons >= set(QUARANTINED[pattern])}
    assert not idle
