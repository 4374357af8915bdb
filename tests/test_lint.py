"""A dataset held against what its readers accept, and its rows repaired."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command import LINE, run
from tests.making import call, output, said, trace_of
from trace_assets.cli import main
from trace_assets.trace import load

GREETING = {"id": "1", "status": "completed", "content": [{"text": "Hello", "annotations": []}]}
QUESTION = {"id": "2", "status": "completed", "content": [{"text": "Caf\u00e9?"}]}
CALL = {"id": "3", "call_id": "c", "name": "look", "arguments": "{}", "status": "completed"}
OUTPUT = {"id": "4", "call_id": "c", "output": [{"text": "seen"}], "status": "completed"}


def dataset(folder: Path, *rows: Any) -> Path:
    path = folder / "data.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def good(number: int = 0) -> dict[str, Any]:
    trace = trace_of(said("user", "Hi"), trace_id=f"t{number}")
    return {"trace": trace, "trace_id": f"t{number}", "model": None}


class Linted:
    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str], *options: str) -> None:
        self.code = main(["lint", str(path), *options])
        lines = capsys.readouterr().out.splitlines()
        self.problems = [
            line.removeprefix(f"{path.parent}/") for line in lines if f"{path.name}: " not in line
        ]
        self.summary = [line for line in lines if f"{path.name}: " in line]


def test_what_convert_writes_is_clean(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(LINE % "a" + LINE % "b", encoding="utf-8")
    assert main(["convert", str(tmp_path / "a.jsonl"), "--out", str(tmp_path / "out")]) == 0
    done = run("lint", "out/a.jsonl", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "out/a.jsonl: 2 rows, 0 problems\n"


def test_rows_may_be_traces_themselves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = dataset(tmp_path, good(1)["trace"], good(2)["trace"])
    assert Linted(path, capsys).code == 0


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (
            [{"trace": trace_of({**said("user", "x"), "content": [{"type": "input_text"}]})}],
            "data.jsonl:1: items[0].content[0].text: required",
        ),
        (["{oops"], "data.jsonl:1: not_json: "),
        (['{"trace": {}, "trace": {}}'], "data.jsonl:1: /trace: duplicate_key: "),
        ([good(1), "", good(2)], "data.jsonl:2: blank line: "),
        (["[]"], "data.jsonl:1: row: expected an object"),
        (
            [{"a": 1, "b": 2}],
            "data.jsonl:1: row: no column `trace`, and no trace itself; keys: a, ",
        ),
        ([{"trace": "{}"}], "data.jsonl:1: trace: expected an object"),
        (
            [{"trace": {"items": [], "metadata": {"trace_id": "t"}, "FORMAT": "open_responses"}}],
            "data.jsonl:1: no item and no event",
        ),
        (
            [{"trace": trace_of(call("c"), call("c"), said("user", "x"))}],
            "data.jsonl:1: items [0, 1] are calls with one call_id 'c'",
        ),
        ([good(1), good(1)], "data.jsonl:2: trace_id: an earlier row has the id 't1', too"),
        (
            [good(1), {"trace": good(2)["trace"], "cost": 1, "trace_id": "t2"}],
            "data.jsonl:2: columns: not those of the first row: lacks model; has also cost",
        ),
        (
            [json.dumps({**good(), "model": "a\u2028b"}, ensure_ascii=False)],
            "data.jsonl:1: not ASCII-safe: U+2028 unescaped, where many readers end the line",
        ),
        (["\ufeff" + json.dumps(good())], "data.jsonl:1: byte order mark: "),
        (
            ['{"trace": {"FORMAT": "open_responses", "items": [], "x": NaN}}'],
            "data.jsonl:1: not_json: NaN",
        ),
        (['{"trace": "\\ud800"}'], "data.jsonl:1: /trace: \\ud800 is nothing that JSON can hold"),
        (
            [{"trace": trace_of(said("user", "x"), events=[{"type": "error", "message": "m"}])}],
            "data.jsonl:1: events[0].id: required: readers give the event another id each time",
        ),
    ],
)
def test_a_problem_is_one_line_with_its_place(
    rows: list[Any], problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    linted = Linted(dataset(tmp_path, *rows), capsys)
    assert linted.code == 1
    assert any(line.startswith(problem) for line in linted.problems), linted.problems


def test_letters_beyond_ascii_are_no_problem_by_themselves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = dataset(tmp_path, json.dumps({**good(), "model": "Caf\u00e9"}, ensure_ascii=False))
    assert Linted(path, capsys).problems == []


def test_what_a_log_may_truthfully_bend_is_counted_and_no_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    linted = Linted(dataset(tmp_path, {"trace": trace_of(call("c"))}), capsys)
    assert linted.code == 0
    assert linted.problems == [
        "  1 rows with a warning: unanswered_call",
        "  1 rows with a warning: no_user_message",
    ]


def test_problems_past_a_limit_are_counted_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    linted = Linted(dataset(tmp_path, *["[]"] * 1000), capsys)
    assert len(linted.problems) == 201
    assert linted.problems[-1] == "... and 800 more problems"
    assert linted.summary[-1].endswith("1,000 rows, 1,000 problems")


def test_a_dataset_that_is_not_there_is_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (tmp_path, tmp_path / "none.jsonl"):
        assert main(["lint", str(path)]) == 2
        assert "expected a dataset, a file of JSON lines" in capsys.readouterr().err


# --- the spec ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        ("key: a b\ndisplay_name: x", "key: expected 1 to 250 letters"),
        ("key: a", "display_name: required"),
        ("key: a\nkey: b\ndisplay_name: x", "not read as YAML: the key 'key' is there twice"),
        ("key: a\ndisplay_name: $HOME", "would be replaced by an environment variable"),
        ("key: a\ndisplay_name: x\nname: y", "name: unknown key; known: key, display_name, "),
        ("key: a\ndisplay_name: x\ntags: one", "tags: expected a list of strings"),
        ("key: a\ndisplay_name: x\nsource: {type: csv}", "source.type: 'csv'; known: local, "),
        ("key: a\ndisplay_name: x\nsource: {type: local}", "source.file_path: required"),
        (
            "key: a\ndisplay_name: x\nsource: {type: local, file_path: other.jsonl}",
            "source.file_path: 'other.jsonl', seen from the spec's folder, is not there",
        ),
        (
            "key: a\ndisplay_name: x\nsource: {type: inspect_ai, path: p, filters: []}",
            "source.filters: unknown key; known: type, limit, path",
        ),
        ("key: a\ndisplay_name: ((TODO))", "holds ((TODO))"),
        ("key: [", "not read as YAML"),
        ("- key", "expected a mapping"),
    ],
)
def test_the_spec_beside_a_dataset_is_held_to_its_own_contract(
    spec: str, problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = dataset(tmp_path, good())
    path.with_suffix(".yaml").write_text(spec, encoding="utf-8")
    linted = Linted(path, capsys)
    assert linted.code == 1
    (line,) = linted.problems
    assert line.startswith("data.yaml: ")
    assert problem in line


# --- what rows leave unsaid ---------------------------------------------------------------------


def unsaid(*items: dict[str, Any]) -> dict[str, Any]:
    return {"trace": {"items": list(items)}, "simulation_id": "s", "cost": 0.10}


def test_rows_without_types_and_roles_are_told_with_what_readers_make_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    linted = Linted(dataset(tmp_path, unsaid(GREETING, QUESTION)), capsys)
    assert linted.code == 1
    assert linted.problems == [
        "data.jsonl:1: FORMAT: required: readers take it for open_responses",
        "data.jsonl:1: items[0].type: required: "
        "readers take this message for a custom_task_input_message",
        "data.jsonl:1: items[0].role: required: by its output text, the message is the assistant's",
        "data.jsonl:1: items[0].content[0].type: required: by its keys, the part is output_text",
        "data.jsonl:1: items[1].type: required: "
        "readers take this message for a custom_task_input_message",
        "data.jsonl:1: items[1].role: required: "
        "by its text without annotations, the message is the user's",
        "data.jsonl:1: items[1].content[0].type: required: by its keys, the part is input_text",
    ]


def repaired(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[Any]]:
    out = path.with_name("repaired.jsonl")
    linted = Linted(path, capsys, "--repair", str(out))
    lines = out.read_text(encoding="utf-8").split("\n")
    assert lines.pop() == ""
    return linted.code, [json.loads(line) for line in lines]


def test_repaired_rows_are_conversations_and_hold_nothing_else_that_is_new(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = unsaid(GREETING, QUESTION, {**CALL, "created_by": "assistant"}, OUTPUT)
    code, (found,) = repaired(dataset(tmp_path, row), capsys)
    assert code == 0
    trace = load(found["trace"])
    assert [item.type for item in trace.items] == [
        *("message", "message", "function_call", "function_call_output")
    ]
    assert len(trace.turns) == 1
    assert trace.get_last_user_text() == "Caf\u00e9?"
    assert _without(found, {"type", "role", "FORMAT"}) == row
    assert Linted(tmp_path / "repaired.jsonl", capsys).code == 0


def _without(value: Any, keys: set[str]) -> Any:
    match value:
        case dict():
            return {key: _without(each, keys) for key, each in value.items() if key not in keys}
        case list():
            return [_without(each, keys) for each in value]
        case _:
            return value


def test_a_repair_keeps_every_byte_that_was_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = (
        '{ "n": 1.00,"s":"caf\\u00e9 {\\"items\\":[{}]}", "copy": {"items": [{"id": "1"}]},'
        '\t"trace" :{"items":[ {"id": "1", "status":"completed","content":[{"text":"\u00e9"}]}]}}'
    )
    path = dataset(tmp_path, line, good(), "{oops")
    main(["lint", str(path), "--repair", str(tmp_path / "out.jsonl")])
    first, *rest = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert rest == path.read_text(encoding="utf-8").splitlines()[1:]
    assert first == line.replace(
        '"trace" :{"items":[ {"id"',
        '"trace" :{"FORMAT": "open_responses", "items":[ {"type": "message", "role": "user", "id"',
    ).replace('[{"text":"\u00e9"', '[{"type": "input_text", "text":"\u00e9"')


INSTRUCTIONS = {"id": "0", "status": "completed", "content": [{"text": "Be brief."}]}


@pytest.mark.parametrize(
    ("row", "left_open"),
    [
        (unsaid(QUESTION, {**QUESTION, "id": "9"}), "items[0].role"),
        (unsaid(INSTRUCTIONS, QUESTION, GREETING), "items[0].role"),
        (unsaid({"content": "anything"}), "items[0].type"),
        (unsaid({"id": "1", "status": "completed", "content": []}), "items[0].role"),
        (unsaid({"id": "1", "status": "completed", "content": [{"what": 1}]}), "items[0].role"),
        (unsaid(GREETING, {"what": 1}), "items[1].type"),
    ],
)
def test_a_row_whose_shape_leaves_something_open_stays_as_it_is(
    row: dict[str, Any], left_open: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = dataset(tmp_path, row)
    assert repaired(path, capsys) == (1, [row])
    problems = Linted(path, capsys).problems
    assert len([line for line in problems if f" {left_open}: required" in line]) == 1


def test_events_and_the_items_in_them_are_repaired_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trace = trace_of(said("user", "x"))
    trace["events"] = [
        {"id": "a", "item": {**QUESTION}},
        {"id": "b", "model": "m", "input_context": [QUESTION], "output_items": [GREETING]},
        {"id": "c", "message": "boom"},
    ]
    code, (found,) = repaired(dataset(tmp_path, {"trace": trace}), capsys)
    assert code == 0
    events = load(found["trace"]).events or []
    assert [event.type for event in events] == ["message_event", "model_call_event", "error"]


def test_a_row_with_other_problems_is_repaired_as_far_as_types_go(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = dataset(tmp_path, unsaid(GREETING, QUESTION, CALL, {**CALL, "id": "5"}, OUTPUT))
    code, (found,) = repaired(path, capsys)
    assert (code, found["trace"]["items"][0]["role"]) == (1, "assistant")
    assert Linted(tmp_path / "repaired.jsonl", capsys).problems == [
        "repaired.jsonl:1: items [2, 3] are calls with one call_id 'c'"
    ]


def test_repeated_and_empty_item_ids_are_replaced_by_a_repair(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    items = (GREETING, {**QUESTION, "id": ""}, {**CALL, "id": "c"}, {**OUTPUT, "id": "c"})
    path = dataset(tmp_path, unsaid(*items))
    problems = Linted(path, capsys).problems
    assert [line for line in problems if ".id: " in line] == [
        "data.jsonl:1: items[1].id: empty: expected a text that no other item of the trace has",
        "data.jsonl:1: items[2].id: items share the id 'c'",
        "data.jsonl:1: items[3].id: items share the id 'c'",
    ]
    code, (found,) = repaired(path, capsys)
    assert code == 0
    assert [item["id"] for item in found["trace"]["items"]] == ["1", "item:1", "item:2", "item:3"]
    assert [item.get("original_id") for item in found["trace"]["items"]] == [None, "", "c", "c"]
    assert Linted(tmp_path / "repaired.jsonl", capsys).problems == []


def test_a_dataset_is_never_repaired_over_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = dataset(tmp_path, unsaid(GREETING))
    before = path.read_bytes()
    assert main(["lint", str(path), "--repair", str(path)]) == 2
    assert path.read_bytes() == before
    assert "--repair would write over the dataset" in capsys.readouterr().err


def test_an_output_of_a_call_keeps_its_parts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trace = trace_of(said("user", "x"), call("c"), output("c"))
    trace["items"][2]["output"] = [{"text": "seen"}]
    _, (found,) = repaired(dataset(tmp_path, {"trace": trace}), capsys)
    assert found["trace"]["items"][2]["output"] == [{"type": "input_text", "text": "seen"}]


def test_a_repair_keeps_an_original_id_that_a_row_has_already(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = dataset(tmp_path, unsaid(GREETING, {**QUESTION, "id": "1", "original_id": "mine"}))
    code, (found,) = repaired(path, capsys)
    assert code == 0
    item = found["trace"]["items"][1]
    assert (item["original_id"], item["original_id'"]) == ("mine", "1")
    assert Linted(tmp_path / "repaired.jsonl", capsys).problems == []
