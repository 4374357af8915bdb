"""A trace without spans: a step for each message of the model and each tool call."""

from tests.interactions.making import conversation, interactions, steps
from tests.trace.making import assistant, call, output, system, user
from trace_assets.interactions import Message, TokenUsage

ORDER = conversation(
    system("Be brief."),
    assistant("Hello!", timestamp="2026-01-02T10:00:00"),
    user("Where is my order?", timestamp="2026-01-02T10:00:05"),
    call("c", arguments='{"order": 7}', timestamp="2026-01-02T10:00:06", original_call_id="call_9"),
    output("c", '{"place": "Oslo"}', timestamp="2026-01-02T10:00:06.000000001"),
    assistant(
        "In Oslo.",
        timestamp="2026-01-02T10:00:08",
        usage={"prompt_tokens": 40, "completion_tokens": 2, "cached_tokens": 30},
        cost=0.5,
    ),
    user("Thanks"),
    model="m-1",
    tags=["vip"],
)


def test_each_user_turn_is_an_interaction_and_the_greeting_belongs_to_the_first() -> None:
    first, second = interactions(ORDER)
    assert [step.name for step in first.steps] == ["assistant", "look_up", "assistant"]
    assert [step.name for step in second.steps] == ["user"]
    assert (first.id, second.id) == ("t-turn-0", "t-turn-1")
    assert (first.name, first.description) == ("turn 0", "Where is my order?")
    assert {first.group_id, second.group_id} == {"t"}
    assert first.tags["turn"] == 0
    assert first.tags["source_uri"] == "log.json#0"


def test_a_trace_can_be_one_interaction() -> None:
    [only] = interactions(ORDER, per="trace")
    assert only.id == "t"
    assert len(only.steps) == 4
    assert {step.interaction_id for step in only.steps} == {"t"}


def test_a_model_step_has_what_was_said_to_the_model_since_the_step_before() -> None:
    greeting, _, answer, _ = steps(ORDER)
    assert greeting.input_messages == [Message(role="system", content="Be brief.")]
    heard = [
        Message(role="user", content="Where is my order?"),
        Message(
            role="tool",
            content={"type": "function_call_output", "call_id": "c", "output": {"place": "Oslo"}},
        ),
    ]
    assert answer.input_messages == heard
    assert answer.output_messages == [Message(role="assistant", content="In Oslo.")]
    assert (answer.model, answer.output_data) == ("m-1", "In Oslo.")
    assert answer.usage == TokenUsage(input_tokens=40, output_tokens=2, total_tokens=42)
    assert answer.metadata["usage"]["cached_tokens"] == 30
    assert answer.metadata["cost"] == 0.5


def test_a_tool_step_has_arguments_and_result_as_values_and_its_time_to_the_nanosecond() -> None:
    tool = steps(ORDER)[1]
    assert (tool.input_data, tool.output_data) == ({"order": 7}, {"place": "Oslo"})
    assert (tool.start_ns, tool.duration_ns) == (1767348006000000000, 1)
    assert tool.metadata["original_call_id"] == "call_9"
    assert tool.metadata["start_zone"] == "none in the log; taken for UTC"
    assert tool.tags == {"vip": "true", "status": "ok", "span_kind": "tool"}


def test_wall_time_is_from_the_first_start_to_the_last_end() -> None:
    first, second = interactions(ORDER)
    assert (first.start_ns, first.duration_ns) == (1767348000000000000, 8_000_000_000)
    assert second.duration_ns is None


def test_a_step_without_a_time_stays_where_it_happened_and_says_so() -> None:
    last = steps(ORDER)[-1]
    assert last.start_ns == 1767348008000000000
    assert last.metadata["start_from"].startswith("the step before")


def test_without_any_time_none_is_made_up() -> None:
    [only] = interactions(conversation(user("Hi"), assistant("Ho")))
    assert [step.start_ns for step in only.steps] == [None]
    assert (only.start_ns, only.duration_ns) == (None, None)


def test_every_item_is_in_the_raw_of_exactly_one_step() -> None:
    orphan = output("nobody asked", id="orphan")
    trace = conversation(
        *ORDER["items"], assistant("Bye"), user("?"), user("!"), orphan, call("open")
    )
    found: list[str] = []
    for step in steps(trace):
        for part in step.raw.values():
            found += [item["id"] for item in (part if isinstance(part, list) else [part])]
    assert sorted(found) == sorted(item["id"] for item in trace["items"])


def test_failed_and_unanswered_calls_can_be_filtered_by_status() -> None:
    trace = conversation(
        user("Go"),
        call("a", "fails"),
        output("a", "no such line", status="incomplete"),
        call("b", "hangs"),
    )
    assert {step.name: (step.tags or {})["status"] for step in steps(trace)} == {
        "fails": "error",
        "hangs": "incomplete",
        "user": "unknown",
    }


def test_what_the_log_says_of_the_trace_is_in_its_first_step_only() -> None:
    trace = conversation(user("Hi"), assistant("Ho"), user("Yo"), extra={"reward": 1.0})
    first, *others = steps(trace)
    assert first.metadata["trace"]["extra"] == {"reward": 1.0}
    assert all("trace" not in step.metadata for step in others)


def test_a_session_groups_traces_and_a_user_does_if_there_is_none() -> None:
    both = conversation(user("Hi"), extra={"user_id": 7, "metadata": {"session_id": "s-1"}})
    [interaction] = interactions(both)
    assert (interaction.group_id, interaction.tags["grouped_by"]) == ("s-1", "session")
    [interaction] = interactions(conversation(user("Hi"), extra={"user_id": 7}))
    assert (interaction.group_id, interaction.tags["grouped_by"]) == ("7", "user")


def test_a_text_that_is_no_json_stays_text() -> None:
    trace = conversation(user("Go"), call("a", arguments="{not json"), output("a", "NaN"))
    tool = steps(trace)[0]
    assert (tool.input_data, tool.output_data) == ("{not json", "NaN")


def test_an_output_without_a_call_has_the_name_of_its_own() -> None:
    said = user("Go"), assistant("ls"), output("o", "a.txt", name="environment")
    *_, observed = steps(conversation(*said))
    assert (observed.name, observed.output_data) == ("environment", "a.txt")
