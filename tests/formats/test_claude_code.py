"""What goldens of Claude Code's sessions cannot say: laws, sizes, and what order is worth."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conversions import Conversion, converted, converted_bytes, is_balanced
from tests.formats.hostile import mutated

FIXTURES = Path(__file__).parent / "fixtures" / "claude_code"


def lines_of(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FIXTURES / name).read_text("utf-8").splitlines()]


def session(lines: list[dict[str, Any]], *, file: str = "s.jsonl") -> Conversion:
    content = "".join(json.dumps(line) + "\n" for line in lines)
    return converted_bytes(content.encode(), file=file, format="claude_code")


def line(uuid: str, parent: str | None, role: str, content: Any, **more: Any) -> dict[str, Any]:
    message = {"role": role, "content": content, **more.pop("message", {})}
    own = {"type": role, "uuid": uuid, "parentUuid": parent, "sessionId": "s", "isSidechain": False}
    return {**own, "message": message, **more}


def said(trace: dict[str, Any]) -> list[str]:
    """What the items say, in short."""
    found: list[str] = []
    for item in trace["items"]:
        match item:
            case {"content": [{"text": text}, *_]}:
                found.append(text)
            case {"name": name, "arguments": _}:
                found.append(f"call {name}")
            case {"output": output}:
                found.append(f"result {output}")
            case _:
                found.append("")
    return found


def test_every_result_of_parallel_calls_is_told_though_only_one_leads_to_the_answer() -> None:
    calls = [
        line(
            f"a{n}",
            f"a{n - 1}" if n else "u",
            "assistant",
            [{"type": "tool_use", "id": f"t{n}", "name": f"T{n}", "input": {}}],
            message={"id": "msg_1"},
        )
        for n in range(3)
    ]
    results = [
        line(f"r{n}", f"a{n}", "user", [{"type": "tool_result", "tool_use_id": f"t{n}"}])
        for n in range(3)
    ]
    begin, end = line("u", None, "user", "go"), line("z", "r1", "assistant", "done")
    (trace,) = session([begin, *calls, *results, end]).traces
    kinds = [item["type"] for item in trace["items"]]
    assert kinds == [
        "message",
        *["function_call"] * 3,
        *["function_call_output"] * 3,
        "message",
    ]
    assert "branches" not in trace["metadata"]["extra"]


def test_a_second_result_of_a_call_is_of_an_abandoned_branch() -> None:
    call = [{"type": "tool_use", "id": "t", "name": "T", "input": {}}]
    lines = [
        line("u", None, "user", "go"),
        line("a", "u", "assistant", call),
        line("r1", "a", "user", [{"type": "tool_result", "tool_use_id": "t", "content": "no"}]),
        line("r2", "a", "user", [{"type": "tool_result", "tool_use_id": "t", "content": "yes"}]),
        line("z", "r2", "assistant", "done"),
    ]
    (trace,) = session(lines).traces
    assert said(trace) == ["go", "call T", "result yes", "done"]
    (branch,) = trace["metadata"]["extra"]["branches"]
    assert [item["output"] for item in branch["items"]] == ["no"]
    assert branch["after"] == trace["items"][1]["id"]


def test_the_tokens_of_a_message_count_once_however_many_lines_it_has() -> None:
    (row,) = converted([FIXTURES / "session.jsonl"]).rows
    last = {}
    for each in lines_of("session.jsonl"):
        message = each.get("message", {})
        if "usage" in message:
            last[message["id"]] = message["usage"]
    assert row["input_tokens"] == sum(usage["input_tokens"] for usage in last.values())
    assert row["output_tokens"] == sum(usage["output_tokens"] for usage in last.values())


@pytest.mark.parametrize("name", ["session.jsonl", "rewound.jsonl"])
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_shuffled_lines_tell_the_same_conversation(name: str, data: st.DataObject) -> None:
    lines = lines_of(name)
    expected = [said(trace) for trace in session(lines).traces]
    shuffled = data.draw(st.permutations(lines))
    assert [said(trace) for trace in session(shuffled).traces] == expected


def test_a_session_that_was_resumed_goes_on_where_it_was_left_whichever_file_comes_first(
    tmp_path: Path,
) -> None:
    old, new = sorted((FIXTURES / "resumed").iterdir())
    for names in (("a.jsonl", "b.jsonl"), ("b.jsonl", "a.jsonl")):
        for source, name in zip((old, new), names, strict=True):
            (tmp_path / name).write_bytes(source.read_bytes())
        conversion = converted([tmp_path])
        (trace,) = conversion.traces
        assert said(trace)[-2:] == ["Make it four.", "Four days in Bern."]
        assert len(trace["items"]) == 4
        assert trace["metadata"]["trace_id"] == new.stem
        assert conversion.ledger["duplicate"] == 2


def test_lines_with_one_id_and_different_content_are_both_kept() -> None:
    lines = [line("u", None, "user", "one"), line("u", None, "user", "two")]
    conversion = session(lines)
    assert conversion.ledger["duplicate"] == 0
    assert said(conversion.traces[0]) == ["one", "two"]


def test_parents_in_a_circle_end_somewhere() -> None:
    lines = [line(f"u{n}", f"u{(n + 1) % 4}", "user", str(n)) for n in range(4)]
    lines.append(line("self", "self", "user", "self"))
    conversion = session(lines)
    assert is_balanced(conversion.ledger)
    assert sorted(said(conversion.traces[0])) == ["0", "1", "2", "3", "self"]


def test_a_chain_of_100000_lines_is_one_trace() -> None:
    lines = [line(f"u{n}", f"u{n - 1}" if n else None, "user", str(n)) for n in range(100_000)]
    content = "".join(json.dumps(each) + "\n" for each in reversed(lines))
    (trace,) = converted_bytes(content.encode(), file="s.jsonl").traces
    assert said(trace) == [str(n) for n in range(100_000)]


def test_a_system_prompt_that_is_attached_twice_is_told_once() -> None:
    attachment = {"type": "system_context", "systemPrompt": "Be kind.", "tools": [{"name": "T"}]}
    own = {"type": "attachment", "sessionId": "s", "isSidechain": False}
    lines = [
        line("u", None, "user", "hi"),
        {**own, "uuid": "x", "parentUuid": "u", "attachment": attachment},
        line("a", "x", "assistant", "hello"),
        {**own, "uuid": "y", "parentUuid": "a", "attachment": attachment},
    ]
    (trace,) = session(lines).traces
    assert said(trace) == ["Be kind.", "hi", "hello"]
    assert trace["items"][0]["role"] == "system"
    assert trace["metadata"]["extra"]["tools"] == [{"name": "T"}]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_mutated_lines_are_converted_or_quarantined_and_never_an_error(data: st.DataObject) -> None:
    names = [path.name for path in FIXTURES.glob("*.jsonl") if path.name != "not_told.jsonl"]
    lines = lines_of(data.draw(st.sampled_from(sorted(names))))
    conversion = session([data.draw(mutated(each)) for each in lines])
    assert is_balanced(conversion.ledger)
    assert conversion.ledger["records"] == len(lines)
    assert set(conversion.reasons) <= {"unknown_shape", "no_conversation"}


def queue(operation: str, **more: Any) -> dict[str, Any]:
    return {"type": "queue-operation", "operation": operation, "sessionId": "s", **more}


def absorbed(text: str) -> list[dict[str, Any]]:
    removed = queue("remove", content=text, reason="absorbed_mid_turn")
    return [queue("enqueue", content=text), removed]


def told(lines: list[dict[str, Any]]) -> list[str]:
    (trace,) = session(lines).traces
    return said(trace)


def test_a_message_absorbed_from_the_queue_is_there_once_where_it_was_absorbed() -> None:
    asked, answer = line("u", None, "user", "Go"), line("a", "u", "assistant", "Done.")
    assert told([asked, *absorbed("faster"), answer]) == ["Go", "faster", "Done."]
    again = line("v", "u", "user", "faster")
    later = line("a", "v", "assistant", "Done.")
    assert told([asked, *absorbed("faster"), again, later]) == ["Go", "faster", "Done."]


def test_an_absorbed_message_has_the_words_that_were_queued_if_its_removal_has_none() -> None:
    removed = queue("remove", reason="absorbed_mid_turn")
    asked, answer = line("u", None, "user", "Go"), line("a", "u", "assistant", "Done.")
    lines = [asked, queue("enqueue", content="faster"), removed, answer]
    assert told(lines) == ["Go", "faster", "Done."]


def test_the_same_words_after_the_next_answer_are_another_message() -> None:
    lines = [
        line("u", None, "user", "Go"),
        *absorbed("faster"),
        line("a", "u", "assistant", "Yes."),
    ]
    again = line("v", "a", "user", "faster")
    assert told([*lines, again]) == ["Go", "faster", "Yes.", "faster"]


def test_a_message_that_was_taken_back_from_the_queue_is_in_no_conversation() -> None:
    asked, answer = line("u", None, "user", "Go"), line("a", "u", "assistant", "Done.")
    assert told([asked, queue("enqueue", content="stop"), queue("popAll"), answer]) == [
        "Go",
        "Done.",
    ]


def test_a_removal_that_does_not_say_why_is_marked() -> None:
    asked, answer = line("u", None, "user", "Go"), line("a", "u", "assistant", "Done.")
    (row,) = session([asked, queue("enqueue", content="stop"), queue("remove"), answer]).rows
    assert "queued_message_uncertain" in row["tags"]


def test_a_message_absorbed_on_an_abandoned_branch_leaves_with_it() -> None:
    asked, answer = line("u", None, "user", "Go"), line("a", "u", "assistant", "Done.")
    lines = [asked, answer, line("v", "a", "user", "More"), *absorbed("faster")]
    assert told([*lines, line("w", "a", "user", "Less")]) == ["Go", "Done.", "Less"]


def test_a_session_that_only_resumes_another_is_one_row_with_it_in_any_order(
    tmp_path: Path,
) -> None:
    first = [line("u", None, "user", "One"), line("a", "u", "assistant", "First.")]
    more = [{**each, "sessionId": "t"} for each in [*first, line("v", "a", "user", "Two")]]
    for names in (("a", "b"), ("b", "a")):
        for name, lines in zip(names, (first, more), strict=True):
            content = "".join(json.dumps(each) + "\n" for each in lines)
            (tmp_path / f"{name}.jsonl").write_text(content, "utf-8")
        result = converted([tmp_path])
        assert [said(trace) for trace in result.traces] == [["One", "First.", "Two"]]
        assert result.ledger["duplicate"] == 2


def test_sessions_with_ends_of_their_own_are_rows_and_count_shared_tokens_once() -> None:
    result = converted([FIXTURES / "branched"])
    assert [said(trace) for trace in result.traces] == [
        ["Name a boat", "Heron.", "Another", "Swan."],
        ["Name a boat", "Heron.", "A shorter one", "Jay."],
    ]
    assert [row["output_tokens"] for row in result.rows] == [10, 5]


def test_a_branched_session_without_its_source_counts_its_own_tokens_only() -> None:
    (row,) = converted([FIXTURES / "branched" / "br-b.jsonl"]).rows
    assert (row["turns"], row["output_tokens"]) == (2, 5)


def test_an_error_of_the_api_is_an_error_and_no_answer() -> None:
    (row,) = converted([FIXTURES / "appended_again.jsonl"]).rows
    assert row["model"] == "claude-haiku-4-5"
    assert "model_call_failed" in row["tags"]
    errors = [each["message"] for each in row["trace"]["events"] if each["type"] == "error"]
    assert errors == ["Overloaded", "API Error: 529 Overloaded"]


def test_lines_that_are_appended_again_take_nothing_out_of_the_conversation() -> None:
    result = converted([FIXTURES / "appended_again.jsonl"])
    (trace,) = result.traces
    assert said(trace) == [
        "One",
        "First.",
        "Two",
        "Second.",
        "Summary of all.",
        "Three",
        "Third.",
        "Four",
    ]
    assert result.ledger["duplicate"] == 3


def test_answers_of_one_question_that_follow_results_are_one_conversation() -> None:
    (trace,) = converted([FIXTURES / "star.jsonl"]).traces
    assert said(trace) == ["Fix it", "call Read", "result x", "call Edit", "result ok", "Fixed."]


def test_a_message_that_is_written_anew_with_more_calls_has_each_call_once() -> None:
    calls = [
        {"type": "tool_use", "id": f"t{n}", "name": f"T{n}", "input": {"n": n}} for n in range(2)
    ]
    results = [{"type": "tool_result", "tool_use_id": f"t{n}", "content": str(n)} for n in range(2)]
    lines = [
        line("u", None, "user", "Go"),
        line("a", "u", "assistant", [calls[0]]),
        line("b", "u", "assistant", calls),
        line("c", "u", "assistant", [calls[1]]),
        line("r", "c", "user", [results[0]]),
        line("s", "b", "user", [results[1]]),
        line("d", "u", "assistant", "Done."),
    ]
    (row,) = session(lines).rows
    assert said(row["trace"]) == ["Go", "call T0", "call T1", "result 0", "result 1", "Done."]
    assert row["tags"] == []


def test_a_notice_of_a_background_task_is_not_what_the_user_says() -> None:
    notice = "<task-notification>done</task-notification>"
    asked, answer = line("u", None, "user", "Go"), line("a", "u", "assistant", "Done.")
    (trace,) = session([asked, *absorbed(notice), answer]).traces
    assert [item["role"] for item in trace["items"]] == ["user", "developer", "assistant"]


def test_an_error_of_the_api_without_its_flag_is_told_by_the_model_that_wrote_it() -> None:
    failed = line(
        "a",
        "u",
        "assistant",
        [{"type": "text", "text": "API Error: 500"}],
        message={"model": "<synthetic>"},
    )
    (row,) = session([line("u", None, "user", "Go"), failed]).rows
    assert said(row["trace"]) == ["Go"]
    assert (row["model"], row["tags"]) == (None, ["model_call_failed"])


def test_a_session_of_which_only_the_error_is_left_is_a_row_with_the_error() -> None:
    failed = line("a", None, "assistant", "No login", isApiErrorMessage=True)
    (row,) = session([failed]).rows
    assert row["trace"]["items"] == []
    assert [event["message"] for event in row["trace"]["events"]] == ["No login"]
    assert "model_call_failed" in row["tags"]


def test_a_branch_that_was_joined_to_the_file_of_its_source_is_a_trace_of_its_own() -> None:
    shared = [line("u", None, "user", "go"), line("a", "u", "assistant", "where?")]
    source = [*shared, line("l", "a", "user", "left"), line("m", "l", "assistant", "went left")]
    forked = {"sessionId": "s", "messageUuid": "u"}
    branch = [{**each, "sessionId": "b", "forkedFrom": forked} for each in shared]
    own = [line("r", "a", "user", "right"), line("q", "r", "assistant", "went right")]
    branch += [{**each, "sessionId": "b"} for each in own]
    conversion = session([*source, *branch])
    assert list(map(said, conversion.traces)) == [
        ["go", "where?", "left", "went left"],
        ["go", "where?", "right", "went right"],
    ]
    assert is_balanced(conversion.ledger)
