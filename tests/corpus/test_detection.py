"""Every real log is told as what its folder says it is, or stands below with why it is not read."""

import os
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path

import pytest

from trace_assets.onepass.inputs import Input, inputs_of
from trace_assets.onepass.opening import detected

CORPUS = os.environ.get("TRACE_ASSETS_CORPUS")
FOLDER = Path(CORPUS or ".")

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS, reason="TRACE_ASSETS_CORPUS names no folder of real logs"),
]

CHAT = ("openai_messages", "chat_messages")
"""One way to read them, told apart by whose words the messages are in."""

FORMATS: Mapping[str, tuple[str, ...]] = {
    "tau2bench/*": ("tau2bench",),
    "openai_agents/*": ("openai_agents",),
    "otel/*": ("otlp",),
    "mlflow/*": ("mlflow",),
    "langfuse/*": ("langfuse",),
    "langsmith/*": ("langsmith",),
    "inspect_ai/*": ("inspect_ai",),
    "claude_code/*": ("claude_code",),
    "atif/*": ("atif",),
    "flat_logs/*": ("csv",),
    "openai_chat/*": CHAT,
    "openai_responses/*": ("openai_messages",),
    "anthropic/*": ("chat_messages",),
    "gemini/*": ("chat_messages",),
    "bedrock/*": CHAT,
    "sharegpt/*": CHAT,
    "autogen/*": CHAT,
    "langgraph/*": CHAT,
    "openhands/*": CHAT,
    "swe_agent/*": CHAT,
    "other_agents/*": CHAT,
    # logs that stand in a folder for another reason than their format
    "otel/refinery_fixtures/demo_trace.json": ("langsmith",),
    "otel/danik_phoenix_ui_csv/*": ("csv",),
    "otel/trulens_otel_golden/*": ("csv",),
    "openai_chat/distil_dlthub/t*": ("csv",),
    "flat_logs/ai_trace_auditor/*": ("openai_messages",),
    "sharegpt/llamafactory/*": (*CHAT, "csv"),
    "gemini/vercel_ai/*-429-*": ("openai_messages",),
    "other_agents/*codex*/*codex*": ("codex",),
    "other_agents/*codex/*": ("codex",),
    "other_agents/*/codex/*": ("codex",),
    "other_agents/cass_codex/codex_real/*": ("codex",),
    "other_agents/watchmen/codex*": ("codex",),
    "other_agents/simonw_transcripts/*codex*": ("codex",),
    "other_agents/*/droid*": CHAT,
    "other_agents/*/opencode_session*": CHAT,
    "other_agents/agentsview_iflow/*": ("claude_code",),
    "other_agents/kin0kaze_native/claude*": ("claude_code",),
    "other_agents/kin0kaze_native/hermes_bad*": ("csv",),
    "other_agents/cass_codex/message_grouping/c[lu]*": ("claude_code",),
    "other_agents/cass_codex/message_grouping/edge*": ("claude_code",),
    "other_agents/aivar_agent_eval/*": ("csv",),
}
"""What files are, by patterns of their names; the last one that fits counts."""

