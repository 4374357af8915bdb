"""The conversation that a person reads, whatever spans it is spread over."""

from tests.chat.making import brief
from tests.spans.making import (
    agent,
    answer,
    asks,
    check,
    event,
    made_of,
    model,
    says,
    span,
    system,
    tool,
    user,
)
from trace_assets import chat
from trace_assets.spans import Assembled, ModelCall, ToolCall, events_of

LOOK = asks(("x", "look", '{"a": 1}'))


def talk(made: Assembled) -> list[str]:
    """The items in a line each; their ids are unique, or the rules would have refused them."""
    return brief(made.items)


def test_a_history_that_every_call_repeats_is_told_once() -> None:
    first = [system("Be kind"), user("Hi")]
    then = [*first, LOOK, answer("x", "seen")]
    last = [*then, says("Done"), user("Thanks")]
    made = made_of(
        agent("main", 0, 9),
        model("m1", 1, "main", sees=first, says=[LOOK]),
        tool("t", 2, "main", call=ToolCall("look", "x", {"a": 1}, "seen")),
        model("m2", 3, "main", sees=then, says=[says("Done")]),
        model("m3", 4, "main", sees=last, says=[says("Bye")]),
    )
    assert talk(made) == [
        "system: Be kind",
        "user: Hi",
        'call look {"a": 1}',
        "output seen",
        "assistant: Done",
        "user: Thanks",
        "assistant: Bye",
    ]
    contexts = [len(event(made, f"model {name}")["input_context"]) for name in ("m1", "m2", "m3")]
    assert contexts == [2, 4, 6]
    assert made.repeated == 8


def test_a_call_that_failed_is_a_failure_also_where_the_model_was_told_of_it_in_plain_words() -> (
    None
):
    first = [user("Hi"), LOOK]
    then = [*first, answer("x", "It cannot be seen.")]
    made = made_of(
        model("m1", 1, sees=first[:1], says=[LOOK]),
        tool("t", 2, call=ToolCall("look", "x", {"a": 1}), error="KeyError"),
        model("m2", 3, sees=then, says=[says("Sorry")]),
    )
    assert talk(made)[2:] == ["failed It cannot be seen.", "assistant: Sorry"]


def test_a_result_that_no_context_repeats_stands_behind_the_calls_it_was_made_with() -> None:
    both = asks(("x", "look", '{"a": 1}'), ("y", "look", '{"a": 2}'))
    made = made_of(
        model("m", 1, sees=[user("Hi")], says=[both]),
        tool("slow", 2, call=ToolCall("look", "y", {"a": 2}, "two")),
        tool("late", 3, call=ToolCall("look", "x", {"a": 1}, error="one failed")),
    )
    assert talk(made)[1:] == [
        'call look {"a": 1}',
        'call look {"a": 2}',
        "output two",
        "failed one failed",
    ]


def test_parallel_tools_without_ids_are_told_apart_by_their_arguments() -> None:
    both = asks(("x", "look", '{"a": 1, "b": 2}'), ("y", "look", '{"a": 2}'))
    made = made_of(
        model("m", 1, sees=[user("Hi")], says=[both]),
        tool("t2", 2, call=ToolCall("look", None, '{"a":2}', "two")),
        tool("t1", 3, call=ToolCall("look", None, {"b": 2, "a": 1}, "one")),
    )
    ids = [item["call_id"] for item in made.items if item["type"] == "function_call"]
    assert [event(made, f"tool {name}")["call_id"] for name in ("t1", "t2")] == ids


def test_a_tool_whose_arguments_look_different_is_known_by_its_name() -> None:
    made = made_of(
        tool("before", 0, call=ToolCall("look", None, "other", "old")),
        model("m", 1, sees=[user("Hi")], says=[LOOK]),
        tool("t", 2, call=ToolCall("look", None, "{'a': 1}", "seen")),
    )
    assert talk(made) == [
        "user: Hi",
        "call look other",
        "output old",
        'call look {"a": 1}',
        "output seen",
    ]
    assert event(made, "tool t")["call_id"] == made.items[3]["call_id"]


