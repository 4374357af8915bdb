import gc
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trace.making import (
    Value,
    asked,
    assistant,
    begin,
    call,
    called,
    compaction,
    end,
    event,
    output,
    said,
    system,
    user,
)
from tests.trace.strategies import conversations
from trace_assets.trace import Trace, extra

_SYSTEM, _ONE, _DID, _TWO, _DONE = (
    system("sys"),
    user("one"),
    assistant("did"),
    user("two"),
    assistant("done"),
)


def _items(*events: Value) -> list[str]:
    """The derived items by id."""
    return [getattr(item, "id", "?") for item in Trace.from_events(list(events)).items]


def test_messages_and_calls_become_items_in_order() -> None:
    assert _items(said(_ONE), called("c"), said(_DID)) == [
        "one",
        "called c:call",
        "called c:output",
        "did",
    ]


def test_with_a_message_event_anywhere_model_calls_tell_nothing_new() -> None:
    assert _items(
        asked([_ONE], [_DID]), begin("s"), said(_TWO, span_id="s"), end("s")
    ) == []  # fmt: skip


def test_a_running_call_has_no_output_yet() -> None:
    assert _items(said(_ONE), called("c", "", "in_progress")) == ["one", "called c:call"]


def test_kept_where_the_sdk_drops_it_the_result_of_an_incomplete_call() -> None:
    trace = Trace.from_events([said(_ONE), called("c", "half of it", "incomplete")])
    [found] = trace.function_outputs
    assert (found.output, found.status) == ("half of it", "incomplete")


def test_kept_where_the_sdk_drops_it_the_error_of_an_incomplete_call() -> None:
    trace = Trace.from_events([said(_ONE), called("c", "", "incomplete", error="no such shop")])
    [found] = trace.function_outputs
    assert (found.output, extra(found, "error")) == ("", "no such shop")


def test_one_conversation_is_its_last_context_and_output() -> None:
    assert _items(asked([_SYSTEM, _ONE], [_DID]), asked([_SYSTEM, _ONE, _DID, _TWO], [_DONE])) == [
        "sys",
        "one",
        "did",
        "two",
        "done",
    ]


def test_a_result_that_a_later_context_repeats_is_there_once() -> None:
    assert _items(
        asked([_ONE], [call("c")]),
        called("c"),
        asked([_ONE, call("c"), output("c")], [_DONE]),
    ) == ["one", "call of c", "output of c", "done"]


def test_kept_where_the_sdk_drops_it_a_result_that_no_context_repeats() -> None:
    assert _items(asked([_ONE], [call("c")]), called("c")) == [
        "one",
        "call of c",
        "called c:output",
    ]


def test_kept_where_the_sdk_drops_them_function_calls_alone() -> None:
    assert _items(called("c")) == ["called c:call", "called c:output"]


def test_kept_where_the_sdk_drops_them_earlier_independent_calls() -> None:
    assert _items(asked([_SYSTEM, _ONE], [_DID]), asked([_SYSTEM, _TWO], [_DONE])) == [
        "sys",
        "one",
        "did",
        "two",
        "done",
    ]


def test_kept_where_the_sdk_drops_it_history_that_a_context_left_out() -> None:
    assert _items(
        asked([_SYSTEM, _ONE], [_DID]), asked([_SYSTEM, _DID, _TWO], [_DONE])
    ) == ["sys", "one", "did", "two", "done"]  # fmt: skip


def test_after_a_summary_the_old_and_the_new_context_are_both_told() -> None:
    summary = user("so far: one")
    assert _items(
        asked([_SYSTEM, _ONE], [_DID]),
        compaction("summary"),
        asked([_SYSTEM, summary, _TWO], [_DONE]),
    ) == ["sys", "one", "did", "sys", "so far: one", "two", "done"]


def test_what_was_trimmed_is_put_back() -> None:
    assert _items(
        asked([_SYSTEM, _ONE], [_DID]), compaction("trim"), asked([_DID, _TWO], [_DONE])
    ) == ["sys", "one", "did", "two", "done"]  # fmt: skip


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ([], ["sys", "one", "did"]),
        ([asked([_TWO], [_DONE])], ["sys", "one", "did", "two", "done"]),
        ([asked([_SYSTEM, _TWO], [_DONE])], ["sys", "one", "did", "two", "done"]),
    ],
    ids=["nothing after", "nothing left", "system prompt kept"],
)
def test_kept_where_the_sdk_drops_it_trimmed_history(
    after: list[Value], expected: list[str]
) -> None:
    assert _items(asked([_SYSTEM, _ONE], [_DID]), compaction("trim"), *after) == expected


def test_kept_where_the_sdk_drops_it_trimmed_history_of_items_without_ids() -> None:
    one, did, two, done = ({**item, "id": ""} for item in (_ONE, _DID, _TWO, _DONE))
    trace = Trace.from_events([asked([one], [did]), compaction("trim"), asked([did, two], [done])])
    assert [message.model_dump()["content"][0]["text"] for message in trace.items] == [
        "one",
        "did",
        "two",
        "done",
    ]


def test_errors_and_custom_events_alone_have_no_items() -> None:
    assert _items(event("error", message="boom"), event("custom", name="x", data={})) == []


@given(conversations(), st.data())
def test_however_a_conversation_is_cut_into_model_calls_it_comes_out_whole(
    said_and_done: list[Value], data: st.DataObject
) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(said_and_done)), max_size=3).map(sorted))
    bounds = [0, *cuts, len(said_and_done)]
    events = [
        asked(said_and_done[:start], said_and_done[start:stop]) for start, stop in pairwise(bounds)
    ]
    trace = Trace.from_events(events)
    assert trace.model_dump(mode="json")["items"] == said_and_done


def _long_log(calls: int, *, compacted: bool) -> list[Value]:
    events: list[Value] = []
    for index in range(calls):
        events.append(asked([_SYSTEM, user(f"u{index}")], [assistant(f"a{index}")]))
        events.append(called(f"c{index}", model_call_id=f"e{len(events) - 1}"))
        if compacted:
            events.append(compaction("summary" if index % 2 else "trim"))
    return [{**each, "id": f"e{index}"} for index, each in enumerate(events)]


@pytest.mark.parametrize("compacted", [False, True])
def test_time_grows_with_the_log_and_not_with_its_square(compacted: bool) -> None:
    def seconds(calls: int) -> float:
        events = _long_log(calls, compacted=compacted)
        gc.disable()  # its pauses grow with all that the process holds
        try:
            start = time.process_time()
            trace = Trace.from_events(events)
            taken = time.process_time() - start
        finally:
            gc.enable()
        assert len(trace.items) >= 4 * calls
        return taken

    assert seconds(12_000) < 36 * min(seconds(1_000) for _ in range(3)) + 1
