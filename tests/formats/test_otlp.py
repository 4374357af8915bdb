"""OpenTelemetry spans: what holds for all of them, beside what the goldens show."""

import json
import os
from base64 import b64encode
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.leaves import lost
from tests.conversions import Conversion, converted, converted_bytes, is_balanced
from tests.formats import hostile
from trace_assets.convert import claims
from trace_assets.formats import Assembled, ContextOnlyError, Part, UnknownShapeError, formats
from trace_assets.formats.otlp.values import any_value, attributes_of, opened_text
from trace_assets.guards.kinds import unknown_in
from trace_assets.judge import judge_value
from trace_assets.reading import Around, Context, Place, Record, open_plain
from trace_assets.reading.detection import detection_head
from trace_assets.trace.build import encode

FIXTURES = Path(__file__).parent / "fixtures" / "otlp"
FORMAT = formats()["otlp"]
TRACE = "0af7651916cd43dd8448eb211c80319c"
START = 1_767_348_000_000_000_000

Value = dict[str, Any]


def span(number: int, parent: int = 0, *, trace: str = TRACE, **attributes: Any) -> Value:
    return {
        "traceId": trace,
        "spanId": f"{number:016x}",
        "parentSpanId": f"{parent:016x}" if parent else "",
        "name": attributes.pop("name", f"span {number}"),
        "startTimeUnixNano": str(START + number * 10**9),
        "endTimeUnixNano": str(START + 10**12 - number),
        "attributes": [typed(key, value) for key, value in attributes.items()],
    }


def typed(key: str, value: Any) -> Value:
    kind = "intValue" if isinstance(value, int) else "stringValue"
    return {"key": key.replace("__", "."), "value": {kind: str(value)}}


def chat(number: int, parent: int = 0, *, asked: str = "", answered: str = "") -> Value:
    words = {"gen_ai__prompt": asked, "gen_ai__completion": answered}
    said = {key: text for key, text in words.items() if text}
    return span(
        number, parent, gen_ai__operation__name="chat", gen_ai__request__model="small", **said
    )


def document(*spans: Value) -> bytes:
    inside = [{"scope": {"name": "test"}, "spans": list(spans)}]
    return json.dumps({"resourceSpans": [{"resource": {}, "scopeSpans": inside}]}).encode()


def lines(*spans: Value) -> bytes:
    return b"".join(document(each) + b"\n" for each in spans)


def read(content: bytes) -> Conversion:
    conversion = converted_bytes(content)
    assert is_balanced(conversion.ledger)
    return conversion


def said(trace: Value) -> list[tuple[str, str]]:
    return [
        (item["role"], part["text"])
        for item in trace["items"]
        if item["type"] == "message"
        for part in item["content"]
    ]


# --- bringing spans together -----------------------------------------------------------------


def test_spans_make_the_same_trace_in_any_order_and_any_number_of_files(tmp_path: Path) -> None:
    spans = [
        span(1, name="turn"),
        chat(2, 1, asked="Hi", answered="Hello"),
        chat(3, 1, asked="Bye", answered="Farewell"),
    ]
    [whole] = read(lines(*spans)).traces
    for number, each in enumerate(reversed(spans)):
        (tmp_path / f"{number}.jsonl").write_bytes(lines(each))
    conversion = converted([tmp_path])
    [scattered] = conversion.traces
    assert scattered["items"] == whole["items"]
    assert scattered["events"] == whole["events"]
    assert conversion.ledger["merged"] == 2
    assert said(whole)[0] == ("user", "Hi")


