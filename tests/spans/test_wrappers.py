"""Model calls around model calls: the spans of a framework and of a provider for the same call."""

from typing import Any

import pytest

from tests.chat.making import brief
from tests.spans.making import answer, asks, model, says, span, system, tool, user
from trace_assets.spans import Assembled, ModelCall, Span, ToolCall, events_of

RULE, ASK = system("Answer in a word."), user("Which lake is the largest?")
CALL = asks(("c1", "lakes", "{}"))
STEPS = [
    model("step1", 1, "outer", sees=[RULE, ASK], says=[CALL], usage={"input_tokens": 9}),
    tool("tool", 2, "outer", call=ToolCall("lakes", "c1", "{}", "a list")),
    model(
        "step2",
        3,
        "outer",
        sees=[RULE, ASK, CALL, answer("c1", "a list")],
        says=[says("Ladoga.")],
        usage={"input_tokens": 19},
    ),
]
WHOLE = [
    "system: Answer in a word.",
    "user: Which lake is the largest?",
    "call lakes {}",
    "output a list",
    "assistant: Ladoga.",
]


def outer(sees: list[Any], made: list[Any]) -> Span:
    return span("outer", 0, 9, call=ModelCall("m", sees, made, {"input_tokens": 28}))


def made_of(*spans: Span) -> Assembled:
    return events_of(spans, "t")


def items(*spans: Span) -> list[str]:
    return brief(made_of(*spans).items)


def test_the_steps_of_a_wrapper_come_in_order_and_its_answer_once() -> None:
    made = made_of(outer([RULE, ASK], [says("Ladoga.")]), *STEPS)
    assert brief(made.items) == WHOLE
    calls = [each for each in made.events if each["type"] == "model_call_event"]
    assert [brief(each["output_items"]) for each in calls] == [
        ["assistant: Ladoga."],
        ["call lakes {}"],
        ["assistant: Ladoga."],
    ]


@pytest.mark.parametrize(
    "wrapper",
    [
        outer([ASK], [says(" Ladoga.")]),
        outer([RULE, ASK], [CALL, says("Ladoga.")]),
        outer([RULE, user("QUESTION Which lake is the largest?")], [says("Ladoga.")]),
        outer([RULE, ASK], [says("Answer: Ladoga.")]),
        outer([], [says("Ladoga.")]),
    ],
)
def test_a_wrapper_that_writes_the_messages_in_another_way_adds_none(wrapper: Span) -> None:
    assert items(wrapper, *STEPS) == WHOLE


def test_a_system_prompt_that_only_the_wrapper_has_comes_first() -> None:
    inner = model("inner", 1, "outer", sees=[ASK], says=[says("Ladoga.")])
    assert items(outer([RULE, ASK], [says("Ladoga.")]), inner) == [*WHOLE[:2], WHOLE[-1]]


def test_an_inner_call_without_an_answer_leaves_that_of_the_wrapper() -> None:
    inner = model("inner", 1, "outer", sees=[RULE, ASK], says=[])
    assert items(outer([RULE, ASK], [says("Ladoga.")]), inner) == [*WHOLE[:2], WHOLE[-1]]


def test_a_call_inside_another_one_about_something_else_is_a_call_of_its_own() -> None:
    guard = model("guard", 1, "outer", sees=[user("Is this safe?")], says=[says("Yes.")])
    told = items(outer([RULE, ASK], [says("Ladoga.")]), guard)
    assert told == [*WHOLE[:2], WHOLE[-1], "user: Is this safe?", "assistant: Yes."]