def test_history_from_before_the_trace_is_not_taken_for_what_its_tools_did() -> None:
    past = [user("Hi"), LOOK, answer("x", "seen"), says("Done"), user("Again")]
    made = made_of(
        model("m", 1, sees=past, says=[asks(("y", "look", '{"a": 1}'))]),
        tool("t", 2, call=ToolCall("look", None, {"a": 1}, "seen again")),
    )
    assert talk(made)[-2:] == ['call look {"a": 1}', "output seen again"]
    assert made.items[-1]["call_id"] == made.items[-2]["call_id"] != made.items[1]["call_id"]


def test_a_call_that_was_tried_again_has_the_last_outcome_and_an_event_for_each() -> None:
    made = made_of(
        model("m", 1, sees=[user("Hi")], says=[LOOK]),
        tool("t1", 2, call=ToolCall("look", "x", {"a": 1}, error="busy")),
        tool("t2", 3, call=ToolCall("look", "x", {"a": 1}, "seen")),
        tool("t3", 4, call=ToolCall("look", "x", {"a": 1}))._replace(end=None),
    )
    assert talk(made) == ["user: Hi", 'call look {"a": 1}', "output seen"]
    assert len({event(made, f"tool t{n}")["call_id"] for n in (1, 2, 3)}) == 1


def test_a_tool_that_no_model_asked_for_stands_before_what_was_made_of_it() -> None:
    made = made_of(
        span("chain", 0, 9),
        tool("t", 1, "chain", call=ToolCall("search", "own", "query", "found")),
        model("m", 2, "chain", sees=[system("Be kind"), user("Hi")], says=[says("Hello")]),
        tool("end", 3, "chain", call=ToolCall("save")),
    )
    assert talk(made) == [
        "system: Be kind",
        "user: Hi",
        "call search query",
        "output found",
        "assistant: Hello",
        "call save",
    ]
    assert made.items[2]["call_id"] == event(made, "tool t")["call_id"]


def test_what_a_sub_agent_says_stays_in_its_own_span() -> None:
    ask = asks(("x", "expert", '{"q": "why"}'))
    made = made_of(
        agent("main", 0, 9),
        model("m1", 1, "main", sees=[system("A"), user("Hi")], says=[ask]),
        tool("t", 2, "main", call=ToolCall("expert", "x", {"q": "why"}, "because")),
        agent("expert", 2, 3, "t"),
        model("e1", 2, "expert", sees=[system("B"), user("why")], says=[LOOK]),
        tool("et", 2, "expert", call=ToolCall("look", "x", {"a": 1}, "inside")),
        model(
            "m2",
            4,
            "main",
            sees=[system("A"), user("Hi"), ask, answer("x", "because")],
            says=[says("Because")],
        ),
    )
    assert talk(made) == [
        "system: A",
        "user: Hi",
        'call expert {"q": "why"}',
        "output because",
        "assistant: Because",
    ]
    assert brief(event(made, "model e1")["input_context"]) == ["system: B", "user: why"]
    (main,) = [e for e in made.events if e["type"] == "span_begin" and e["span_id"] == "main"]
    assert "parent_span_id" not in main


def test_an_agent_inside_another_is_a_sub_agent_unless_the_other_only_wraps_it() -> None:
    inner = [agent("inner", 1, 8, "outer"), model("i", 2, "inner", sees=[user("I")], says=[])]
    wrapped = made_of(agent("outer", 0, 9), *inner)
    assert talk(wrapped) == ["user: I"]
    nested = made_of(
        agent("outer", 0, 9), *inner, model("o", 1, "outer", sees=[user("O")], says=[])
    )
    assert talk(nested) == ["user: O"]