@pytest.mark.parametrize(
    "spelled",
    [
        lambda digits: digits.upper(),
        lambda digits: f"0x{digits}",
        lambda digits: b64encode(bytes.fromhex(digits)).decode(),
    ],
    ids=["upper case", "0x", "base64"],
)
def test_ids_in_any_spelling_name_one_span(spelled: Any) -> None:
    root, inside = span(0xA1), chat(0xB2, 0xA1, asked="Hi", answered="Hello")
    other = {**inside, **{key: spelled(inside[key]) for key in ("traceId", "spanId")}}
    other["parentSpanId"] = spelled(inside["parentSpanId"])
    [trace] = read(lines(root, other)).traces
    assert trace["metadata"]["trace_id"] == TRACE
    assert "span_defects" not in trace["metadata"]["extra"]
    [call] = [event for event in trace["events"] if event["type"] == "model_call_event"]
    assert call["span_id"] == inside["parentSpanId"]


def test_a_span_in_two_encodings_is_counted_once() -> None:
    one = chat(2, asked="Hi", answered="Hello")
    other = {**one, "traceId": b64encode(bytes.fromhex(TRACE)).decode()}
    conversion = read(lines(one, other))
    assert (conversion.ledger["converted"], conversion.ledger["duplicate"]) == (1, 1)


def test_an_unfinished_span_gives_way_to_the_finished_one_whichever_came_first() -> None:
    done = chat(2, asked="Hi", answered="Hello")
    begun = {**chat(2, asked="Hi"), "endTimeUnixNano": "0"}
    for spans in ([begun, done], [done, begun]):
        conversion = read(lines(*spans))
        [trace] = conversion.traces
        assert said(trace) == [("user", "Hi"), ("assistant", "Hello")]
        assert conversion.ledger["duplicate"] == 1


def test_spans_without_recorded_words_are_a_trace_of_events() -> None:
    conversion = read(lines(span(1, name="GET /"), chat(2, 1)))
    [trace] = conversion.traces
    assert trace["items"] == []
    assert [event["type"] for event in trace["events"]] == [
        "span_begin",
        "model_call_event",
        "span_end",
    ]
    assert conversion.rows[0]["model"] == "small"


def test_a_request_in_an_array_is_read_like_one_in_a_line() -> None:
    spans = [span(1, name="turn"), chat(2, 1, asked="Hi", answered="Hello")]
    [of_lines] = read(lines(*spans)).traces
    requests = [json.loads(document(each)) for each in spans]
    conversion = read(json.dumps(requests).encode())
    [of_array] = conversion.traces
    assert (of_array["items"], of_array["events"]) == (of_lines["items"], of_lines["events"])
    assert conversion.ledger["records"] == 2


def test_log_records_of_a_conversation_without_traces_are_one_trace() -> None:
    def log(second: int, name: str, body: str) -> Value:
        return {
            "timeUnixNano": str(START + second * 10**9),
            "eventName": name,
            "body": {"stringValue": body},
            "attributes": [typed("session.id", "s-1")],
        }

    records = [log(1, "gen_ai.user.message", "Hi"), log(2, "tool.started", "look")]
    inside = [{"scope": {}, "logRecords": records}]
    [trace] = read(
        json.dumps({"resourceLogs": [{"resource": {}, "scopeLogs": inside}]}).encode()
    ).traces
    assert trace["metadata"]["trace_id"] == "s-1"
    assert said(trace) == [("user", "Hi")]
    assert [event["name"] for event in trace["events"] if event["type"] == "custom"] == [
        "tool.started"
    ]


# --- what attributes say ---------------------------------------------------------------------


def test_the_words_around_calls_are_used_only_where_the_calls_have_none() -> None:
    around: Value = {
        "openinference__span__kind": "AGENT",
        "input__value": "Hi",
        "output__value": "Hello",
    }
    [silent] = read(lines(span(1, **around), chat(2, 1))).traces
    assert said(silent) == [("user", "Hi"), ("assistant", "Hello")]
    [spoken] = read(lines(span(1, **around), chat(2, 1, asked="Hi!", answered="Yes?"))).traces
    assert said(spoken) == [("user", "Hi!"), ("assistant", "Yes?")]


