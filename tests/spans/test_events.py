"""The events that spans become."""

from tests.spans.making import (
    agent,
    answer,
    asks,
    at,
    event,
    loaded,
    made_of,
    model,
    says,
    span,
    told,
    tool,
    user,
)
from trace_assets.spans import ModelCall, Note, Span, ToolCall, events_of


def test_calls_are_events_of_the_span_that_they_were_made_in() -> None:
    made = made_of(
        agent("helper", 0, 9),
        model("m", 1, "helper", sees=[user("Hi")], says=[says("Hello")]),
        tool("t", 3, "helper", call=ToolCall("look")),
    )
    assert told(made) == ["begin helper", "model m", "tool t", "end helper"]
    assert [each.span_id for each in loaded(made).events or []] == ["helper"] * 4
    (inside,) = loaded(made).spans()
    assert inside.get_last_assistant_text() == "Hello"


def test_a_call_with_something_inside_has_a_span_behind_its_event() -> None:
    made = made_of(
        tool("t", 1, call=ToolCall("look")),
        span("http", 1, 2, "t"),
        model("m", 3, sees=[], says=[])._replace(notes=[Note("first_token", at(3), {"n": 1})]),
    )
    assert told(made) == [
        "tool t",
        "begin t",
        "begin http",
        "end http",
        "end t",
        "model m",
        "begin m",
        "custom first_token",
        "end m",
    ]
    assert event(made, "begin t")["span_type"] == "function_call"
    assert event(made, "begin m")["span_type"] == "model_call"


def test_a_model_call_has_the_facts_of_its_span_and_everything_else_beside_them() -> None:
    made = made_of(
        model(
            "m",
            1,
            sees=[user("Hi")],
            says=[says("Hello")],
            usage={"input_tokens": 12, "output_tokens": 3, "cached": 10},
            tools=["look", {"type": "function", "function": {"name": "find", "strict": True}}],
            rest={"temperature": 0.5, "name": "given"},
        )._replace(metadata={"http.status": 200}, error="cut off")
    )
    (call,) = made.events
    assert call["usage"] == {"num_prompt_tokens": 12, "num_completion_tokens": 3}
    assert call["tools"] == ["look", "find"]
    assert (call["total_time"], call["error"], call["model"]) == (1.0, "cut off", "gpt")
    assert call["metadata"] == {
        "span_id": "m",
        "name": "name of m",
        "end": "2026-01-02T03:04:07Z",
        "usage": {"cached": 10},
        "tools": [{"type": "function", "function": {"name": "find", "strict": True}}],
        "temperature": 0.5,
        "original_name": "given",
        "http.status": 200,
    }


def test_a_tool_definition_that_every_call_repeats_is_kept_once() -> None:
    definition = {"name": "look", "description": "long"}
    first, second = made_of(
        model("a", 1, sees=[], says=[], tools=[definition]),
        model("b", 2, sees=[], says=[], tools=[definition, {"name": "look", "description": "new"}]),
    ).events
    assert first["metadata"]["tools"] == [definition]
    assert second["metadata"]["tools"] == [{"name": "look", "description": "new"}]
    assert second["tools"] == ["look", "look"]


def test_tokens_that_a_wrapper_reports_again_are_not_counted_twice() -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 1}
    outer = model("outer", 1, sees=[user("Hi")], says=[says("Hello")], usage=usage)
    inner = model("inner", 1, "step", sees=[user("Hi")], says=[says("Hello")], usage=usage)
    made = made_of(outer, span("step", 1, 2, "outer"), inner)
    assert "usage" not in event(made, "model outer")
    assert event(made, "model outer")["metadata"]["usage"] == usage
    assert event(made, "model inner")["usage"]["num_prompt_tokens"] == 5
    assert len(made.items) == 2


def test_the_cost_of_a_call_that_a_wrapper_repeats_counts_once() -> None:
    inner = model("inner", 1, "step", sees=[user("Hi")], says=[says("Hello")])
    inner = inner._replace(metadata={"llm.cost.total": 0.5})
    outer = model("outer", 1, sees=[user("Hi")], says=[says("Hello")], rest={"total_cost": 0.5})
    middle = span("step", 1, 2, "outer", metadata={"total_cost": 0.5})
    made = made_of(outer, middle, inner)
    assert event(made, "model inner")["metadata"]["cost_usd"] == 0.5
    assert event(made, "model outer")["metadata"]["cost_usd"] is None


def test_model_and_tokens_are_read_from_the_attributes_of_a_span() -> None:
    attributes = {"model": "small", "usage": {"promptTokenCount": 9, "candidatesTokenCount": 2}}
    call = ModelCall(None, [user("Hi")], [says("Ho")])
    made = made_of(span("call", 1, 2, call=call, metadata=attributes))
    (found,) = made.events
    assert found["model"] == made.metadata["model"] == "small"
    assert found["usage"] == {"num_prompt_tokens": 9, "num_completion_tokens": 2}


