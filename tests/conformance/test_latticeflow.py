"""Our Trace beside the one of the LatticeFlow SDK, on the same values.

The SDK is asked, never read. Where ours refuses what the SDK takes, the reason is in `STRICTER`;
where ours keeps what the SDK loses is told, test by test, in tests/trace/test_derive.py and
tests/trace/test_spans.py.
"""

import json
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.conversions import converted
from tests.trace.making import Value, asked, begin, compaction, end, event
from tests.trace.strategies import conversations, custom_items, events, messages, mutated, traces
from trace_assets.errors import InvalidTraceError, SpanTreeError
from trace_assets.trace import Trace, load, moment, problems

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    sdk = pytest.importorskip(
        "latticeflow.core.dtypes",
        reason="latticeflow-core is not installed: pip install '.[conformance]'",
    )
    latticeflow = pytest.importorskip("latticeflow")

pytestmark = pytest.mark.conformance

STRICTER = {
    "a value without a type": r"\.type: required$",
    "a number written as another kind of value": (
        r": expected (an integer|a number), found the (string|number|boolean) "
    ),
    "a number that JSON cannot write": r"expected a finite number|holds -?(nan|inf), which",
    "a moment that is no ISO 8601 text": (
        r"(timestamp|created_at): expected (a string|an ISO 8601 date and time), found the "
    ),
}
"""Why ours refuses what the SDK takes: no other problem may be the reason."""


def _accepts(value: Any) -> bool:
    try:
        sdk.Trace.model_validate(value, ignore_extra=False)
    except (ValueError, TypeError):
        return False
    return True


@given(mutated())
def test_what_ours_takes_the_sdk_takes_and_what_ours_refuses_has_a_named_reason(
    value: Value,
) -> None:
    found = problems(value)
    if not found:
        assert _accepts(value)
    elif _accepts(value):
        for line in found:
            assert any(re.search(reason, line) for reason in STRICTER.values()), line


@pytest.mark.parametrize(
    ("reason", "value"),
    [
        ("a value without a type", {"items": [{"content": 1}]}),
        (
            "a number written as another kind of value",
            {"items": [], "metadata": {"total_tokens": "5"}},
        ),
        (
            "a number that JSON cannot write",
            {"items": [], "metadata": {"total_time": float("nan")}},
        ),
        (
            "a moment that is no ISO 8601 text",
            {"items": [], "metadata": {"created_at": 1767312000}},
        ),
    ],
)
def test_each_reason_is_one_the_sdk_does_not_share(reason: str, value: Value) -> None:
    assert _accepts(value)
    [line] = problems(value)
    assert re.search(STRICTER[reason], line)


def _comparable(dump: Value) -> str:
    """A dump in which a moment reads the same however many digits it was written with."""
    metadata = dump.get("metadata", {})
    for place, key in [(metadata, "created_at"), *((e, "timestamp") for e in _events(dump))]:
        if key in place:
            place[key] = moment(place[key]).at.isoformat()
    return json.dumps(dump)


def _events(dump: Value) -> list[Value]:
    return dump.get("events", [])


@given(traces)
def test_both_write_the_same(value: Value) -> None:
    ours = load(value).model_dump(mode="json")
    theirs = sdk.Trace.model_validate(value, ignore_extra=False).model_dump(mode="json")
    assert _comparable(ours) == _comparable(theirs)


@given(mutated())
def test_what_ours_writes_the_sdk_writes_again(value: Value) -> None:
    assume(not problems(value))
    ours = load(value).model_dump(mode="json")
    theirs = sdk.Trace.model_validate(ours, ignore_extra=False).model_dump(mode="json")
    assert _comparable(theirs) == _comparable(load(value).model_dump(mode="json"))


_PROPERTIES = [
    "preamble",
    "conversation_items",
    "system_messages",
    "user_messages",
    "assistant_messages",
    "function_calls",
    "function_outputs",
]
_TURN_PROPERTIES = ["assistant_items", "assistant_messages", "function_calls", "function_outputs"]


def _plain(found: Any) -> Any:
    """What a lookup found, as JSON."""
    if isinstance(found, list | tuple):
        return [_plain(each) for each in found]
    return found.model_dump(mode="json") if hasattr(found, "model_dump") else found


