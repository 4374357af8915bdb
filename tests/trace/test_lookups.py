import pytest

from tests.trace.making import Value, assistant, call, message, output, system, user
from trace_assets.errors import InvalidTraceError
from trace_assets.trace import Trace, load


def _trace(*items: Value) -> Trace:
    return load({"items": list(items)})


_TWO_TURNS = _trace(
    system("Be kind."),
    assistant("Hello!"),
    user("one"),
    call("a", "search"),
    output("a", "found a"),
    assistant("done one"),
    user("two"),
    call("b", "book"),
    assistant("done two"),
    call("c", "search"),
    output("b", "late"),
)


def test_turns_start_at_user_messages_and_hold_all_that_follows() -> None:
    first, second = _TWO_TURNS.turns
    assert first.user_message.id == "one"
    assert [item.type for item in first.assistant_items] == [
        "function_call",
        "function_call_output",
        "message",
    ]
    assert [text.id for text in second.assistant_messages] == ["done two"]
    assert [c.call_id for c in second.function_calls] == ["b", "c"]
    assert [o.call_id for o in second.function_outputs] == ["b"]
    assert [(c.call_id, o and o.output) for c, o in second.function_call_pairs] == [
        ("b", "late"),
        ("c", None),
    ]


def test_the_preamble_is_what_comes_before_the_first_user_message() -> None:
    assert [getattr(item, "id", None) for item in _TWO_TURNS.preamble] == ["Be kind.", "Hello!"]
    assert len(_TWO_TURNS.preamble) + len(_TWO_TURNS.conversation_items) == len(_TWO_TURNS.items)
    assert [text.id for text in _TWO_TURNS.assistant_messages] == ["done one", "done two"]
    assert [text.id for text in _TWO_TURNS.user_messages] == ["one", "two"]
    assert _TWO_TURNS.get_first_system_prompt() == "Be kind."


def test_without_a_user_message_everything_is_preamble() -> None:
    trace = _trace(assistant("Hello!"), call("a"), output("a"))
    assert len(trace.preamble) == 3
    assert trace.turns == []
    assert trace.conversation_items == []
    assert trace.function_calls == []
    assert trace.get_last_assistant_text() is None
    assert trace.get_last_user_text() is None
    assert trace.get_function_output_for_call("a") is None


def test_two_user_messages_in_a_row_make_an_empty_turn() -> None:
    first, second = _trace(user("one"), user("two"), system("late")).turns
    assert first.assistant_items == []
    assert len(second.assistant_items) == 1


def test_a_late_system_message_and_a_developer_message_are_no_system_prompt() -> None:
    trace = _trace(message("developer", "Be brief."), user("one"), system("late"))
    assert trace.system_messages == []
    assert trace.get_first_system_prompt() is None


def test_calls_are_found_by_name_and_outputs_by_call() -> None:
    assert [c.call_id for c in _TWO_TURNS.get_function_calls_by_name("search")] == ["a", "c"]
    assert _TWO_TURNS.get_function_calls_by_name("cancel") == []
    found = _TWO_TURNS.get_function_output_for_call("b")
    assert found is not None
    assert found.output == "late"
    assert [(c.call_id, o is not None) for c, o in _TWO_TURNS.get_function_call_pairs()] == [
        ("a", True),
        ("b", True),
        ("c", False),
    ]


def test_of_two_outputs_the_lookup_gives_the_first_and_the_pair_the_last() -> None:
    trace = _trace(user("hi"), call("a"), output("a", "first"), output("a", "last"))
    found = trace.get_function_output_for_call("a")
    [(_, paired)] = trace.get_function_call_pairs()
    assert found is not None
    assert paired is not None
    assert (found.output, paired.output) == ("first", "last")


def test_text_is_every_part_that_has_words_one_per_line() -> None:
    trace = _trace(
        user("hi"),
        assistant("said")
        | {
            "content": [
                {"type": "reasoning_text", "text": "hm"},
                {"type": "input_image", "detail": "low", "text": "an extra key is no words"},
                {"type": "refusal", "refusal": "no"},
                {"type": "summary_text", "text": "short"},
                {"type": "output_text", "text": "said"},
            ]
        },
    )
    assert trace.get_last_assistant_text() == "hm\nno\nshort\nsaid"
    assert _trace(user("hi") | {"content": []}).get_last_user_text() == ""


def test_output_text_leaves_images_and_files_out() -> None:
    trace = _trace(
        user("hi"),
        call("a"),
        output(
            "a",
            [
                {"type": "input_text", "text": "see"},
                {"type": "input_file", "filename": "a.pdf"},
                {"type": "input_text", "text": "this"},
            ],
        ),
        output("b", "plain"),
    )
    texts = [trace.get_function_output_text(found) for found in trace.function_outputs]
    assert texts == ["see\nthis", "plain"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "expected a JSON object, found a list"),
    ],
)
def test_arguments_that_are_no_object_are_named_with_their_call(
    arguments: str, problem: str
) -> None:
    trace = _trace(user("hi"), call("a", "search", arguments))
    with pytest.raises(InvalidTraceError, match=f"arguments of call 'a' to search: {problem}"):
        trace.get_function_call_arguments(trace.function_calls[0])


def test_arguments_are_parsed() -> None:
    trace = _trace(user("hi"), call("a", "search", '{"q": ["x", 1]}'))
    assert trace.get_function_call_arguments(trace.function_calls[0]) == {"q": ["x", 1]}
