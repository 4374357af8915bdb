"""Answers that a history repeats with small differences, and outputs that repeat their input."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chat.making import brief, held
from trace_assets import chat
from trace_assets.chat import ModelCall, Piece

SYSTEM = {"role": "system", "content": "Be brief."}


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def assistant(text: str | None, *calls: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": text, "tool_calls": [*calls], **more}


def call(call_id: str | None, arguments: Any, name: str = "ferry") -> dict[str, Any]:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def result(call_id: str | None, text: Any) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": text}


def pieces_of(*calls: tuple[list[Any], list[Any]]) -> list[Piece]:
    return chat.fold(ModelCall(chat.read(given), chat.read(made)) for given, made in calls).pieces


def fold(*calls: tuple[list[Any], list[Any]]) -> list[str]:
    return brief(held(chat.items_of("t", pieces_of(*calls))))


ASK = user("When does the ferry leave?")
CALL = call("c1", '{"from": "Moss"}')
WHOLE = [
    "user: When does the ferry leave?",
    "assistant: I look it up.",
    'call ferry {"from": "Moss"}',
    "output 9:40",
    "assistant: At 9:40.",
]


@pytest.mark.parametrize(
    ("made", "again"),
    [
        (assistant("I look it up.\n\n", CALL), assistant("I look it up.", CALL)),
        (assistant(" I look it up.", CALL), assistant("I look it up. ", CALL)),
        (assistant("I look it up.", CALL), assistant(None, CALL)),
        (assistant(None, CALL), assistant("I look it up.", CALL)),
        (assistant("I look it up.", CALL), assistant(None, call("c1", {"from": "Moss", "n": 1}))),
        (assistant("I look it up.", CALL), assistant("I look it up.", call("c1", None))),
        (assistant("I look it up.", CALL), assistant("I look it up.", call("c1", '{"from": "M'))),
        (
            assistant("I look it up.", CALL),
            assistant("I look it up.", call(None, CALL["function"]["arguments"])),
        ),
    ],
)
def test_an_answer_in_the_history_is_the_same_by_its_call(made: Any, again: Any) -> None:
    told = fold(([ASK], [made]), ([ASK, again, result("c1", "9:40")], [assistant("At 9:40.")]))
    assert [line.replace("  ", " ") for line in told] == WHOLE


def test_a_text_that_only_the_history_has_stays_before_its_call_in_later_histories() -> None:
    made, again = assistant(None, CALL), assistant("I look it up.", CALL)
    seen = [ASK, again, result("c1", "9:40")]
    told = fold(
        ([ASK], [made]),
        ([ASK, made, result("c1", "9:40")], [assistant("At 9:40.")]),
        ([*seen, assistant("At 9:40."), user("And then?")], [assistant("At 10:40.")]),
        ([*seen, assistant("At 9:40."), user("And then?"), assistant("At 10:40.")], []),
    )
    assert told == [*WHOLE, "user: And then?", "assistant: At 10:40."]


def test_reasoning_that_only_the_history_has_stays_before_its_call() -> None:
    again = assistant(None, CALL, reasoning_content="A table exists.")
    told = fold(([ASK], [assistant(None, CALL)]), ([ASK, again, result("c1", "9:40")], []))
    assert told == [WHOLE[0], "assistant: (A table exists.)", *WHOLE[2:4]]


def test_parallel_calls_whose_results_follow_each_call_in_the_history_are_the_same() -> None:
    one, two = call("c1", '{"from": "Moss"}'), call("c2", '{"from": "Horten"}')
    rows = [
        ASK,
        assistant(None, one),
        result("c1", "9:40"),
        assistant(None, two),
        result("c2", "9:10"),
    ]
    together = [ASK, assistant(None, one, two), result("c2", "9:10"), result("c1", "9:40")]
    told = fold(
        ([ASK], [assistant("I look it up.", one, two)]),
        (rows, [assistant("9:40 and 9:10.")]),
        ([*together, assistant("9:40 and 9:10."), user("Thanks")], [assistant("Welcome.")]),
        ([*rows, assistant("9:40 and 9:10."), user("Thanks"), assistant("Welcome.")], []),
    )
    assert sorted(told[2:6]) == [
        'call ferry {"from": "Horten"}',
        'call ferry {"from": "Moss"}',
        "output 9:10",
        "output 9:40",
    ]
    assert told[6:] == ["assistant: 9:40 and 9:10.", "user: Thanks", "assistant: Welcome."]


def test_a_result_that_one_call_contains_twice_counts_once() -> None:
    block = {"toolResult": {"toolUseId": "c1", "content": [{"text": "9:40"}], "status": "success"}}
    given = [ASK, assistant("I look it up.", CALL), result("c1", "9:40"), user([block])]  # type: ignore[arg-type]
    once = ([*given], [assistant("At 9:40.")])
    assert fold(once) == fold(([ASK], [given[1]]), once) == WHOLE


def test_a_result_that_the_client_shortens_later_is_kept_as_it_was() -> None:
    made = assistant("I look it up.", CALL)
    pieces = pieces_of(
        ([ASK, made, result("c1", "9:40")], [assistant("At 9:40.")]),
        ([ASK, made, result("c1", "[cleared]"), assistant("At 9:40.")], []),
    )
    assert brief(held(chat.items_of("t", pieces))) == WHOLE
    assert pieces[3].rest == {"output_in_history": "[cleared]"}


def test_a_window_that_begins_with_a_known_call_repeats_nothing() -> None:
    seen = [ASK, assistant("I look it up.", CALL), result("c1", "9:40")]
    window = [SYSTEM, assistant(None, call("c1", {"from": "Moss", "n": 1})), result("c1", "9:40")]
    told = fold(
        (seen, [assistant("At 9:40.")]),
        ([*window, assistant("At 9:40."), user("And then?")], [assistant("At 10:40.")]),
    )
    assert told == [*WHOLE, "system: Be brief.", "user: And then?", "assistant: At 10:40."]


def test_two_calls_with_the_same_text_and_other_ids_stay_two() -> None:
    def asks(call_id: str) -> dict[str, Any]:
        return assistant("I look it up.", call(call_id, '{"from": "Moss"}'))

    told = fold(
        ([ASK], [asks("c1")]),
        (
            [
                ASK,
                asks("c1"),
                result("c1", "9:40"),
                user("Again"),
                asks("c2"),
                result("c2", "9:41"),
            ],
            [],
        ),
    )
    assert told == [
        *WHOLE[:4],
        "user: Again",
        "assistant: I look it up.",
        'call ferry {"from": "Moss"}',
        "output 9:41",
    ]


def test_an_id_that_a_server_gives_in_every_turn_names_a_call_in_each() -> None:
    def turn(number: int) -> list[Any]:
        asks = assistant(None, call("call_0", '{"from": "Moss"}'))
        return [user(f"Ferry {number}?"), asks, result("call_0", f"{number}:40")]

    history: list[Any] = []
    calls: list[tuple[list[Any], list[Any]]] = []
    for number in range(1, 5):
        asked, made, answered = turn(number)
        said = assistant(f"At {number}:40.")
        calls += [([*history, asked], [made]), ([*history, asked, made, answered], [said])]
        history += [asked, made, answered, said]
    assert fold(*calls) == brief(held(chat.items_of("t", chat.read(history))))


# --- outputs that repeat their input ---------------------------------------------------------

STATE = [ASK, assistant("I look it up.", CALL), result("c1", "9:40"), assistant("At 9:40.")]


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ([ASK], STATE),
        ([], STATE),
        (STATE[:3], STATE),
        ([user(" When does the ferry leave?\n")], STATE),
        ([ASK], [ASK, STATE[1], result("c1", "9:40"), result("c1", "9:40"), STATE[3]]),
    ],
)
def test_input_that_an_output_repeats_counts_once(given: list[Any], made: list[Any]) -> None:
    assert [line.replace("? ", "?") for line in fold((given, made))] == WHOLE


def test_the_input_of_a_state_is_what_comes_before_its_answer() -> None:
    first = [user("Hello"), assistant("Hi.")]
    read = [ModelCall(chat.read([ASK]), chat.read([*first, *STATE]))]
    folded = chat.fold(read)
    assert folded.calls == [([0, 1, 2], [3, 4, 5, 6])]
    assert folded.repeated == 1


def test_a_state_without_the_system_prompt_repeats_the_rest_of_the_input() -> None:
    assert fold(([SYSTEM, ASK], STATE)) == ["system: Be brief.", *WHOLE]


def test_a_model_that_speaks_for_the_user_repeats_nothing() -> None:
    told = fold(
        ([SYSTEM, assistant("Welcome.")], [ASK]), ([SYSTEM, assistant("Welcome."), ASK], [])
    )
    assert told == ["system: Be brief.", "assistant: Welcome.", WHOLE[0]]


# --- laws ------------------------------------------------------------------------------------


class Turn:
    """One answer with calls, and how the histories write it."""

    def __init__(self, number: int, draw: st.DataObject) -> None:
        self.number = number
        self.text = draw.draw(st.sampled_from([None, f"text {number}"]))
        self.ids = [f"c{number}.{n}" for n in range(draw.draw(st.integers(0, 2)))]
        if not self.ids:
            self.text = f"text {number}"

    def made(self) -> dict[str, Any]:
        calls = [call(own, json.dumps({"own": own})) for own in self.ids]
        return assistant(self.text, *calls)

    def again(self, draw: st.DataObject) -> list[dict[str, Any]]:
        text = self.text
        if text is not None:
            ways = [text, f"{text}\n", f" {text}"] + ([None] if self.ids else [])
            text = draw.draw(st.sampled_from(ways))
        calls = [call(own, draw.draw(self.arguments(own))) for own in self.ids]
        results = [result(own, f"result {own}") for own in self.ids]
        if draw.draw(st.booleans()):
            results = [each for each in results for _ in range(2)]
        return [assistant(text, *calls), *results, user(f"go on {self.number}")]

    @staticmethod
    def arguments(own: str) -> st.SearchStrategy[Any]:
        whole = {"own": own}
        ways = [
            whole,
            json.dumps(whole),
            {**whole, "unit": "h"},
            json.dumps({"unit": "h", **whole}),
        ]
        return st.sampled_from([*ways, None, "", "{}", '{"own": "'])


@given(st.data(), st.integers(1, 4))
def test_histories_with_any_allowed_differences_give_one_conversation(
    draw: st.DataObject, count: int
) -> None:
    turns = [Turn(number, draw) for number in range(count)]
    calls: list[tuple[list[Any], list[Any]]] = []
    for number, turn in enumerate(turns):
        history = [each for one in turns[:number] for each in one.again(draw)]
        calls.append(([ASK, *history], [turn.made()]))
    wanted: list[Any] = [ASK]
    for turn in turns[:-1]:
        results = [result(own, f"result {own}") for own in turn.ids]
        wanted += [turn.made(), *results, user(f"go on {turn.number}")]
    wanted.append(turns[-1].made())
    assert fold(*calls) == brief(held(chat.items_of("t", chat.read(wanted))))
    assert fold(*calls, *calls) == fold(*calls)
    pieces = pieces_of(*calls)
    assert chat.fold([ModelCall(pieces, [])]).pieces == pieces
