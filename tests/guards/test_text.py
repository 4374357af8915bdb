"""Text accounting: what counts as prose, and how much of it is found in the items."""

from typing import Any

import pytest

from tests.making import call, output, said, trace_of
from trace_assets import guards
from trace_assets.guards.text import Said, count_text, is_prose, opened, texts_in

QUESTION = "Where is my parcel from Bern?"
ANSWER = "It is on its way and arrives tomorrow."


def counted(record: Any, *texts: str) -> tuple[int, int]:
    count = count_text(texts_in(record), Said(set(texts), set()))
    return count.read, count.all


def found(record: Any, trace: dict[str, Any]) -> guards.Findings:
    look = guards.look(record, kinds=None, silent=frozenset())
    source = guards.Source("log.json#0", guards_json(record))
    return guards.inspect(trace, [look], [source], silent=frozenset())


def guards_json(value: Any) -> bytes:
    from trace_assets.trace.build import encode

    return encode(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Where is it?", True),
        ("two words", False),
        ("2026-01-02 10:00:00 UTC", False),
        ("1 2 3 4 5 6 7 8 9 10 11 12 13 and then words", True),
        ("日本語の文章には空白がありません", True),
        ("日本語", False),
        ("", False),
    ],
)
def test_prose_has_three_words_or_twelve_letters_without_spaces(text: str, expected: bool) -> None:
    assert is_prose(text) == expected


def test_text_that_is_repeated_counts_once() -> None:
    record = {"calls": [{"history": [QUESTION]}, {"history": [QUESTION, ANSWER]}]}
    assert counted(record, QUESTION) == (len(QUESTION), len(QUESTION) + len(ANSWER))


def test_json_in_a_string_is_opened_at_any_depth() -> None:
    inner = '{"a": "three words here", "b": "[\\"and three more\\"]"}'
    assert list(opened(inner)) == ["three words here", "and three more"]
    assert counted({"body": inner}, "three words here") == (16, 30)


def test_tool_definitions_and_stack_traces_are_no_prose() -> None:
    record = {
        "tools": [{"description": "Finds a parcel for you"}],
        "error": {"stacktrace": "at line one of the file"},
        "attributes": [{"key": "llm.tools", "value": {"stringValue": "a b c d"}}],
    }
    assert counted(record) == (0, 0)


def test_a_text_that_is_cut_and_joined_is_found_by_its_lines_and_words() -> None:
    prompt = f"User: {QUESTION}\nAssistant: {ANSWER}"
    read, total = counted({"prompt": prompt}, QUESTION, ANSWER)
    assert total > read > total * 0.7


def test_arguments_are_compared_as_json() -> None:
    record = {"input": {"note": "call me back tomorrow"}}
    said = Said(set(), {'{"note":"call me back tomorrow"}'})
    assert count_text(texts_in(record), said)[:2] == (21, 21)


def test_a_trace_of_which_little_was_read_is_tagged_with_pointers() -> None:
    unread = " ".join(f"word{n}" for n in range(90))
    findings = found(
        {"body": {"lost": [unread]}, "text": QUESTION}, trace_of(said("user", QUESTION))
    )
    assert "unread_text" in findings.tags
    assert findings.text_share is not None
    assert findings.text_share < 0.5


def test_the_pointer_names_the_record_and_the_place_in_it() -> None:
    unread = " ".join(f"word{n}" for n in range(90))
    trace = trace_of(said("user", QUESTION))
    found({"body": {"lost": [unread]}, "text": QUESTION}, trace)
    expected = [{"record": "log.json#0", "pointer": "/body/lost/0"}]
    assert trace["metadata"]["extra"]["unread_text"] == expected


def test_records_without_prose_have_no_share() -> None:
    findings = found({"id": 1}, trace_of(said("user", "Hi"), call("c"), output("c")))
    assert findings.text_share is None


def test_a_record_of_any_shape_is_walked() -> None:
    deep: Any = QUESTION
    for _ in range(100_000):
        deep = [deep]
    assert texts_in(deep) == [QUESTION]
    assert texts_in(None) == []
    assert texts_in(QUESTION) == [QUESTION]