def test_a_request_that_says_more_than_the_numbered_messages_is_kept() -> None:
    request = {"messages": [{"role": "user", "content": "Hi"}], "seed": 7}
    attributes: Value = {
        "openinference__span__kind": "LLM",
        "llm__input_messages__0__message__role": "user",
        "llm__input_messages__0__message__content": "Hi",
        "input__value": json.dumps(request),
    }
    conversion = read(lines(span(1, **attributes)))
    [trace] = conversion.traces
    assert said(trace) == [("user", "Hi")]
    assert trace["events"][0]["metadata"]["input.value"] == {"seed": 7}


def test_numbered_attributes_with_gaps_and_clashes_lose_nothing() -> None:
    attributes: Value = {
        "gen_ai__prompt__10__role": "user",
        "gen_ai__prompt__10__content": "second",
        "gen_ai__prompt__2__role": "user",
        "gen_ai__prompt__2__content": "first",
        "gen_ai__prompt__2__content__deeper": "clashes",
        "gen_ai__prompt__name": "no index",
    }
    [trace] = read(lines(span(1, gen_ai__request__model="small", **attributes))).traces
    assert said(trace) == [("user", "first"), ("user", "second")]
    left = trace["events"][0]["metadata"]
    assert left["gen_ai.prompt.2.content.deeper"] == "clashes"
    assert left["gen_ai.prompt.name"] == "no index"


def test_deeply_nested_values_are_opened_without_recursion() -> None:
    value: Value = {"stringValue": "core"}
    for _ in range(50_000):
        value = {"arrayValue": {"values": [value]}}
    opened = any_value(value)
    for _ in range(50_000):
        [opened] = opened
    assert opened == "core"


def test_a_long_chain_of_agents_is_read_in_one_pass() -> None:
    agents = [
        span(number, number - 1, openinference__span__kind="AGENT") for number in range(1, 20_001)
    ]
    parts = [Part(Record(Place("f", 0, 0, 0, "0"), each, b"{}"), {}) for each in agents]
    assert FORMAT.gather is not None
    [made] = FORMAT.gather.assemble(parts)
    assert isinstance(made, Assembled)
    assert len(made.converted.trace["events"]) == 40_000


# --- telling, and hostile input --------------------------------------------------------------


@pytest.mark.parametrize(
    "document",
    [
        {"id": "r1", "trace_id": "t1", "run_type": "llm", "inputs": {}, "dotted_order": "1"},
        {"id": "o1", "traceId": "t1", "type": "GENERATION", "input": "Hi", "output": "Hello"},
        {"object": "trace.span", "id": "s1", "trace_id": "t1", "span_data": {"type": "agent"}},
        {"info": {"trace_id": "t1"}, "data": {"spans": [{"span_id": "s", "trace_id": "t1"}]}},
        {"messages": [{"role": "user", "content": "Hi"}]},
        {"event_type": "file_read", "trace_id": "t1", "span_id": "s1"},
    ],
    ids=["langsmith", "langfuse", "agents sdk", "mlflow", "chat", "audit log"],
)
def test_records_of_other_tools_are_not_claimed(document: Value) -> None:
    assert FORMAT.detect([document]) is None
    assert FORMAT.detect([[document]]) is None


@pytest.mark.parametrize("none", [None, "", 0, "0" * 16])
def test_spans_whose_ids_are_empty_are_told_by_the_places_for_them(none: Any) -> None:
    flat = {"name": "chat", "span_id": none, "trace_id": none, "attributes": {"llm.input": "Hi"}}
    nested = {"name": "chat", "context": {"span_id": none, "trace_id": none}, "attributes": {}}
    for span in (flat, nested):
        claim = FORMAT.detect([span])
        assert claim
        assert claim.strength == 2
    conversion = converted_bytes(json.dumps([flat]).encode())
    assert [row["format"] for row in conversion.rows] == ["otlp"]


def parts_of(path: Path) -> list[Part]:
    files = sorted(each for each in [path, *path.rglob("*")] if each.is_file())
    return [part for file in files for part in parts_of_file(file)]


