"""A trace with events: a step for each span, wherever a log puts its calls."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.interactions.making import happened, interactions, named, steps
from tests.trace.making import (
    Value,
    asked,
    assistant,
    begin,
    call,
    called,
    end,
    event,
    output,
    said,
    user,
)
from trace_assets.interactions import Checker, TokenUsage, directory_of
from trace_assets.trace import Trace

AT = "2026-01-02T10:00:00.00000000{}Z"


def model_call(name: str, span: str, context: list[Value], **keys: Any) -> Value:
    """A call that tells its own span in its metadata, as one event in the span it was made in."""
    own = {"span_id": f"id of {name}", "name": name, "end": AT.format(4)}
    keys = {
        "span_id": span,
        "timestamp": AT.format(2),
        "metadata": own | {"gen_ai.system": "acme"},
    } | keys
    return asked(context, [assistant(f"by {name}")], id=name, **keys)


def agent() -> Value:
    return happened(
        begin("agent", span_type="agent", timestamp=AT.format(1), metadata={"input": "Book"}),
        model_call(
            "chat",
            "agent",
            [user("Book it")],
            usage={"num_prompt_tokens": 9, "num_completion_tokens": 0},
        ),
        called("c", "done", span_id="agent", timestamp=AT.format(4), working_time=1.001),
        event("error", "slow", message="too slow", span_id="agent", timestamp=AT.format(5)),
        begin("wrap", "agent", timestamp=AT.format(6)),
        end("wrap", timestamp=AT.format(7)),
        end("agent", timestamp=AT.format(9)),
        model="m",
    )


def test_agent_model_tool_and_other_spans_are_steps_with_their_parents() -> None:
    found = named(agent())
    assert {name: (step.tags or {})["span_kind"] for name, step in found.items()} == {
        "name of agent": "agent",
        "chat": "llm",
        "look_up": "tool",
        "name of wrap": "other",
    }
    parents = [step.parent_step_id for step in found.values()]
    assert parents == [None, "agent", "agent", "agent"]


def test_times_are_exact_and_nested_ones_count_once() -> None:
    found = named(agent())
    start = 1767348000000000000
    assert (found["chat"].start_ns, found["chat"].duration_ns) == (start + 2, 2)
    assert found["look_up"].duration_ns == 1_001_000_000
    [interaction] = interactions(agent())
    assert (interaction.start_ns, interaction.duration_ns) == (start + 1, 1_001_000_003)


def test_a_model_step_has_messages_model_usage_and_provider() -> None:
    chat = named(agent())["chat"]
    assert [message.content for message in chat.input_messages or []] == ["Book it"]
    assert [message.content for message in chat.output_messages or []] == ["by chat"]
    assert (chat.model, chat.provider) == ("m", "acme")
    assert chat.usage == TokenUsage(input_tokens=9, output_tokens=0, total_tokens=9)


def test_an_error_in_a_span_is_its_status_and_in_its_metadata() -> None:
    step = named(agent())["name of agent"]
    assert (step.tags or {})["status"] == "error"
    assert step.metadata["error"] == ["too slow"]
    assert step.metadata["events"][0]["id"] == "slow"
    assert step.input_data == "Book"


def test_tool_calls_of_a_message_are_kept_in_its_content() -> None:
    made = {"type": "function_call", "id": "i", "call_id": "c", "name": "look_up"}
    item = {**made, "arguments": '{"a": 1}', "status": "completed"}
    trace = happened(asked([user("Go")], [item], id="e"))
    [message] = steps(trace)[0].output_messages or []
    content = {"type": "function_call", "call_id": "c", "name": "look_up", "arguments": {"a": 1}}
    assert (message.role, message.content) == ("assistant", content)


def test_a_span_around_one_call_of_its_own_type_is_one_step() -> None:
    trace = happened(
        begin("llm", span_type="LLM"),
        asked([user("Hi")], [assistant("Ho")], id="e", span_id="llm"),
        end("llm"),
    )
    [step] = steps(trace)
    assert (step.id, step.model, step.name) == ("llm", "m", "name of llm")


def test_a_call_with_a_span_behind_it_is_one_step_with_children() -> None:
    trace = happened(
        called("c", metadata={"span_id": "tool"}, timestamp=AT.format(1)),
        begin("tool", span_type="function_call", timestamp=AT.format(1)),
        begin("inner", "tool", timestamp=AT.format(2)),
        end("inner", timestamp=AT.format(3)),
        end("tool", timestamp=AT.format(5)),
    )
    tool, inner = steps(trace)
    assert (tool.id, tool.output_data, tool.duration_ns) == ("tool", "found", 4)
    assert inner.parent_step_id == "tool"


def test_a_call_that_names_a_span_somewhere_else_is_a_step_by_itself() -> None:
    trace = happened(
        begin("a"),
        begin("b", "a"),
        called("c", span_id="b", metadata={"span_id": "a"}),
        end("b"),
        end("a"),
    )
    parents = {step.id: step.parent_step_id for step in steps(trace)}
    assert parents == {"a": None, "b": "a", "called c": "b"}


def test_a_chain_of_many_spans_needs_no_recursion() -> None:
    count = 20_000
    events = [begin("0"), *(begin(str(n), str(n - 1)) for n in range(1, count))]
    events += [end(str(n)) for n in reversed(range(count))]
    trace = {"FORMAT": "open_responses", "items": [], "metadata": {"trace_id": "t"}}
    [interaction] = interactions({**trace, "events": events})
    assert len(interaction.steps) == count
    with Checker() as checker:
        checker.add(directory_of(interaction.id), interaction)
        assert checker.finish().found == {}


def test_roots_that_saw_another_user_message_begin_a_turn_and_keep_their_children() -> None:
    first, more = user("One"), user("Two")
    trace = happened(
        begin("a"),
        model_call("a1", "a", [first]),
        end("a"),
        begin("tail"),
        end("tail"),
        begin("b"),
        model_call("b1", "b", [first, assistant("x"), more]),
        model_call("sub", "b", [user("inner task")], metadata={"span_id": "s"}),
        end("b"),
    )
    turns = [[step.name for step in one.steps] for one in interactions(_without_times(trace))]
    assert turns == [["name of a", "a1", "name of tail"], ["name of b", "b1", "m"]]


def _without_times(trace: Value) -> Value:
    events = [{k: v for k, v in each.items() if k != "timestamp"} for each in trace["events"]]
    return Trace.from_events(events, metadata=trace["metadata"]).model_dump(mode="json")


def test_messages_outside_of_spans_are_steps_by_turn() -> None:
    trace = happened(said(user("One")), said(assistant("1")), said(user("Two")))
    first, second = interactions(trace)
    assert [step.output_data or step.input_data for step in first.steps] == ["One", "1"]
    assert [step.input_data for step in second.steps] == ["Two"]


def test_notes_beside_a_conversation_do_not_hide_it() -> None:
    trace = happened(event("custom", "note", name="scored", data={"reward": 1}))
    trace["items"] = [user("Hi"), assistant("Ho")]
    found = named(trace)
    assert found["assistant"].output_data == "Ho"
    assert found["scored"].input_data == {"reward": 1}


def test_items_that_no_event_tells_of_are_in_the_first_step() -> None:
    trace = happened(said(user("Hi")), called("c"))
    trace["items"] = [user("Hi"), call("c"), output("c"), assistant("Only here")]
    first, tool = steps(trace)
    assert [item["id"] for item in first.metadata["items"]] == ["Only here"]
    assert "items" not in tool.metadata


def test_a_trace_whose_times_cannot_be_compared_keeps_each_as_far_as_it_goes() -> None:
    trace = happened(
        begin("a", metadata={"timestamp": AT.format(1)}),
        end("a", metadata={"timestamp": AT.format(3)}),
        begin("b"),
        end("b"),
    )
    a, b = steps(trace)
    assert a.duration_ns == 2
    assert (b.start_ns, b.duration_ns) == (a.start_ns, None)


@st.composite
def streams(draw: st.DrawFn) -> list[Value]:
    """Spans in spans, with calls, messages and notes in them and outside of them."""
    spans = [f"s{n}" for n in range(draw(st.integers(0, 6)))]
    events: list[Value] = []
    for number, span in enumerate(spans):
        parent = draw(st.sampled_from([None, *spans[:number]]))
        span_type = draw(st.sampled_from(["agent", "llm", "tool", "chain"]))
        events += [begin(span, parent, span_type=span_type)]
        events += [end(span)] if draw(st.booleans()) else []
    kinds = st.sampled_from(["model", "tool", "said", "error", "custom"])
    for number in range(draw(st.integers(0, 12))):
        inside = draw(st.sampled_from([None, *spans]))
        own = draw(st.sampled_from([None, *spans, f"own {number}"]))
        keys: dict[str, Any] = {"span_id": inside} if inside else {}
        called_in: dict[str, Any] = keys | ({"metadata": {"span_id": own}} if own else {})
        made: dict[str, Value] = {
            "model": asked([user("u")], [assistant("a")], id=f"e{number}", **called_in),
            "tool": called(f"c{number}", **called_in),
            "said": said(user(f"m{number}"), **keys),
            "error": event("error", f"e{number}", message="m", **keys),
            "custom": event("custom", f"e{number}", name="n", data={}, **keys),
        }
        events.append(made[draw(kinds)])
    return events


@given(events=streams())
def test_every_event_is_in_one_step_and_what_is_made_always_holds(events: list[Value]) -> None:
    trace = happened(*events)
    made = interactions(trace) if trace["events"] else []
    found = [each["id"] for one in made for step in one.steps for each in step.raw["events"]]
    assert sorted(found) == sorted(each["id"] for each in trace["events"])
    with Checker() as checker:
        for interaction in made:
            checker.add(directory_of(interaction.id), interaction)
        report = checker.finish()
    assert report.errors == 0, report.first
