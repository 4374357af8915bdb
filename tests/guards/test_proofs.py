"""Without what a format knows of a shape, the guards notice that it is read wrongly."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.conversions import converted, converted_bytes
from trace_assets.chat.fingerprint import Utterance, utterance
from trace_assets.chat.piece import Piece
from trace_assets.formats import formats
from trace_assets.guards import Kinds
from trace_assets.guards.tags import OTHER_TAGS, SIGNS

FIXTURES = Path(__file__).parent.parent / "formats" / "fixtures"
GUARDS = {*OTHER_TAGS, *(sign.tag for sign in SIGNS)}


def guard_tags(rows: Iterable[dict[str, Any]]) -> set[str]:
    return {tag for row in rows for tag in row["tags"] if tag in GUARDS}


def texts(rows: Iterable[dict[str, Any]]) -> str:
    return json.dumps([row["trace"]["items"] for row in rows])


def test_a_queued_message_that_is_not_read_is_an_unknown_kind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fixture = FIXTURES / "claude_code" / "queued.jsonl"
    assert not guard_tags(converted([fixture]).rows)
    known = formats()["claude_code"]
    assert known.kinds
    without = known.kinds.known - {"queue-operation/remove/absorbed_mid_turn"}
    changed = known._replace(kinds=Kinds(without, known.kinds.of))
    monkeypatch.setitem(formats(), "claude_code", changed)
    monkeypatch.setattr("trace_assets.formats.claude_code.mark_queued", lambda _: None)
    conversion = converted([fixture])
    assert "by colour, please" not in texts(conversion.rows)
    assert "unknown_kind" in guard_tags(conversion.rows)
    assert conversion.ledger["unknown_kinds"] == {"queue-operation/remove/absorbed_mid_turn": 2}


def test_a_rollback_under_another_name_is_an_unknown_kind() -> None:
    log = (FIXTURES / "codex" / "rolled_back.jsonl").read_bytes()
    known, renamed = (
        converted_bytes(content, file="rollout.jsonl")
        for content in (log, log.replace(b"thread_rolled_back", b"thread_taken_back"))
    )
    assert "unknown_kind" not in guard_tags(known.rows)
    assert len(renamed.rows[0]["trace"]["items"]) > len(known.rows[0]["trace"]["items"])
    assert "unknown_kind" in guard_tags(renamed.rows)


def test_a_request_under_an_unknown_key_is_unread_text() -> None:
    question = " ".join(f"question{number}" for number in range(60))
    answer = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "m-1",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "It is on its way."}}],
    }
    record = {"sent_by_the_program": {"turns": [{"says": question}]}, "response": answer}
    conversion = converted_bytes(json.dumps(record).encode() + b"\n", file="log.jsonl")
    assert "unread_text" in guard_tags(conversion.rows) or conversion.quarantine
    assert question not in texts(conversion.rows)


def test_calls_that_are_not_compared_by_their_ids_are_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fixture = FIXTURES / "openai_messages" / "repeated_history.jsonl"
    assert not guard_tags(converted([fixture]).rows)

    def exactly(piece: Piece) -> Utterance:
        exact = repr(piece).encode()
        return utterance(piece)._replace(print=exact, call_id="", kind="other")

    for module in ("trace_assets.chat.known", "trace_assets.chatlogs.exchange"):
        monkeypatch.setattr(f"{module}.utterance", exactly)
    assert guard_tags(converted([fixture]).rows) & {"repeated_call", "repeated_message"}


def test_an_export_of_langfuse_that_is_read_as_a_chat_is_noticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fixture = FIXTURES / "langfuse" / "enriched.csv"
    assert not guard_tags(converted([fixture]).rows)
    unclaimed = formats()["langfuse"]._replace(detect=lambda _: None)
    monkeypatch.setitem(formats(), "langfuse", unclaimed)
    conversion = converted([fixture])
    assert guard_tags(conversion.rows) or conversion.quarantine