def test_agents_side_by_side_that_hand_over_make_one_conversation() -> None:
    transfer = asks(("x", "transfer_to_clerk", "{}"))
    made = made_of(
        span("workflow", 0, 9),
        agent("triage", 1, 3, "workflow"),
        model("m1", 1, "triage", sees=[user("Hi")], says=[transfer]),
        tool("t", 2, "triage", call=ToolCall("transfer_to_clerk", agent="clerk", result="ok")),
        agent("clerk", 4, 6, "workflow"),
        model(
            "m2", 4, "clerk", sees=[user("Hi"), transfer, answer("x", "ok")], says=[says("Hello")]
        ),
    )
    assert talk(made) == ["user: Hi", "call transfer_to_clerk {}", "output ok", "assistant: Hello"]
    assert event(made, "tool t")["agent_span_id"] == "clerk"


def test_roots_that_follow_one_another_make_one_conversation() -> None:
    made = made_of(
        agent("turn 1", 0, 1),
        model("m1", 0, "turn 1", sees=[user("Hi")], says=[says("Hello")]),
        agent("turn 2", 2, 3),
        model(
            "m2", 2, "turn 2", sees=[user("Hi"), says("Hello"), user("Bye")], says=[says("Ciao")]
        ),
    )
    assert talk(made) == ["user: Hi", "assistant: Hello", "user: Bye", "assistant: Ciao"]


def test_spans_without_recorded_messages_still_tell_which_tools_ran() -> None:
    made = made_of(
        agent("main", 0, 9),
        model("m", 1, "main", sees=[], says=[]),
        tool("t", 2, "main", call=ToolCall("look")),
    )
    assert talk(made) == ["call look"]


def test_call_ids_that_repeat_or_are_missing_link_each_call_to_its_own_tool() -> None:
    made = made_of(
        model("m1", 1, sees=[user("Hi")], says=[asks(("", "look", "{}"))]),
        tool("t1", 2, call=ToolCall("look", "", "{}", "one")),
        model(
            "m2",
            3,
            sees=[user("Hi"), asks(("", "look", "{}")), answer("", "one")],
            says=[asks(("", "look", "{}"))],
        ),
        tool("t2", 4, call=ToolCall("look", "", "{}", "two")),
    )
    assert talk(made) == [
        "user: Hi",
        "call look {}",
        "output one",
        "call look {}",
        "output two",
    ]
    one, two = event(made, "tool t1")["call_id"], event(made, "tool t2")["call_id"]
    assert one == made.items[1]["call_id"] != two == made.items[3]["call_id"]


def test_what_is_no_message_is_kept_whole_and_told() -> None:
    made = made_of(model("m", 1, sees=["Hi", 7], says=[{"no": "message"}, "Hello"]))
    assert talk(made) == [
        "user: Hi",
        "custom_task_input_message: {'message': 7}",
        "custom_task_output_message: {'message': {'no': 'message'}}",
        "assistant: Hello",
    ]
    told = [(each["defect"], each["span"], each["pointer"]) for each in made.defects]
    assert told == [("unknown_message", "m", "/inputs/1"), ("unknown_message", "m", "/outputs/0")]


def test_messages_that_differ_in_what_python_holds_for_equal_are_each_kept_as_written() -> None:
    made = made_of(
        model("m1", 1, sees=[system("A"), {**user("Hi"), "n": 1}], says=[says("One")]),
        model("m2", 2, sees=[system("B"), {**user("Hi"), "n": True}], says=[says("Two")]),
    )
    hers = [item["n"] for item in made.items if item.get("role") == "user"]
    assert [(type(n), n) for n in hers] == [(int, 1), (bool, True)]


def test_one_text_is_the_user_s_where_it_was_given_and_the_model_s_where_it_was_made() -> None:
    made = made_of(model("m1", 1, sees=["Hi"], says=["Hi"]), model("m2", 2, sees=["Hi"], says=[]))
    assert talk(made) == ["user: Hi", "assistant: Hi"]


def test_what_is_no_message_is_told_of_every_call_that_has_it() -> None:
    made = made_of(
        model("m1", 1, sees=["Hi", {"no": "message"}], says=[says("One")]),
        model("m2", 2, sees=["Hi", {"no": "message"}], says=[says("Two")]),
    )
    assert [each["span"] for each in made.defects] == ["m1", "m2"]