def parts_of_file(path: Path) -> Iterator[Part]:
    around = Around()
    with path.open("rb") as stream:
        for item in FORMAT.read(stream, file=path.name, shape=FORMAT.shape):
            if isinstance(item, Context):
                around.add(item)
            elif isinstance(item, Record):
                yield Part(item, dict(around.of(item.place)))


PARTS = [
    parts_of(path)
    for path in sorted(FIXTURES.iterdir())
    if not path.name.endswith(".golden.json") and path.name != "odd_records.json"
]

ODD: tuple[Any, ...] = (
    *("[{'a': 1}]", '{"role": "user"}', "[1, 2]", "[", '{"messages": [1]}', "2026", 10**25),
    *([[]], [{"role": "user"}], {"stringValue": 5}, {"values": [3]}, {"key": "a", "value": {}}),
)
"""What is odd in a span only, beside what is odd in any record."""


@st.composite
def mutated(draw: st.DrawFn) -> list[Part]:
    """The parts of a fixture with members dropped, or replaced by what does not belong there."""
    parts: list[Part] = []
    for part in draw(st.sampled_from(PARTS)):
        value = draw(hostile.mutated(part.record.value))
        attribute = draw(st.sampled_from(["name", "events", "attributes", "traceId", "status"]))
        if draw(st.booleans()):
            value[attribute] = draw(st.sampled_from(ODD))
        parts.append(Part(part.record._replace(value=value, raw=encode(value)), part.context))
    return parts


def made_of(parts: Sequence[Part]) -> Iterator[Value]:
    """The traces of parts, one by one and together; what is refused on purpose is no trace."""
    gather = FORMAT.gather
    assert gather is not None
    for part in parts:
        try:
            if gather.key(part.record, part.context) is None:
                yield FORMAT.convert(part.record, part.context).trace
        except (UnknownShapeError, ContextOnlyError):
            pass
    for outcome in gather.assemble(parts):
        if isinstance(outcome, Assembled):
            yield outcome.converted.trace


@settings(max_examples=150)
@given(mutated())
def test_whatever_a_record_holds_it_becomes_a_sound_trace_or_is_refused(parts: list[Part]) -> None:
    for trace in made_of(parts):
        judgement = judge_value(trace)
        assert judgement.reason in ("", "empty_trace"), judgement.problems


# --- real logs -------------------------------------------------------------------------------

CORPUS = os.environ.get("TRACE_ASSETS_CORPUS")
LOGS = sorted(Path(CORPUS).glob("otel/*/*.json*")) if CORPUS else []
OTHERS = {"demo_trace.json"}
"""Logs that a collector of traces holds in another format."""
with_corpus = pytest.mark.skipif(not CORPUS, reason="TRACE_ASSETS_CORPUS names no folder")

_UNSAID = ("tool", "image")
"""What a role or the kind of a part says by itself."""