def _answers(trace: Any) -> Iterator[tuple[str, Any]]:
    for name in _PROPERTIES:
        yield name, _plain(getattr(trace, name))
    for turn in trace.turns:
        yield "user_message", _plain(turn.user_message)
        yield "pairs of the turn", _plain(turn.function_call_pairs)
        for name in _TURN_PROPERTIES:
            yield f"{name} of the turn", _plain(getattr(turn, name))
    yield "pairs", _plain(trace.get_function_call_pairs())
    yield "last assistant text", trace.get_last_assistant_text()
    yield "last user text", trace.get_last_user_text()
    yield "system prompt", trace.get_first_system_prompt()
    for word in ["a", "b", "c", ""]:
        yield f"calls of {word!r}", _plain(trace.get_function_calls_by_name(word))
        yield f"output for {word!r}", _plain(trace.get_function_output_for_call(word))
    for output in trace.function_outputs:
        yield "output text", trace.get_function_output_text(output)


def _shipped_logs() -> Iterator[Path]:
    """The files of the SDK's packages that hold traces or sessions, found by their rows."""
    for root in sorted(map(Path, latticeflow.__path__)):
        for path in sorted(root.rglob("*.jsonl")):
            with path.open(encoding="utf-8") as lines:
                first = json.loads(lines.readline())
            match first:
                case {"trace": {"items": list()}} | {"items": list()} | {"parentUuid": _}:
                    yield path
                case _:
                    pass


@pytest.mark.parametrize("path", [*_shipped_logs()], ids=lambda path: path.stem)
def test_every_log_with_traces_that_the_sdk_ships_converts_and_loads_strictly(path: Path) -> None:
    conversion = converted([path])
    assert conversion.reasons == []
    assert conversion.rows
    assert not [row for row in conversion.rows if "no_user_message" in row["tags"]]
    for row in conversion.rows:
        sdk.Trace.model_validate(row["trace"], ignore_extra=False)


def test_the_sdk_ships_logs_with_traces() -> None:
    assert len([*_shipped_logs()]) >= 4


@given(traces)
def test_both_answer_the_same(value: Value) -> None:
    assert list(_answers(load(value))) == list(_answers(sdk.Trace.model_validate(value)))


# --- events ----------------------------------------------------------------------------------


@st.composite
def _sound_streams(draw: st.DrawFn) -> list[Value]:
    """Events as a sound log has them: spans that form a tree, one conversation in each."""
    tells_messages = draw(st.booleans())
    stream: list[Value] = []
    _fill(draw, stream, [], tells_messages)
    for index, each in enumerate(stream):
        each.setdefault("id", f"e{index}")
    match draw(st.sampled_from(["as written", "interleaved", "timed"])):
        case "interleaved":
            return _interleaved(draw, stream)
        case "timed":
            return _timed(draw, stream, tells_messages)
        case _:
            return stream


def _interleaved(draw: st.DrawFn, stream: list[Value]) -> list[Value]:
    """The same events with the marks of spans anywhere, the order of all others kept."""
    return sorted(
        stream, key=lambda each: draw(st.integers(0, 3)) if "span_" in each["type"] else 0
    )


def _timed(draw: st.DrawFn, stream: list[Value], any_time: bool) -> list[Value]:
    """The same events with times, which alone say what the order was."""
    seconds = [draw(st.integers(0, 59)) if any_time else index for index in range(len(stream))]
    return draw(
        st.permutations(
            [
                {**each, "timestamp": f"2026-01-01T00:{second // 60:02}:{second % 60:02}Z"}
                for each, second in zip(stream, seconds, strict=True)
            ]
        )
    )


def _fill(draw: st.DrawFn, stream: list[Value], path: list[str], tells_messages: bool) -> None:
    inside = {"span_id": path[-1]} if path else {}
    told = _told(draw) if tells_messages else _asked(draw)
    for each in told:
        stream.append({**each, **inside})
        if len(path) < 2 and draw(st.integers(0, 3)) == 0:
            span = f"{'/'.join(path)}/{len(stream)}"
            stream.append({**begin(span, path[-1] if path else None), "span_type": "agent"})
            _fill(draw, stream, [*path, span], tells_messages)
            stream.append(end(span))


