"""Model calls that repeat their history, folded into one conversation."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chat.making import brief, held
from trace_assets import chat
from trace_assets.chat import Called, Folded, ModelCall

SYSTEM = {"role": "system", "content": "Be brief."}


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def assistant(text: str, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": text, **more}


def fold(*calls: tuple[list[Any], list[Any]]) -> tuple[Folded, list[str]]:
    folded = chat.fold(ModelCall(chat.read(given), chat.read(made)) for given, made in calls)
    return folded, brief(held(chat.items_of("t", folded.pieces)))


def test_a_growing_history_is_told_once() -> None:
    folded, told = fold(
        ([SYSTEM, user("a")], [assistant("A", id="msg_1")]),
        ([SYSTEM, user("a"), assistant("A"), user("b")], [assistant("B")]),
    )
    assert told == ["system: Be brief.", "user: a", "assistant: A", "user: b", "assistant: B"]
    assert folded.calls == [([0, 1], [2]), ([0, 1, 2, 3], [4])]
    assert folded.repeated == 3


def test_what_one_call_says_twice_is_there_twice_but_its_thoughts_are_not() -> None:
    twice = [user("a"), assistant("A"), user("a")]
    folded, told = fold((twice, [assistant("A")]))
    assert told == ["user: a", "assistant: A", "user: a", "assistant: A"]
    assert (folded.calls, folded.repeated) == ([([0, 1, 2], [3])], 0)
    thought = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm"}]}
    folded, told = fold(([user("a"), thought, thought], [assistant("A")]))
    assert (len(told), folded.repeated) == (3, 1)


def test_an_answer_and_its_repetition_may_be_written_in_different_ways() -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"a": 1}'}}
    made = {"type": "function_call", "id": "fc", "call_id": "c1", "name": "look"}
    folded, told = fold(
        ([user("a")], [{**made, "arguments": '{"a":1}'}]),
        (
            [
                user("a"),
                {"role": "assistant", "content": None, "tool_calls": [call]},
                {"role": "tool", "tool_call_id": "c1", "content": '{"x":  1}'},
            ],
            [{"role": "model", "parts": [{"text": "o"}, {"text": "k"}]}],
        ),
        (
            [
                {"role": "user", "content": [{"type": "text", "text": "a"}]},
                {"role": "assistant", "content": "", "function_call": call["function"]},
                {
                    "role": "function",
                    "name": "look",
                    "content": [{"type": "text", "text": '{"x":1}'}],
                },
                assistant("ok", refusal=None),
            ],
            [],
        ),
    )
    assert told == ["user: a", 'call look {"a":1}', 'output {"x":  1}', "assistant: o k"]
    assert folded.repeated == 2 + 4


def test_calls_with_ids_of_their_own_are_two_though_they_ask_the_same() -> None:
    def asks(call_id: str) -> dict[str, Any]:
        return {"type": "function_call", "call_id": call_id, "name": "look", "arguments": "{}"}

    _, told = fold(([user("a")], [asks("1")]), ([user("a")], [asks("2")]))
    assert told == ["user: a", "call look {}", "call look {}"]


def test_reasoning_that_the_history_leaves_out_stays_before_its_answer() -> None:
    folded, told = fold(
        ([user("a")], [assistant("A", reasoning="hm")]),
        ([user("a"), assistant("A"), user("b")], [assistant("B", reasoning="hm")]),
        ([user("a"), assistant("A", reasoning="hm"), user("b"), assistant("B")], []),
    )
    assert told == [
        "user: a",
        "assistant: (hm)",
        "assistant: A",
        "user: b",
        "assistant: (hm)",
        "assistant: B",
    ]
    assert folded.calls[2].inputs == [0, 1, 2, 3, 5]


def test_agents_that_take_turns_each_go_on_with_their_own_history() -> None:
    other = {"role": "system", "content": "Search."}
    task = [other, user("find x")]
    folded, told = fold(
        ([SYSTEM, user("a")], [assistant("searching")]),
        (task, [assistant("found")]),
        ([SYSTEM, user("a"), assistant("searching"), user("b")], [assistant("B")]),
        ([*task, assistant("found"), user("more")], [assistant("no")]),
    )
    assert [line.partition(": ")[2] for line in told] == [
        "Be brief.",
        "a",
        "searching",
        "Search.",
        "find x",
        "found",
        "b",
        "B",
        "more",
        "no",
    ]
    assert folded.calls[3] == ([3, 4, 5, 8], [9])


def test_a_system_prompt_that_changes_with_every_call_does_not_repeat_the_rest() -> None:
    def at(time: int) -> dict[str, Any]:
        return {"role": "system", "content": f"It is {time}."}

    _, told = fold(
        ([at(1), user("a")], [assistant("A")]),
        ([at(2), user("a"), assistant("A"), user("b")], [assistant("B")]),
        ([at(3), user("a"), assistant("A"), user("b"), assistant("B"), user("c")], []),
    )
    assert told == [
        "system: It is 1.",
        "user: a",
        "assistant: A",
        "system: It is 2.",
        "user: b",
        "assistant: B",
        "system: It is 3.",
        "user: c",
    ]


def test_a_window_that_leaves_out_the_front_does_not_repeat_what_it_keeps() -> None:
    said = [user(f"u{n}") if n % 2 else assistant(f"a{n}") for n in range(1, 40)]
    folded, told = fold(*(([SYSTEM, *said[max(0, n - 4) : n]], [said[n]]) for n in range(1, 39, 2)))
    assert told == ["system: Be brief.", *brief(held(chat.items_of("t", chat.read(said[:38]))))]
    assert folded.calls[-1].outputs == [38]


def test_a_summary_in_place_of_the_history_is_new_and_what_it_keeps_is_not() -> None:
    said = [user("a"), assistant("A"), user("b"), assistant("B")]
    _, told = fold(
        ([SYSTEM, *said[:3]], [said[3]]),
        ([SYSTEM, user("(summary of a)"), *said[2:], user("c")], [assistant("C")]),
    )
    assert told[5:] == ["user: (summary of a)", "user: c", "assistant: C"]


def test_another_conversation_that_ends_alike_is_another_conversation() -> None:
    _, told = fold(
        ([SYSTEM, user("a")], [assistant("ok")]),
        ([SYSTEM, user("b"), assistant("ok"), user("c")], []),
    )
    assert told[3:] == ["user: b", "assistant: ok", "user: c"]


def test_residue_that_only_a_repetition_has_is_kept_with_the_first() -> None:
    folded, _ = fold(([user("a")], []), ([user("a") | {"name": "Ann"}], []))
    assert folded.pieces[0].rest == {"name": "Ann"}


def messages(*roles: str) -> st.SearchStrategy[list[Any]]:
    one = st.builds(
        lambda role, text: {"role": role, "content": text},
        st.sampled_from(roles),
        st.sampled_from("abc"),
    )
    return st.lists(one, max_size=6)


MESSAGES = messages("user", "assistant", "system")


@given(st.lists(st.tuples(MESSAGES, messages("assistant")), max_size=6))
def test_every_call_can_be_told_again_from_its_indices(
    calls: list[tuple[list[Any], list[Any]]],
) -> None:
    folded, told = fold(*calls)
    for (given_, made), (inputs, outputs) in zip(calls, folded.calls, strict=True):
        assert [told[index] for index in inputs] == brief(chat.items_of("t", chat.read(given_)))
        assert [told[index] for index in outputs] == brief(chat.items_of("t", chat.read(made)))
    indices = [index for call in folded.calls for side in call for index in side]
    assert sorted(set(indices)) == list(range(len(folded.pieces)))
    assert len(indices) == len(folded.pieces) + folded.repeated


@pytest.mark.parametrize(
    ("made", "read"),
    [('{"order": "W-1', "{}"), ("", "{}"), ('{"order": 1, "why": "late"}', '{"order": 1}')],
)
def test_a_call_comes_back_as_far_as_the_client_could_read_it(made: str, read: str) -> None:
    def calls(arguments: str) -> dict[str, Any]:
        call = {"id": "c1", "function": {"name": "cancel", "arguments": arguments}}
        return {"role": "assistant", "tool_calls": [call]}

    result = {"role": "tool", "tool_call_id": "c1", "content": "invalid input"}
    folded, told = fold(
        ([user("a")], [calls(made)]),
        ([user("a"), calls(read), result], [assistant("Sorry.")]),
    )
    assert len(told) == 4
    [called] = [item for item in chat.items_of("t", folded.pieces) if "arguments" in item]
    assert called["arguments"] == made
    assert called["arguments_in_history"] == read


def test_another_call_under_an_id_that_was_used_before_stays_another_call() -> None:
    def calls(arguments: str) -> dict[str, Any]:
        call = {"id": "call_0", "function": {"name": "look", "arguments": arguments}}
        return {"role": "assistant", "tool_calls": [call]}

    _, told = fold(([user("a")], [calls('{"x": 1}')]), ([user("a")], [calls('{"x": 2}')]))
    assert len(told) == 3


def test_a_history_without_ids_repeats_a_call_though_it_adds_defaults() -> None:
    def call(arguments: str, **more: Any) -> dict[str, Any]:
        return {**more, "type": "function", "function": {"name": "tide", "arguments": arguments}}

    made = assistant("", tool_calls=[call('{"at": "Dover"}', id="c1"), call('{"at": "Ostend"}')])
    told = [call('{"at": "Dover", "unit": "m"}'), call('{"at": "Ostend", "unit": "m"}')]
    results = [{"role": "tool", "name": "tide", "content": text} for text in ("low", "high")]
    first = [user("Tides?")]
    folded, words = fold(
        (first, [made]),
        ([*first, assistant("", tool_calls=told), *results], [assistant("Low, high.")]),
    )
    calls = [piece for piece in folded.pieces if isinstance(piece, Called)]
    assert [call.rest.get("arguments_in_history") for call in calls] == [
        '{"at": "Dover", "unit": "m"}',
        '{"at": "Ostend", "unit": "m"}',
    ]
    assert len(words) == 6

    other = [assistant("", tool_calls=[call('{"at": "Calais"}')]), results[0]]
    folded, _ = fold((first, [made]), ([*first, *other], [assistant("Low.")]))
    assert sum(isinstance(piece, Called) for piece in folded.pieces) == 3