@pytest.mark.corpus
@with_corpus
@pytest.mark.parametrize("path", LOGS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_real_log_is_told_and_read_without_loss(path: Path) -> None:
    if path.name in OTHERS:
        pytest.skip("another format")
    with path.open("rb") as file:
        [(format, _), *_] = claims(detection_head(open_plain(file)))
    assert format.name == "otlp"
    conversion = converted([path])
    assert is_balanced(conversion.ledger)
    assert conversion.quarantine == []
    kept = [conversion.rows, conversion.context]
    values = [value for part in parts_of(path) for value in said_by(part.record.value)]
    missing = {line.partition(": ")[0] for line in lost(values, kept)}
    unquoted = [opened_text(values[int(pointer.split("/")[1])]) for pointer in missing]
    assert [value for value in unquoted if lost(value, kept) and value not in _UNSAID] == []


def said_by(record: Value) -> Iterator[Any]:
    """What the attributes of a span and of its events say; ids and times are not here."""
    for each in [record, *(record.get("events") or [])]:
        yield from attributes_of(each.get("attributes")).values()


def test_session_tags_and_cost_are_read_where_a_table_nests_them() -> None:
    span = {
        "context": {"trace_id": "c" * 32, "span_id": "a" * 16},
        "name": "chat",
        "span_kind": "LLM",
        "start_time": "2026-01-01T00:00:00+00:00",
        "attributes": {
            "llm": {
                "model_name": "m",
                "cost": {"prompt": 0.25, "completion": 0.5},
                "token_count": {"prompt": 4, "completion": 1},
                "input_messages": [{"message": {"role": "user", "content": "Hey"}}],
                "output_messages": [{"message": {"role": "assistant", "content": "Yo"}}],
            },
            "session": {"id": "s"},
            "user": {"id": "u"},
            "tag": {"tags": ["a"]},
        },
    }
    (row,) = converted_bytes(json.dumps(span).encode() + b"\n").rows
    assert (row["conversation_id"], row["user_id"], row["tags"]) == ("s", "u", ["a"])
    assert (row["cost_usd"], row["input_tokens"], row["output_tokens"]) == (0.75, 4, 1)


def test_an_event_of_a_known_namespace_that_is_new_is_an_unknown_kind() -> None:
    assert FORMAT.kinds is not None
    named = {"timeUnixNano": "1", "attributes": [typed("event.name", "codex.dreamed")]}
    printed = {"timeUnixNano": "1", "body": {"stringValue": "claude_code.dreamed"}}
    inside = {**span(1), "events": [{"name": "gen_ai.dreamed"}, {"name": "gen_ai.choice"}]}
    found = [unknown_in(record, FORMAT.kinds) for record in (named, printed, inside)]
    assert found == [
        ("event/codex.dreamed",),
        ("event/claude_code.dreamed",),
        ("event/gen_ai.dreamed",),
    ]


def test_messages_that_name_no_span_stay_apart_where_it_is_not_certain_whose_they_are() -> None:
    calls = [chat(1), chat(2)]
    said = [
        ("gen_ai.user.message", "Why?"),
        ("gen_ai.choice", "So."),
        ("gen_ai.user.message", "Oh"),
    ]
    logs = [
        {
            "traceId": TRACE,
            "timeUnixNano": str(START + 10**11 + number),
            "eventName": name,
            "body": {"stringValue": text},
        }
        for number, (name, text) in enumerate(said)
    ]
    resource = {"scopeLogs": [{"logRecords": logs}]}
    both = {**json.loads(document(*calls)), "resourceLogs": [resource]}
    (trace,) = converted_bytes(json.dumps(both).encode(), format="otlp").traces
    called = [event for event in trace["events"] if event["type"] == "model_call_event"]
    assert [event["metadata"]["span_id"] for event in called][-1] == "logs"
    assert len(trace["items"]) == 3


def test_the_cost_that_langfuse_writes_as_json_is_read() -> None:
    cost = json.dumps({"input": 0.001, "output": 0.002})
    named = {"langfuse.observation.cost_details": cost, "gcp.vertex.agent.session_id": "s-1"}
    one = chat(1, asked="Low tide?", answered="At six.")
    one["attributes"] += [typed(key, value) for key, value in named.items()]
    (row,) = read(document(one)).rows
    assert (row["cost_usd"], row["conversation_id"]) == (pytest.approx(0.003), "s-1")


def test_the_usage_and_the_answers_of_microsofts_agents_are_read() -> None:
    """Semantic Kernel's first names of tokens, and a text as Azure's agents have it."""
    one = chat(1, asked="Low tide?")
    one["attributes"] += [
        typed("gen_ai.response.prompt_tokens", 7),
        typed("gen_ai.response.completion_tokens", 2),
    ]
    content = {"role": "assistant", "content": {"text": {"value": "At six."}}}
    event = [typed("gen_ai.event.content", json.dumps(content))]
    one["events"] = [{"name": "gen_ai.choice", "timeUnixNano": str(START), "attributes": event}]
    (row,) = read(document(one)).rows
    assert (row["input_tokens"], row["output_tokens"]) == (7, 2)
    assert said(row["trace"]) == [("user", "Low tide?"), ("assistant", "At six.")]