def _told(draw: st.DrawFn) -> list[Value]:
    """Messages and completed or running calls."""
    told: list[Value] = []
    for each in draw(st.lists(messages | custom_items, max_size=3)):
        told.append(event("message_event", item=each))
        if draw(st.booleans()):
            status = draw(st.sampled_from(["completed", "in_progress"]))
            told.append(
                event(
                    "function_call_event",
                    call_id=draw(st.sampled_from("abc")),
                    function="f",
                    arguments="{}",
                    result="found" if status == "completed" else "",
                    status=status,
                )
            )
    return told


def _asked(draw: st.DrawFn) -> list[Value]:
    """Model calls, each with the whole conversation before it, summarised now and then."""
    whole = draw(conversations())
    told: list[Value] = []
    start = 0
    for stop in range(1, len(whole) + 1):
        if draw(st.booleans()):
            told.append(asked(whole[start : stop - 1], whole[stop - 1 : stop]))
            if draw(st.integers(0, 4)) == 0:
                told.append({k: v for k, v in compaction("summary").items() if k != "id"})
                start = stop
    return told


def _told_by(trace: Any, depth: int = 0) -> Iterator[Any]:
    """What a trace and its spans say, without the ids of derived items."""
    assert depth < 10
    derived = {event.call_id for event in trace.events if event.type == "function_call_event"}
    for item in _plain(trace.items):
        item = {"type": _kind(item), **item}  # the SDK leaves the type of what it derives unset
        if item.get("call_id") in derived:
            del item["id"]
        yield item
    yield [event.id for event in trace.events]
    for span in trace.spans():
        yield (depth, span.span_id, span.span_name, span.span_type)
        yield from _told_by(span, depth + 1)


def _kind(item: Value) -> str:
    return "function_call_output" if "output" in item else "function_call"


@given(_sound_streams())
def test_both_derive_the_same_from_a_sound_log(stream: list[Value]) -> None:
    theirs = sdk.Trace.from_events(
        [sdk.TRACE_EVENT_TYPE_ADAPTER.validate_python(each) for each in stream]
    )
    ours = Trace.from_events(stream)
    assert list(_told_by(ours)) == list(_told_by(theirs))


@given(st.lists(events, max_size=6))
def test_ours_keeps_what_the_sdk_keeps_of_any_log(stream: list[Value]) -> None:
    stream = [{k: v for k, v in each.items() if k != "timestamp"} for each in stream]
    try:
        ours = Trace.from_events(stream)
    except (SpanTreeError, InvalidTraceError):
        assume(False)
        return
    theirs = sdk.Trace.from_events(
        [sdk.TRACE_EVENT_TYPE_ADAPTER.validate_python(each) for each in stream]
    )
    kept = [_content(item) for item in _plain(ours.items)]
    assert all(_content(item) in kept for item in _plain(theirs.items))


def _content(item: Value) -> Value:
    return {"type": _kind(item), **item} | {"id": None}


# --- goldens ---------------------------------------------------------------------------------

_FIXTURES = Path(__file__).parent.parent / "formats" / "fixtures"
_GOLDENS = sorted(_FIXTURES.rglob("*.golden.json"))


def _traces_in(value: Any) -> Iterator[Any]:
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, dict) and isinstance(part.get("trace"), dict):
            yield part["trace"]
        elif isinstance(part, dict | list):
            pending.extend(part.values() if isinstance(part, dict) else part)


@pytest.mark.skipif(not _GOLDENS, reason="no goldens yet")
@pytest.mark.parametrize("golden", _GOLDENS, ids=lambda path: path.parent.name + "/" + path.name)
def test_every_golden_trace_loads_in_the_sdk_and_is_written_the_same(golden: Path) -> None:
    for value in _traces_in(json.loads(golden.read_bytes())):
        theirs = sdk.Trace.model_validate(value, ignore_extra=False).model_dump(mode="json")
        assert _comparable(theirs) == _comparable(load(value).model_dump(mode="json"))
