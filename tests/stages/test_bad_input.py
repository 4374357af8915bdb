"""Whatever is dropped: no crash, a ledger that balances, and every refused byte found again."""

import gzip
import json
import tempfile
import zlib
from base64 import b64decode
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conversions import is_balanced
from tests.stages.chain import Chain, nothing_said, results, simulation

GOOD, LAST = (json.dumps(simulation(name, "Hi", "Hello")).encode() for name in ("good", "last"))


def around(*bad: bytes) -> bytes:
    """A results file with something between two good records."""
    return b'{"simulations": [\n' + b",\n".join([GOOD, *bad, LAST]) + b"\n]}\n"


def saying(content: bytes) -> bytes:
    return (
        b'{"id": "odd", "task_id": "1", "messages": [{"role": "user", "content": '
        + content
        + b"}]}"
    )


DEEP = b"[" * 5_000 + b"]" * 5_000

LOGS: dict[str, tuple[bytes, set[str]]] = {
    "whole": (around(), set()),
    "truncated": (around()[:-30], {"truncated"}),
    "truncated in the first record": (around()[:50], {"truncated"}),
    "invalid UTF-8": (around(saying(b'"caf\xe9"')), {"not_utf8"}),
    "NaN": (around(saying(b'"x", "cost": NaN')), {"not_json"}),
    "Infinity": (around(saying(b'"x", "cost": -Infinity')), {"not_json"}),
    "huge integer": (around(saying(b'"x", "cost": ' + b"9" * 500)), set()),
    "huge float": (around(saying(b'"x", "cost": 1e999')), {"not_json"}),
    "lone surrogate": (around(saying(b'"\\ud800"')), set()),
    "byte order mark": (b"\xef\xbb\xbf" + around(), set()),
    "blank lines": (b"\n\n" + GOOD + b"\n \n\r\n" + LAST + b"\n\n", set()),
    "duplicate key": (around(saying(b'"a", "content": "b"')), {"duplicate_key"}),
    "deep nesting": (around(saying(b'"x", "deep": ' + DEEP)), {"too_deep"}),
    "wrong type": (around(saying(b'{"a": 1}'), b"5", b"null", b'"text"'), {"unknown_shape"}),
    "missing fields": (around(b"{}", b'{"id": "odd"}'), {"unknown_shape"}),
    "nothing said": (around(saying(b'"x"')[:43] + b"]}"), {"empty_trace"}),
    "empty": (b"", {"empty_file"}),
    "only blank": (b" \n\n", {"empty_file"}),
    "unknown format": (b'{"neither": "nor"}', {"unknown_format"}),
    "no JSON at all": (b"Dear diary,\n", {"not_json"}),
    "binary": (bytes(range(256)), {"not_utf8"}),
    "cut gzip": (gzip.compress(around(), mtime=0)[:-20], {"truncated"}),
}


@pytest.mark.parametrize("name", LOGS)
def test_bad_input_is_counted_and_kept_whole_from_end_to_end(chain: Chain, name: str) -> None:
    content, reasons = LOGS[name]
    chain.drop(content, "log.json")
    chain.drop(results([simulation("beside", "Hi")]), "beside.json")
    chain.run_all()
    ledger = assert_nothing_is_lost(chain, {"log.json": content})
    assert set(ledger["reasons"]) == reasons
    ids = [row["trace_id"] for row in chain.source_rows()]
    assert ids[0] == "beside"
    if content.endswith(around()[-20:]):
        assert {"good", "last"} <= set(ids)


def assert_nothing_is_lost(chain: Chain, logs: dict[str, bytes]) -> dict[str, Any]:
    """Each record is a row, a repetition, or in quarantine with the bytes at its offset."""
    ledger = chain.ledger()
    assert is_balanced(ledger)
    rows, quarantine = chain.dataset(), chain.rows("valid_traces", "quarantine.jsonl.zst")
    assert ledger["records"] == len(rows) + len(quarantine) + ledger["duplicate"]
    assert (ledger["traces"], ledger["quarantined"]) == (len(rows), len(quarantine))
    for row in quarantine:
        assert row["reason"]
        assert row["message"]
        content, raw = logs[row["file"]], raw_of(row)
        assert plain(content)[row["offset"] :].startswith(raw)
        has_no_bytes = row["reason"] == "truncated" or row["message"] == "a value is missing"
        assert raw or has_no_bytes or not content.strip()
    for file, content in logs.items():
        assert chain.read("raw_logs", file) == content
    assert chain.verify() == []
    return ledger


def is_cut(content: bytes) -> bool:
    """Whether it is compressed, and so cut: what is missing has no bytes to keep."""
    return content.startswith(b"\x1f\x8b")


def plain(content: bytes) -> bytes:
    return zlib.decompressobj(31).decompress(content) if is_cut(content) else content


def raw_of(row: dict[str, Any]) -> bytes:
    return b64decode(row["raw_base64"]) if "raw_base64" in row else row["raw"].encode()


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A log with something cut out of it, put into it, or written over it."""
    content = draw(
        st.sampled_from(
            [around(), around(json.dumps(nothing_said("x")).encode()), GOOD + b"\n" + LAST]
        )
    )
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(content)))
        end = draw(st.integers(start, min(len(content), start + 40)))
        inside = draw(
            st.binary(max_size=8) | st.sampled_from([b'"', b"{", b"]", b"\\", b",", b"\n"])
        )
        content = content[:start] + inside + content[end:]
    return content


@settings(max_examples=60, deadline=None)
@given(content=damaged())
def test_any_damage_is_accounted_for_from_end_to_end(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        chain = Chain.at(folder, format="tau2bench")
        chain.drop(content, "log.json")
        chain.run_all()
        assert_nothing_is_lost(chain, {"log.json": content})