def test_an_answer_that_was_tried_again_is_there_in_both_versions() -> None:
    made = made_of(
        model("m1", 1, sees=[user("Hi")], says=[says("One")]),
        model("m2", 2, sees=[user("Hi")], says=[says("Two")]),
    )
    assert talk(made) == ["user: Hi", "assistant: One", "assistant: Two"]


def test_a_summary_in_place_of_the_history_loses_nothing_of_it() -> None:
    made = made_of(
        model("m1", 1, sees=[system("A"), user("Hi")], says=[says("Hello")]),
        model("m2", 2, sees=[system("A"), user("They greeted."), user("Go on")], says=[says("Ok")]),
    )
    assert talk(made) == [
        "system: A",
        "user: Hi",
        "assistant: Hello",
        "user: They greeted.",
        "user: Go on",
        "assistant: Ok",
    ]


def test_an_agent_that_takes_over_has_its_prompt_behind_the_result_that_made_it_do_so() -> None:
    transfer = asks(("x", "transfer", "{}"))
    made = made_of(
        model("m1", 1, sees=[system("A"), user("Hi")], says=[transfer]),
        model(
            "m2", 2, sees=[system("B"), user("Hi"), transfer, answer("x", "ok")], says=[says("Ho")]
        ),
    )
    assert talk(made) == [
        "system: A",
        "user: Hi",
        "call transfer {}",
        "output ok",
        "system: B",
        "assistant: Ho",
    ]
    assert brief(event(made, "model m2")["input_context"])[0] == "system: B"


def test_content_parts_that_a_tool_returned_are_read_as_such() -> None:
    result = [{"type": "text", "text": "seen"}]
    made = made_of(tool("t", 1, call=ToolCall("look", result=result)))
    assert talk(made)[1] == "output seen"
    assert event(made, "tool t")["result"] == "seen"


def test_a_result_in_the_history_gets_the_call_that_only_its_span_shows() -> None:
    made = made_of(
        tool("t", 1, call=ToolCall("look", "x", {"a": 1}, "seen")),
        model("m", 2, sees=[user("Hi"), says("I look"), answer("x", "seen")], says=[says("Done")]),
    )
    assert talk(made) == [
        "user: Hi",
        "assistant: I look",
        'call look {"a":1}',
        "output seen",
        "assistant: Done",
    ]


def test_an_id_that_every_round_uses_again_means_the_call_of_its_round() -> None:
    ask = asks(("call_1", "look", "{}"))
    made = made_of(
        model("m1", 1, sees=[user("Hi")], says=[ask]),
        tool("t1", 2, call=ToolCall("look", "call_1", "{}", "one")),
        model("m2", 3, sees=[user("Hi"), ask, answer("call_1", "one")], says=[ask]),
        tool("t2", 4, call=ToolCall("look", "call_1", "{}", "two")),
    )
    assert talk(made)[2:] == ["output one", "call look {}", "output two"]
    assert event(made, "tool t2")["call_id"] == made.items[3]["call_id"] != made.items[1]["call_id"]


def test_a_tool_filed_under_another_agent_is_known_by_the_calls_id() -> None:
    made = made_of(
        agent("main", 0, 9),
        model("m", 1, "main", sees=[user("Hi")], says=[LOOK]),
        agent("executor", 2, 4, "main"),
        tool("t", 3, "executor", call=ToolCall("look", "x", {"a": 1}, "seen")),
    )
    assert talk(made) == ["user: Hi", 'call look {"a": 1}', "output seen"]


def test_a_call_beside_an_agent_belongs_to_the_same_conversation() -> None:
    made = made_of(
        span("workflow", 0, 9),
        model("sort", 1, "workflow", sees=[system("Sort"), user("Hi")], says=[says("greeting")]),
        agent("greeter", 2, 4, "workflow"),
        model("m", 3, "greeter", sees=[system("Greet"), user("Hi")], says=[says("Hello")]),
    )
    assert {"assistant: greeting", "assistant: Hello"} <= set(talk(made))