NOT_READ: Mapping[str, str] = {
    "INDEX.md": "a page about the logs",
    "*manifest.json": "a list of files",
    # of the APIs and tools that are read
    "openai_agents/run_state_fixtures/*": "the state of a run that was stopped, to go on with",
    "langfuse/langfuse_expected_chatml/*": "what a test of Langfuse expects of its own parser",
    "langsmith/*anthropic_managed*": "calls of an API, recorded with what they returned",
    "anthropic/openllmetry_js_mapper/*": "inputs of a test and what it expects, by name",
    "bedrock/*-byoi-sample-data.jsonl": "questions with answers to be graded, no conversation",
    "bedrock/*titan*": "text to be completed, from an API without messages",
    "bedrock/*non-anthropic*": "text to be completed, from an API without messages",
    "gemini/adk_eval/*": "expected conversations of an evaluation, step by step",
    "gemini/*/interactions/*": "Gemini's Interactions API, which tells a conversation in `steps`",
    "inspect_ai/*/log_invalid.txt": "a log that ends after its version",
    "inspect_ai/*/empty*.json": "a log without samples, events or a header",
    "inspect_ai/*/math_cases.json": "answers with their targets: cases of a scorer's test",
    "langgraph/*/outputs.jsonl": "results of which most hold no message",
    "openai_chat/azure_samples/chat_eval_data.jsonl": "questions with expected answers",
    "openai_chat/*few_shot.jsonl": "conversations as one text, for a prompt",
    "openai_chat/*transcription-text.json": "the text of a recording",
    "sharegpt/*/sample_sft_agentlab.json": "an empty list",
    "otel/phoenix_example_db/*": "a database",
    "vercel_ui_messages/*": "chunks of a stream beside what a test expects of them",
    # of other tools
    "autogen/*/history-*.json": "AutoGen's own messages",
    "autogen/*/session.json": "AutoGen's own messages",
    "opencode/*": "OpenCode's sessions",
    "openhands/openhands_repo/*": "OpenHands' events",
    "other_agents/adp_raw/webarena_successful/*": "steps in a browser, without messages",
    "other_agents/agent_xray/*": "steps of an agent in the words of its own tool",
    "other_agents/*/gemini/*": "sessions of Gemini CLI",
    "other_agents/atif_viewer_runs/*": "steps as a viewer shows them",
    "other_agents/chronicles_copilot/*": "sessions of GitHub Copilot",
    "other_agents/*/copilot/*": "sessions of GitHub Copilot",
    "other_agents/*cursor*": "sessions of Cursor",
    "other_agents/*/droid/*": "streams of Droid",
    "other_agents/*/kimi/*": "sessions of Kimi",
    "other_agents/*/openclaw/*": "sessions of OpenClaw",
    "other_agents/scout_openclaw/*": "telemetry of OpenClaw",
    "other_agents/*/opencode/*": "OpenCode's sessions, a file per part",
    "other_agents/*/pi/*": "sessions of Pi",
    "other_agents/*qwen*": "sessions of Qwen Code",
    "other_agents/generated_pydantic_ai/*": "Pydantic AI's own messages",
    "other_agents/pavan_agents/*": "thoughts and actions as lines of an agent's own log",
    "other_agents/prototypejam_agentorg/*": "steps of a program's own log",
    "other_agents/threat_bench/*": "events made up for a test of attacks",
    "other_agents/trace2policy/*": "operations of an agent, without what was said",
    "other_agents/whissle_agentclinic/*": "scores, and text as it was printed",
    "other_agents/whissle_flow_sim/*": "sessions by voice, with scores and sounds",
    "other_agents/yohei_activegraph_events/*": "events of a program's run",
}
"""Files that no format reads, and why; a general account of them is in docs/running.md."""


def logs() -> list[Input]:
    return list(inputs_of([FOLDER]))


def name_of(log: Input) -> str:
    return str(log.path.relative_to(FOLDER))


@pytest.mark.parametrize("log", logs() if CORPUS else [], ids=name_of)
def test_a_real_log_is_told_as_what_it_is_or_is_known_not_to_be_read(log: Input) -> None:
    name = name_of(log)
    found = detected(log, None).log
    if found.format is None:
        reasons = [reason for pattern, reason in NOT_READ.items() if fnmatch(name, pattern)]
        assert reasons, f"{name} is not read, and no reason is given for it: {found.evidence}"
        assert "looks like none of them" in found.evidence or "reads yet" in found.evidence
    else:
        expected = [formats for pattern, formats in FORMATS.items() if fnmatch(name, pattern)][-1]
        assert found.format in expected, f"{name}: {found.evidence}"
        assert found.evidence


def test_every_reason_is_that_of_a_file_that_is_not_read() -> None:
    unread = [name_of(log) for log in logs() if detected(log, None).log.format is None]
    idle = [p for p in NOT_READ if not any(fnmatch(name, p) for name in unread)]
    assert not idle, f"no file that is not read has these names: {idle}"
