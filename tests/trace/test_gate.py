import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.trace.making import assistant, begin, call, end, output, said, user
from tests.trace.strategies import Value, mutated, traces
from trace_assets.enrich import Defaults, facts_of
from trace_assets.errors import SpanTreeError
from trace_assets.rules import check
from trace_assets.trace import Trace, extra, gate, load_json, problems, span_tree


def _in_json(value: object) -> bytes:
    return json.dumps(value).encode()


@given(traces)
def test_the_gate_takes_every_explicit_trace_and_sees_what_the_model_sees(value: Value) -> None:
    trace = Trace.model_validate(value)
    for view in (gate.decode(_in_json(value)), gate.convert(value)):
        assert [item.type for item in view.items] == [item.type for item in trace.items]
        assert [event.id for event in view.events or []] == [e.id for e in trace.events or []]
        assert view.get_last_user_text() == trace.get_last_user_text()
        assert view.get_last_assistant_text() == trace.get_last_assistant_text()
        assert len(view.turns) == len(trace.turns)
        assert [call.call_id for call in view.function_calls] == [
            call.call_id for call in trace.function_calls
        ]
        assert (view.metadata is None) == (trace.metadata is None)


@given(mutated())
@example({"items": [{"id": "x"}]})
@example({"items": [{"type": "message", "id": "x", "status": "completed", "content": []}]})
@example({"items": [], "metadata": {"total_time": float("nan")}})
@example({"items": [], "metadata": {"created_at": "2026-02-30"}})
@example({"items": [], "events": [{"type": "error", "message": "no id"}]})
def test_what_the_gate_takes_the_model_takes(value: Value) -> None:
    try:
        gate.decode(_in_json(value))
    except gate.RefusedError:
        return
    assert load_json(_in_json(value))
    assert problems(value) == []


_EXTRA = _in_json({"items": [user("hi", unknown="?")]})


@pytest.mark.parametrize(
    "hostile",
    [
        b'"\\ud83d"',
        b'"\xff"',
        b"1e400",
        b"1" + b"0" * 5000,
        b'"\\q"',
        b'"\n"',
        b"NaN",
        b"01",
        b"[,]",
    ],
)
def test_unknown_keys_are_looked_at_too(hostile: bytes) -> None:
    with pytest.raises(gate.RefusedError):
        gate.decode(_EXTRA.replace(b'"?"', hostile))


@given(traces, st.data())
def test_one_wrong_byte_is_not_taken_unless_the_model_takes_it(
    value: Value, data: st.DataObject
) -> None:
    line = bytearray(_in_json(value))
    line[data.draw(st.integers(0, len(line) - 1))] = data.draw(st.integers(0, 255))
    try:
        gate.decode(bytes(line))
    except gate.RefusedError:
        return
    assert load_json(bytes(line))


@given(traces)
def test_what_was_taken_once_reads_the_same_again(value: Value) -> None:
    line = _in_json(value)
    row = b'{"trace":%s,"trace_id":"t"}' % line
    assert gate.decode_row(row) == gate.decode(line)
    assert gate.decode(line) == gate.convert(value)


@given(traces)
@example({"items": [user("hi", usage={"input_tokens": 1}, cost=0.5, timestamp="2026-01-02")]})
def test_rules_and_facts_see_in_an_outline_what_they_see_in_the_trace(value: Value) -> None:
    outline = gate.decode_outline(b'{"trace":%s,"trace_id":"t"}' % _in_json(value))
    view = gate.convert(value)
    assert check(outline) == check(view)
    assert facts_of(outline, defaults=Defaults()) == facts_of(view, defaults=Defaults())


@given(mutated())
@example({"items": [{"type": "message", "id": "x", "status": "completed", "content": []}]})
def test_what_the_gate_converts_the_model_takes(value: Value) -> None:
    strict = json.loads(json.dumps(value), parse_constant=lambda _: None)
    try:
        gate.convert(strict)
    except gate.RefusedError:
        return
    assert problems(strict) == []


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_json_cannot_write_is_not_converted(number: float) -> None:
    with pytest.raises(gate.RefusedError):
        gate.convert({"items": [], "metadata": {"total_time": number}})


@given(st.binary(max_size=30))
def test_junk_is_refused_and_never_breaks(junk: bytes) -> None:
    with pytest.raises(gate.RefusedError):
        gate.decode(junk)


@pytest.mark.parametrize("opening", [b"[", b'{"items":', b'{"items":[],"span_id":[', b'{"x":['])
def test_nesting_without_end_is_refused(opening: bytes) -> None:
    with pytest.raises(gate.RefusedError):
        gate.decode(b'{"items":[],"metadata":{"extra":' + opening * 5000)


def test_a_key_given_twice_with_two_types_is_refused() -> None:
    line = _in_json({"items": [user("hi")]}).replace(
        b'"type": "message",', b'"type": "message", "type": "function_call",'
    )
    with pytest.raises(gate.RefusedError):
        gate.decode(line)


def test_a_view_answers_like_a_trace() -> None:
    value = {
        "items": [
            user("Is it open?", created_by="web"),
            call("c", "opening_hours", '{"shop": "bakery"}', original_call_id=None),
            output("c", [{"type": "input_text", "text": "until 18:00"}], error="slow"),
            assistant("Until six."),
        ],
        "metadata": {"model": "m-1"},
        "events": [said(user("Is it open?"), timestamp="2026-01-02T03:04:05.123456789Z")],
    }
    view = gate.decode(_in_json(value))

    [turn] = view.turns
    [(asked, answered)] = turn.function_call_pairs
    assert answered is not None
    assert view.FORMAT == "open_responses"
    assert view.metadata is not None
    assert view.metadata.model == "m-1"
    assert view.get_function_call_arguments(asked) == {"shop": "bakery"}
    assert view.get_function_output_text(answered) == "until 18:00"
    assert turn.user_message.role == "user"
    assert view.events is not None
    assert view.events[0].timestamp == "2026-01-02T03:04:05.123456789Z"
    assert view.events[0].type == "message_event"
    assert view.events[0].item.type == "message"


def test_the_spans_of_a_view_can_be_checked() -> None:
    events = [begin("a"), begin("b", "a"), end("b"), begin("c", "z")]
    view = gate.decode(_in_json({"items": [], "events": events}))
    assert view.events is not None
    with pytest.raises(SpanTreeError, match=r"events\[3\]\.parent_span_id"):
        span_tree(view.events)
    assert sorted(filter(None, span_tree(view.events[:3]))) == ["a", "b"]


@pytest.mark.parametrize("name", gate.KNOWN_EXTRAS)
def test_well_known_extras_read_the_same_from_a_view_and_from_a_trace(name: str) -> None:
    items = [user("hi", **{name: {"a": 1}}), call("c"), output("c")]
    line = _in_json({"items": items})
    for read in (gate.decode(line), load_json(line)):
        assert [extra(item, name) for item in read.items] == [{"a": 1}, None, None]


def test_an_event_without_an_id_is_left_to_the_model_which_gives_it_one() -> None:
    line = _in_json({"items": [], "events": [{"type": "error", "message": "boom"}]})
    with pytest.raises(gate.RefusedError):
        gate.decode(line)
    trace = load_json(line)
    assert trace.events is not None
    assert trace.events[0].id == "event:0"