def test_a_model_that_is_only_called_inside_a_tool_is_the_main_conversation() -> None:
    made = made_of(
        tool("serve", 0, call=ToolCall("serve", None, "{}", "Hello")),
        model("m", 0, "serve", sees=[user("Hi")], says=[says("Hello")]),
    )
    assert talk(made)[-1] == "assistant: Hello"
    assert "user: Hi" in talk(made)


def test_a_call_whose_outcome_nobody_knows_has_no_result() -> None:
    made = made_of(
        model("m", 1, sees=[user("Hi")], says=[LOOK]),
        tool("t", 2, call=ToolCall("look", "x", {"a": 1})),
    )
    assert talk(made) == ["user: Hi", 'call look {"a": 1}']


def test_results_of_calls_made_one_after_the_other_stand_each_behind_its_own() -> None:
    again = asks(("y", "look", '{"a": 2}'))
    made = made_of(
        model("m1", 1, sees=[user("Hi")], says=[LOOK]),
        tool("t1", 2, call=ToolCall("look", "x", {"a": 1}, "one")),
        model("m2", 3, sees=[user("Hi"), LOOK], says=[again]),
        tool("t2", 4, call=ToolCall("look", "y", {"a": 2}, "two")),
    )
    assert talk(made)[1:] == [
        'call look {"a": 1}',
        "output one",
        'call look {"a": 2}',
        "output two",
    ]


def test_tools_with_one_id_that_no_model_asked_for_are_calls_of_their_own() -> None:
    made = made_of(
        tool("t1", 1, call=ToolCall("look", "x", "1", "one")),
        tool("t2", 2, call=ToolCall("look", "x", "2", "two")),
    )
    assert talk(made) == ["call look 1", "output one", "call look 2", "output two"]
    assert [item["original_call_id"] for item in made.items] == ["x"] * 4


def test_messages_may_be_read_already() -> None:
    request = chat.unwrap({"messages": [system("A"), user("Hi")], "top_p": 1}, role="user")
    assert request is not None
    made = made_of(
        model("m1", 1, sees=request.messages, says=[LOOK]),
        model("m2", 2, sees=[system("A"), user("Hi"), LOOK, answer("x", "seen")], says=["Done"]),
    )
    assert talk(made) == [
        "system: A",
        "user: Hi",
        'call look {"a": 1}',
        "output seen",
        "assistant: Done",
    ]


def test_a_tool_inside_a_call_of_a_model_ran_before_its_answer() -> None:
    made = made_of(
        span("run", 0, 9, call=ModelCall("gpt", [user("Hi")], [says("Done")]), span_type="agent"),
        tool("t", 2, "run", call=ToolCall("look", None, "{}", "seen")),
    )
    assert talk(made)[0] == "user: Hi"
    assert talk(made)[-1] == "assistant: Done"
    assert len(talk(made)) == 4


def test_a_conversation_that_the_log_tells_beside_its_spans_is_all_there_is_to_the_items() -> None:
    told = chat.read([user("Hi"), LOOK, answer("x", "seen"), says("Done")])
    spans = [
        model("m1", 1, sees=[user("Hi")], says=[LOOK]),
        tool("t1", 2, call=ToolCall("look", "x", '{"a": 1}', "seen")),
        tool("t2", 3, call=ToolCall("log", None, "{}", "written")),
        model("m2", 4, sees=[user("Hi"), LOOK, answer("x", "seen")], says=[says("Done")]),
        model("judge", 5, sees=[user("Is this right?")], says=[says("Yes")]),
    ]
    made = events_of(spans, "t", conversation=told)
    check(made)
    assert talk(made) == ["user: Hi", 'call look {"a": 1}', "output seen", "assistant: Done"]
    assert event(made, "model m2")["output_items"] == [made.items[3]]
    assert event(made, "model judge")["input_context"][0]["id"] == "t:4"
    assert event(made, "tool t1")["call_id"] == made.items[1]["call_id"]
