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