def test_a_tool_call_says_what_is_known_of_it() -> None:
    failed = ToolCall("look", "c1", {"a": 1}, error="no such thing", rest={"mcp": "server"})
    running = ToolCall("look", "c2", '{"a": 2}')
    silent = ToolCall("look", "c3", result={"found": []})
    made = made_of(
        tool("failed", 1, call=failed, error="span failed"),
        tool("running", 2, call=running)._replace(end=None),
        tool("silent", 3, call=silent),
    )
    first, second, third = made.events
    assert (first["status"], first["result"], first["error"]) == ("incomplete", "", "no such thing")
    assert first["arguments"] == '{"a":1}'
    assert first["metadata"]["span_error"] == "span failed"
    assert first["metadata"]["mcp"] == "server"
    assert (second["status"], second["result"]) == ("in_progress", "")
    assert second["metadata"]["result"] is None
    assert (third["status"], third["result"]) == ("completed", '{"found":[]}')
    assert third["metadata"]["arguments"] is None


def test_errors_and_notes_are_events_of_their_own_by_time() -> None:
    made = made_of(
        span(
            "a",
            0,
            9,
            error="gave up",
            notes=[
                Note("later", at(6), {"n": 1}),
                Note(
                    "exception",
                    at(2),
                    {"exception.message": "boom", "exception.stacktrace": "line 1", "k": 1},
                ),
                Note("guardrail", at(3), {"n": 2}, error="not allowed"),
            ],
        ),
        span("b", 4, 5, "a"),
    )
    assert told(made) == [
        "begin a",
        "error boom",
        "error not allowed",
        "begin b",
        "end b",
        "custom later",
        "error gave up",
        "end a",
    ]
    assert event(made, "error boom")["traceback"] == "line 1"
    assert event(made, "error boom")["metadata"] == {"k": 1}
    assert event(made, "error not allowed")["metadata"] == {"name": "guardrail", "n": 2}
    assert event(made, "error gave up")["timestamp"] == "2026-01-02T03:04:14Z"


def test_a_note_without_a_time_is_kept_with_its_span() -> None:
    made = made_of(
        span("a", 0, 1, notes=[Note("tag", None, {"n": 1}, error="odd")], metadata={"k": 1})
    )
    assert told(made) == ["begin a", "end a"]
    notes = [{"name": "tag", "data": {"n": 1}, "error": "odd"}]
    assert event(made, "begin a")["metadata"] == {"notes": notes, "k": 1}


def test_a_call_names_the_model_call_that_asked_for_it() -> None:
    made = made_of(
        model("m1", 1, sees=[user("Hi")], says=[asks(("x", "look", "{}"))]),
        tool("t", 2, call=ToolCall("look", "x", {}, "seen")),
        model("m2", 3, sees=[user("Hi"), asks(("x", "look", "{}")), answer("x", "seen")], says=[]),
    )
    assert event(made, "tool t")["model_call_id"] == event(made, "model m1")["id"]
    assert event(made, "tool t")["call_id"] == made.items[1]["call_id"]


def test_a_call_that_hands_over_names_the_agent_and_its_span() -> None:
    made = made_of(
        agent("main", 0, 9),
        tool("ask", 1, "main", call=ToolCall("ask_expert")),
        span("step", 1, 2, "ask"),
        agent("expert", 1, 2, "step"),
        tool("handoff", 3, "main", call=ToolCall("transfer", agent="clerk")),
        agent("clerk", 4, 5),
        tool("nobody", 6, call=ToolCall("transfer", agent="clerk")),
    )
    ask, handoff, nobody = (event(made, f"tool {n}") for n in ("ask", "handoff", "nobody"))
    assert (ask["agent"], ask["agent_span_id"]) == ("expert", "expert")
    assert (handoff["agent"], handoff["agent_span_id"]) == ("clerk", "clerk")
    assert nobody["agent"] == "clerk"
    assert "agent_span_id" not in nobody


def test_event_ids_are_unique_and_the_same_in_every_run() -> None:
    spans = [span("a", 0, 5), model("m", 1, "a", sees=[user("Hi")], says=[])]
    first, again = events_of(spans, "t"), events_of(spans, "t")
    assert [each["id"] for each in first.events] == ["t:e0", "t:e1", "t:e2"]
    assert first == again


def test_contexts_share_their_items() -> None:
    sees = [user("Hi")]
    made = made_of(
        Span("a", "a", call=ModelCall("m", sees, [says("Ho")])),
        Span("b", "b", call=ModelCall("m", [*sees, says("Ho"), user("Bye")])),
    )
    first, second = made.events
    assert first["input_context"][0] is second["input_context"][0] is made.items[0]
    assert first["output_items"][0] is second["input_context"][1]


def test_the_trace_knows_its_agent_its_model_and_its_time() -> None:
    made = made_of(agent("helper", 0, 9), model("m", 1, "helper", sees=[user("Hi")], says=[]))
    assert made.metadata == {
        "agent": "helper",
        "model": "gpt",
        "created_at": "2026-01-02T03:04:05Z",
        "total_time": 9.0,
    }
