"""Kinds: what a format does not know is counted, shown and tagged."""

import json
from collections import Counter
from typing import Any

import pytest

from tests.conversions import converted_bytes
from trace_assets.formats import formats
from trace_assets.guards.kinds import OTHERS, count_kinds


def session(*lines: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def line(number: int, role: str, text: str) -> dict[str, Any]:
    return {
        "type": role,
        "uuid": f"u{number}",
        "parentUuid": f"u{number - 1}" if number else None,
        "sessionId": "s",
        "timestamp": f"2026-01-02T10:00:0{number}Z",
        "message": {"role": role, "content": text},
    }


@pytest.mark.parametrize("name", formats())
def test_every_format_declares_its_kinds(name: str) -> None:
    kinds = formats()[name].kinds
    assert kinds is not None
    for value in ({}, [], None, 5, "text", {"type": 5}, {"messages": 5, "events": [None]}):
        assert not list(kinds.of(value))


def test_a_new_type_of_line_is_counted_in_the_ledger_and_tagged() -> None:
    log = session(
        line(0, "user", "Where is my parcel?"),
        line(1, "assistant", "On its way to you."),
        {"type": "mind-reading", "sessionId": "s", "uuid": "u2", "parentUuid": "u1"},
    )
    conversion = converted_bytes(log, file="s.jsonl")
    (row,) = conversion.rows
    assert "unknown_kind" in row["tags"]
    assert row["trace"]["metadata"]["extra"]["unknown_kinds"] == {"mind-reading": 1}
    assert conversion.ledger["files"][0]["unknown_kinds"] == {"mind-reading": 1}
    assert conversion.ledger["unknown_kinds"] == {"mind-reading": 1}


def test_the_counts_stay_bounded() -> None:
    counts: Counter[str] = Counter()
    count_kinds(counts, (f"kind{number}" for number in range(1000)))
    count_kinds(counts, ["x" * 1000])
    assert len(counts) == 201
    assert counts[OTHERS] == 801
