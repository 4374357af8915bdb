"""What goldens of Codex's rollouts cannot say: laws, compression, and what echoes are worth."""

import json
import sys
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conversions import Conversion, converted, converted_bytes, is_balanced
from tests.formats.hostile import mutated

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FIXTURES = Path(__file__).parent / "fixtures" / "codex"


def lines_of(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FIXTURES / name).read_text("utf-8").splitlines()]


def rollout(lines: list[Any]) -> Conversion:
    content = "".join(json.dumps(line) + "\n" for line in lines)
    return converted_bytes(content.encode(), file="rollout.jsonl", format="codex")


def event(**payload: Any) -> dict[str, Any]:
    return {"timestamp": "2026-03-01T09:00:00Z", "type": "event_msg", "payload": payload}


def item(**payload: Any) -> dict[str, Any]:
    return {"timestamp": "2026-03-01T09:00:00Z", "type": "response_item", "payload": payload}


def user(text: str) -> dict[str, Any]:
    return item(type="message", role="user", content=[{"type": "input_text", "text": text}])


def texts(conversion: Conversion) -> list[str]:
    (trace,) = conversion.traces
    return [part["text"] for each in trace["items"] for part in each["content"]]


def test_a_compressed_rollout_is_told_and_read_as_it_is(tmp_path: Path) -> None:
    packed = tmp_path / "rollout.jsonl.zst"
    packed.write_bytes(zstd.compress((FIXTURES / "rollout.jsonl").read_bytes()))
    (plain,) = converted([FIXTURES / "rollout.jsonl"]).rows
    (row,) = converted([packed]).rows
    assert row["trace"]["items"] == plain["trace"]["items"]


def test_an_event_repeats_one_item_and_what_is_said_more_often_is_an_item() -> None:
    echo = event(type="user_message", message="go on")
    assert texts(rollout([user("go on"), echo])) == ["go on"]
    assert texts(rollout([echo, user("go on"), echo])) == ["go on", "go on"]
    assert texts(rollout([user("go on"), user("go on"), echo])) == ["go on", "go on"]
    assert texts(rollout([echo])) == ["go on"]


def test_tokens_are_counted_once_for_each_call_of_the_model() -> None:
    counts = [
        each["payload"]["info"]["total_token_usage"]
        for each in lines_of("rollout.jsonl")
        if each["payload"].get("type") == "token_count"
    ]
    (row,) = converted([FIXTURES / "rollout.jsonl"]).rows
    assert (row["input_tokens"], row["output_tokens"]) == tuple(counts[-1].values())


def test_a_count_that_comes_again_is_not_that_of_what_was_made_meanwhile() -> None:
    def count(used: int, total: int) -> dict[str, Any]:
        usages = {"last_token_usage": {"input_tokens": used}}
        usages["total_token_usage"] = {"input_tokens": total}
        return event(type="token_count", info=usages)

    made = [item(type="message", role="assistant", content=text) for text in ("a", "b", "c")]
    lines = [made[0], count(5, 5), made[1], count(5, 5), made[2], count(7, 12)]
    (row,) = rollout(lines).rows
    assert row["input_tokens"] == 12
    assert [each.get("usage") for each in row["trace"]["items"]] == [
        {"input_tokens": 5},
        None,
        {"input_tokens": 7},
    ]


def test_a_line_that_is_no_item_does_not_take_its_neighbours_along() -> None:
    conversion = rollout([user("hi"), item(type="message", role="oracle"), user("there")])
    assert texts(conversion) == ["hi", "there"]
    (refused,) = conversion.quarantine
    assert (refused["reason"], refused["pointer"]) == ("unknown_shape", "/payload/role")


def test_a_list_of_lines_is_told_by_any_of_the_first() -> None:
    odd = {"created_at": "2026-03-01T09:00:00Z", "role": "user", "content": "Hi"}
    conversion = converted_bytes(json.dumps([odd, user("Hi")]).encode())
    assert [file["format"] for file in conversion.ledger["files"]] == ["codex"]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_mutated_lines_are_converted_or_quarantined_and_never_an_error(data: st.DataObject) -> None:
    names = [path.name for path in FIXTURES.glob("*.jsonl") if path.name != "not_told.jsonl"]
    lines = lines_of(data.draw(st.sampled_from(sorted(names))))
    conversion = rollout([data.draw(mutated(each)) for each in lines])
    assert is_balanced(conversion.ledger)
    assert conversion.ledger["records"] == len(lines)
    assert set(conversion.reasons) <= {"unknown_shape", "no_conversation"}


def test_sessions_stand_where_their_files_do_among_traces_of_other_formats(tmp_path: Path) -> None:
    for name in ("b.jsonl", "d.jsonl"):
        session = "".join(json.dumps(line) + "\n" for line in [user(name), event(type="done")])
        (tmp_path / name).write_text(session, "utf-8")
    (tmp_path / "c.csv").write_text("question,answer\nHow?,So.\n", "utf-8")
    conversion = converted([tmp_path])
    files = [row["source_uri"].rpartition("/")[2].partition("#")[0] for row in conversion.rows]
    assert files == ["b.jsonl", "c.csv", "d.jsonl"]
    assert is_balanced(conversion.ledger)


FORKS = FIXTURES / "forks"


