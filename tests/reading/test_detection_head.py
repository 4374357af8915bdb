"""What a format is detected by: keys that come after a long text, in bounded memory."""

import gzip
import json
from io import BytesIO

import pytest

from trace_assets.convert import claims
from trace_assets.reading.compression import open_plain
from trace_assets.reading.detection import HEAD_BYTES, detection_head
from trace_assets.reading.sample import sample

LONG = 'once "more" \\ \u00e4 '


def test_a_short_file_is_its_own_head() -> None:
    content = b'{"a": 1}\n{"b": 2}\n'
    assert detection_head(BytesIO(content)) == content


@pytest.mark.parametrize("size", [HEAD_BYTES, 3 * HEAD_BYTES + 7, 1 << 23])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_keys_behind_a_long_text_are_in_the_head(size: int, ascii_only: bool) -> None:
    text = LONG * (size // len(LONG))
    content = json.dumps({"id": "t", "input": text, "observations": []}, ensure_ascii=ascii_only)
    stream = BytesIO(content.encode())
    head = detection_head(stream)
    assert len(head) <= HEAD_BYTES
    assert stream.read(8) == content[:8].encode()  # it can be read from its start again
    (found,) = sample(head)
    assert list(found) == ["id", "input", "observations"]
    assert text.startswith(found["input"].rstrip("\ufffd"))


def test_records_after_a_long_first_line_are_in_the_head() -> None:
    lines = [{"text": LONG * 100_000}, {"second": 1}, {"third": 2}]
    content = "".join(json.dumps(line) + "\n" for line in lines).encode()
    assert [list(each) for each in sample(detection_head(BytesIO(content)))] == [
        ["text"],
        ["second"],
        ["third"],
    ]


def test_a_compressed_file_has_the_same_head() -> None:
    content = json.dumps({"input": LONG * 50_000, "observations": []}).encode()
    packed = open_plain(BytesIO(gzip.compress(content, mtime=0)))
    assert detection_head(packed) == detection_head(BytesIO(content))


def test_a_string_that_never_ends_gives_a_head() -> None:
    content = b'{"input": "' + b"a" * (2 * HEAD_BYTES)
    assert len(detection_head(BytesIO(content))) <= HEAD_BYTES


@pytest.mark.parametrize("controls", [6, 12])
def test_a_chat_log_that_begins_with_other_records_is_detected(controls: int) -> None:
    lines = [{"kind": "setup", "step": step} for step in range(controls)]
    turns = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    content = "".join(json.dumps(line) + "\n" for line in [*lines, *turns * 10]).encode()
    assert claims(content)[0][0].name in {"openai_messages", "chat_messages"}


@pytest.mark.parametrize(
    ("head", "documents"),
    [
        (b'{"a": [{"b": "x}"}, {"c": "\\"]', [{"a": [{"b": "x}"}, {}]}]),
        (b'[{"a": "\\\\"}, {"b": 12', [[{"a": "\\"}, {}]]),
        (b'{"a": {"b": 1, "c": tru', [{"a": {"b": 1}}]),
        (b'{\n "a": 1\n}\n{\n "b": [1, 2', [{"a": 1}, {"b": [1]}]),
        (b"{", [{}]),
        (b'{"a"', [{}]),
    ],
)
def test_a_cut_document_is_closed(head: bytes, documents: list[object]) -> None:
    assert sample(head) == documents


def test_jaeger_is_detected_before_the_processes_of_its_spans_are_read() -> None:
    span = {"traceID": "a1", "spanID": "b2", "operationName": "chat", "startTime": 1, "tags": []}
    trace = {"traceID": "a1", "spans": [span] * 5000, "processes": {"p1": {}}}
    content = json.dumps({"data": [trace]}).encode()
    assert len(content) > HEAD_BYTES
    assert claims(detection_head(BytesIO(content)))[0][0].name == "otlp"


def test_a_langsmith_run_is_detected_by_the_runs_in_it() -> None:
    run = {"id": "1", "inputs": {"q": "x"}, "name": "step", "outputs": {}, "run_type": "chain"}
    content = json.dumps({"child_runs": [run] * 5000, "run_type": "chain"}).encode()
    assert len(content) > HEAD_BYTES
    assert claims(detection_head(BytesIO(content)))[0][0].name == "langsmith"
