import json

import pytest
from hypothesis import given

from tests.trace.making import assistant, called, said, user
from tests.trace.strategies import Value, traces
from trace_assets.errors import InvalidTraceError
from trace_assets.trace import (
    SYNTHETIC_MESSAGE_STATUS,
    AssistantMessage,
    FunctionCall,
    FunctionCallOutput,
    FunctionCallOutputStatusEnum,
    FunctionCallStatus,
    InputTextContent,
    MessageEvent,
    MessageRole,
    MessageStatus,
    ModelCallEvent,
    OutputTextContent,
    Trace,
    TraceMetadata,
    UserMessage,
)


def test_a_trace_of_items_answers_what_was_said_and_called() -> None:
    trace = Trace.from_items(
        [
            UserMessage(
                id="u",
                status="completed",
                content=[InputTextContent(text="Is the bakery open?")],
            ),
            FunctionCall(
                id="f",
                call_id="c",
                name="opening_hours",
                arguments='{"shop": "bakery"}',
                status="completed",
            ),
            FunctionCallOutput(id="o", call_id="c", output="until 18:00", status="completed"),
            AssistantMessage(
                id="a", status="completed", content=[OutputTextContent(text="Until six.")]
            ),
        ],
        metadata=TraceMetadata(agent="town-guide", model="m-1"),
    )

    assert trace.get_last_assistant_text() == "Until six."
    assert trace.get_function_call_arguments(trace.function_calls[0]) == {"shop": "bakery"}
    assert trace.events is None


def test_types_roles_and_the_format_are_written_though_nobody_set_them() -> None:
    trace = Trace.from_items(
        [UserMessage(id="u", status="completed", content=[InputTextContent(text="hi")])]
    )

    assert trace.model_dump_json() == (
        '{"FORMAT":"open_responses","items":[{"type":"message","id":"u","status":"completed",'
        '"role":"user","content":[{"type":"input_text","text":"hi"}]}]}'
    )


def test_a_trace_of_events_has_its_items_derived_and_its_links_kept() -> None:
    trace = Trace.from_events(
        [
            said(user("Is the bakery open?")),
            {
                "type": "model_call_event",
                "id": "thinking",
                "model": "m-1",
                "input_context": [user("Is the bakery open?")],
                "output_items": [],
                "tools": ["opening_hours"],
            },
            called("c", "until 18:00", model_call_id="thinking"),
            said(assistant("Until six.")),
        ]
    )

    assert [item.type for item in trace.items] == [
        "message",
        "function_call",
        "function_call_output",
        "message",
    ]
    loaded = Trace.model_validate_json(trace.model_dump_json())
    assert loaded == trace
    assert loaded.events is not None
    assert loaded.events[2].type == "function_call_event"
    assert loaded.events[2].model_call_id == loaded.events[1].id == "thinking"


def test_an_event_without_an_id_gets_one_that_is_saved_and_that_no_other_has() -> None:
    boom = {"type": "error", "message": "boom"}
    trace = Trace.from_events([boom, {**boom, "id": "event:2"}, boom])

    assert [event.id for event in trace.events or []] == ["event:0", "event:2", "event:2'"]
    assert Trace.model_validate_json(trace.model_dump_json()) == trace


def test_the_same_events_give_the_same_bytes() -> None:
    events = [said(user("hi")), called("c")]
    first, second = (Trace.from_events(events).model_dump_json() for _ in range(2))
    assert first == second


def test_nulls_of_the_log_are_kept_and_nulls_of_the_model_are_not_written() -> None:
    value = {
        "items": [user("hi", name_of_user=None)],
        "metadata": {"model": None, "extra": {"reward": None}},
        "events": None,
    }
    assert Trace.model_validate(value).model_dump(mode="json") == {
        "FORMAT": "open_responses",
        "items": [user("hi", name_of_user=None)],
        "metadata": {"extra": {"reward": None}},
    }


def test_from_items_says_what_is_wrong_and_where() -> None:
    with pytest.raises(InvalidTraceError, match=r"items\[1\]\.type: required"):
        Trace.from_items([user("hi"), {"id": "x"}])


def test_fields_beside_items_and_events_are_passed_on_and_unknown_ones_are_not() -> None:
    trace = Trace.from_items([], FORMAT="latticeflow", metadata={"agent": "a"}, span_name="s")
    assert (trace.FORMAT, trace.span_name) == ("latticeflow", "s")
    assert trace.metadata == TraceMetadata(agent="a")
    unknown: Value = {"zzz": 1}
    with pytest.raises(InvalidTraceError, match="zzz: unknown key"):
        Trace.from_items([], **unknown)
    events: Value = {"events": []}
    with pytest.raises(TypeError, match="multiple values for keyword argument 'events'"):
        Trace.from_items([], **events)


@given(traces)
def test_what_is_written_loads_as_an_equal_trace(value: Value) -> None:
    trace = Trace.model_validate(value)
    written = trace.model_dump_json()

    assert Trace.model_validate_json(written) == trace
    assert Trace.model_validate(trace.model_dump(mode="json")) == trace
    assert Trace.model_validate_json(written).model_dump_json() == written


@given(traces)
def test_a_fully_explicit_trace_is_written_as_it_came(value: Value) -> None:
    assert Trace.model_validate(value).model_dump(mode="json") == value


def test_an_event_has_an_id_when_it_is_created_and_links_by_it_survive_a_save() -> None:
    question = UserMessage(id="q", status=MessageStatus.completed.value, content=[])
    asked = ModelCallEvent(model="m", input_context=[], output_items=[question])
    told = MessageEvent(item=question, model_call_id=asked.id)
    assert asked.id
    assert told.id
    assert asked.id != told.id
    saved = Trace.from_events([asked, told]).model_dump_json()
    again = Trace.from_events(
        [ModelCallEvent(model="m", input_context=[], output_items=[question])]
    )
    assert again.events is not None
    assert again.events[0].id == "event:0"  # the same in every process
    events = json.loads(saved)["events"]
    assert [event["id"] for event in events] == ["event:0", "event:1"]
    assert events[1]["model_call_id"] == "event:0"


def test_the_words_of_the_reference_are_those_of_the_model() -> None:
    statuses = ["in_progress", "completed", "incomplete"]
    for words in (MessageStatus, FunctionCallStatus, FunctionCallOutputStatusEnum):
        assert [*words] == statuses
    assert [*MessageRole] == ["user", "assistant", "system", "developer"]
    assert SYNTHETIC_MESSAGE_STATUS == "completed"