def of_fork(mark: str) -> list[dict[str, Any]]:
    (path,) = FORKS.glob(f"*{mark}.jsonl")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def facts_of(conversion: Conversion) -> dict[str, tuple[Any, ...]]:
    names = ("input_tokens", "output_tokens", "turns", "tool_calls", "model")
    return {row["trace_id"][-1]: tuple(row[name] for name in names) for row in conversion.rows}


def test_a_fork_and_a_sub_agent_count_their_own_tokens_only() -> None:
    assert facts_of(converted([FORKS])) == {
        "a": (220, 22, 1, 1, "gpt-bake"),
        "b": (130, 5, 2, 1, "gpt-bake"),
        "c": (50, 5, 2, 0, "gpt-count"),
    }


def test_copies_are_found_without_the_file_of_the_parent_and_whatever_times_they_have() -> None:
    lines = of_fork("00c")
    told = facts_of(rollout(lines))["c"]
    for line in lines[1:8]:
        line["timestamp"] = "2026-06-01T08:00:06.000Z"
    assert facts_of(rollout(lines))["c"] == told
    for line in lines[1:8]:
        line["timestamp"] = "2026-05-30T10:00:00.000Z"
    assert facts_of(rollout(lines))["c"] == told


def test_a_sub_agent_without_copies_keeps_all_of_its_lines() -> None:
    lines = of_fork("00c")
    (row,) = rollout([lines[0], *lines[8:]]).rows
    assert (row["input_tokens"], row["turns"]) == (50, 2)
    assert "inherited" not in row["trace"]["metadata"]["extra"]


def test_a_turn_that_says_when_it_began_tells_where_the_copies_end() -> None:
    lines = [{**line} for line in of_fork("00c")]
    for line in lines:
        del line["timestamp"]
    lines[0]["timestamp"] = "2026-06-01T08:00:06.000Z"
    for place, at in ((2, 1780300801), (8, 1780300806), (14, 1780300809)):
        lines[place]["payload"]["started_at"] = at
    assert facts_of(rollout(lines))["c"][:3] == (50, 5, 2)


def test_a_file_that_does_not_say_where_its_copies_end_is_marked() -> None:
    lines = of_fork("00c")
    for line in lines:
        del line["timestamp"]
    (row,) = rollout(lines).rows
    assert "inherited_history_uncertain" in row["tags"]
    assert (row["input_tokens"], row["turns"]) == (50, 2)


def test_a_rollback_of_more_turns_than_there_are_keeps_what_came_before_the_first() -> None:
    context = user("<environment_context>cwd</environment_context>")
    back = event(type="thread_rolled_back", num_turns=5)
    lines = [context, user("one"), user("two"), back, user("three")]
    assert texts(rollout(lines)) == ["<environment_context>cwd</environment_context>", "three"]


def test_a_rollback_of_turns_that_had_calls_is_marked_and_keeps_them() -> None:
    (row,) = converted([FIXTURES / "rolled_back.jsonl"]).rows
    assert (row["input_tokens"], row["turns"], row["tool_calls"]) == (25, 3, 0)
    assert row["tags"] == ["branch_with_calls"]
    (branch,) = row["trace"]["metadata"]["extra"]["branches"]
    assert branch["rolled_back_turns"] == 1
    assert len(branch["items"]) == 4


def count_of(last: int | None, total: int) -> dict[str, Any]:
    info = {"total_token_usage": {"input_tokens": total}}
    return event(
        type="token_count",
        info=info | ({"last_token_usage": {"input_tokens": last}} if last else {}),
    )


def test_a_count_before_the_item_of_its_call_belongs_to_the_next_item() -> None:
    answer = item(type="message", role="assistant", content="a")
    (row,) = rollout([user("q"), count_of(5, 5), answer]).rows
    assert row["trace"]["items"][1]["usage"] == {"input_tokens": 5}
    (row,) = rollout([user("q"), answer, count_of(5, 5), count_of(7, 12)]).rows
    assert row["input_tokens"] == 12


def test_counts_with_a_total_only_are_the_differences_of_the_totals() -> None:
    made = [item(type="message", role="assistant", content=text) for text in ("a", "b", "c")]
    lines = [user("q"), made[0], count_of(None, 5), made[1], count_of(None, 12)]
    (row,) = rollout([*lines, made[2], count_of(None, 3)]).rows
    usages = [each["usage"]["input_tokens"] for each in row["trace"]["items"][1:]]
    assert usages == [5, 7, 3]


def test_the_tools_that_a_search_found_are_its_output() -> None:
    call = item(type="tool_search_call", call_id="t", arguments={"query": "q"})
    found = item(type="tool_search_output", call_id="t", tools=[{"name": "ls"}])
    (trace,) = rollout([user("q"), call, found]).traces
    assert trace["items"][-1]["output"] == '[{"name":"ls"}]'


def test_rollouts_that_were_joined_to_one_file_are_a_trace_each() -> None:
    def header(own: str, **more: Any) -> dict[str, Any]:
        stamp = "2026-03-01T09:00:00Z"
        payload = {"id": own, "timestamp": stamp, "cwd": "/w", **more}
        return {"timestamp": stamp, "type": "session_meta", "payload": payload}

    joined = rollout([header("one"), user("go left"), header("two"), user("go right")])
    assert [row["trace_id"] for row in joined.rows] == ["one", "two"]
    assert is_balanced(joined.ledger)
    resumed = rollout([header("one"), user("go left"), header("one"), user("go right")])
    assert texts(resumed) == ["go left", "go right"]
