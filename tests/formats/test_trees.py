"""Messages that name their parents: one path is the conversation, and the others are kept."""

import json
from typing import Any

import pytest

from tests.conversions import Conversion, converted_bytes, is_balanced
from trace_assets.chat import UnknownMessageError
from trace_assets.chatlogs.trees import Node, tree_of


def lines(*records: Any) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def texts(conversion: Conversion) -> list[list[str]]:
    return [
        [item["content"][0]["text"] for item in trace["items"] if item["type"] == "message"]
        for trace in conversion.traces
    ]


def message(own: str, parent: str | None, role: str, text: str, **more: Any) -> dict[str, Any]:
    return {"id": own, "parent_id": parent, "role": role, "content": text, **more}


REWOUND = [
    message("1", None, "user", "Name a tree"),
    message("2", "1", "assistant", "Rose"),
    message("3", "1", "assistant", "Oak"),
    message("4", "3", "user", "One more"),
    message("5", "4", "assistant", "Elm"),
]
WANTED = ["Name a tree", "Oak", "One more", "Elm"]


@pytest.mark.parametrize(
    "log",
    [
        json.dumps({"messages": REWOUND}).encode(),
        json.dumps(REWOUND).encode(),
        lines(*(each | {"thread_id": "t"} for each in REWOUND)),
    ],
)
def test_a_rewound_answer_is_no_message_of_the_conversation(log: bytes) -> None:
    conversion = converted_bytes(log)
    assert texts(conversion) == [WANTED]
    assert is_balanced(conversion.ledger)
    [row] = conversion.rows
    assert [
        [each["content"] for each in one] for one in row["trace"]["metadata"]["extra"]["branches"]
    ] == [["Rose"]]
    assert row["tags"] == []


def test_rows_of_a_table_are_a_tree_too() -> None:
    rows = ["id,parent_id,role,content,conversation_id"]
    rows += [f"{m['id']},{m['parent_id'] or ''},{m['role']},{m['content']},c" for m in REWOUND]
    conversion = converted_bytes("\n".join(rows).encode(), file="log.csv")
    assert texts(conversion) == [WANTED]
    assert "Rose" in json.dumps(conversion.traces[0]["metadata"]["extra"]["branches"])


def test_the_marked_leaf_is_the_end_of_the_conversation() -> None:
    header = {"type": "session", "id": "s", "name": "Trees", "currNode": "2"}
    log = [{"type": "message", "message": {**each, "convId": "s"}} for each in REWOUND]
    conversion = converted_bytes(lines(header, *log))
    assert texts(conversion) == [["Name a tree", "Rose"]]
    [row] = conversion.rows
    assert row["trace"]["metadata"]["extra"]["name"] == "Trees"
    assert row["trace_id"] == "s"
    beside = converted_bytes(lines({"conv": {"currNode": "2"}, "messages": REWOUND}))
    assert texts(beside) == [["Name a tree", "Rose"]]


def test_the_newest_leaf_is_the_end_where_none_is_marked() -> None:
    shared = {"message_tree_id": "a", "lang": "en"}
    rows = [
        {"message_id": own, "parent_id": parent, "role": role, "text": text, "created_date": at}
        for own, parent, role, text, at in [
            ("a", None, "prompter", "Hi", "2026-01-02T10:00:00+00:00"),
            ("b", "a", "assistant", "Newest", "2026-01-02T12:00:00+00:00"),
            ("c", "a", "assistant", "Older", "2026-01-02T11:00:00+00:00"),
        ]
    ]
    conversion = converted_bytes(lines(*(row | shared for row in rows)))
    assert texts(conversion) == [["Hi", "Newest"]]
    assert conversion.rows[0]["trace_id"] == "a"


def test_a_branch_with_calls_marks_the_row() -> None:
    called = [{"id": "c", "function": {"name": "plant", "arguments": "{}"}}]
    log = [
        REWOUND[0],
        message("2", "1", "assistant", "", tool_calls=called),
        message("3", "1", "user", "No, stop"),
        message("4", "3", "assistant", "Stopped."),
    ]
    [row] = converted_bytes(json.dumps({"messages": log}).encode()).rows
    assert "branch_with_calls" in row["tags"]
    assert row["tool_calls"] == 0


def nodes(*each: tuple[str, str | None, str]) -> list[Node]:
    return [Node(own, parent, speaker, None) for own, parent, speaker in each]


def test_results_and_answers_of_one_turn_are_no_branches() -> None:
    parallel = nodes(
        ("u", None, "user"),
        ("a", "u", "assistant"),
        ("r1", "a", "tool"),
        ("r2", "a", "tool"),
        ("b", "r1", "assistant"),
        ("v", "b", "user"),
    )
    one_parent = nodes(
        ("u", None, "user"), ("a", "u", "assistant"), ("r", "a", "tool"), ("b", "u", "assistant")
    )
    for each in (parallel, one_parent):
        tree = tree_of(each)
        assert tree is not None
        assert tree.path == list(range(len(each)))
        assert not tree.branches


def test_messages_whose_parents_are_elsewhere_are_a_list() -> None:
    assert tree_of(nodes(("1", "x", "user"), ("2", "x", "assistant"))) is None


def test_the_branches_of_a_tree_are_told_apart() -> None:
    tree = tree_of(
        nodes(
            ("u", None, "user"),
            ("a", "u", "assistant"),
            ("v", "a", "user"),
            ("b", "u", "assistant"),
            ("w", "v", "assistant"),
            ("c", "u", "assistant"),
        )
    )
    assert tree is not None
    assert (tree.path, tree.branches) == ([0, 5], [[1, 2, 4], [3]])


@pytest.mark.parametrize(
    "each",
    [
        nodes(("1", None, "user"), ("2", "1", "assistant"), ("3", None, "user")),
        nodes(("1", "2", "user"), ("2", "1", "assistant")),
        nodes(("1", None, "user"), ("2", "3", "assistant"), ("3", "2", "user")),
    ],
)
def test_several_beginnings_and_circles_are_unknown_shapes(each: list[Node]) -> None:
    with pytest.raises(UnknownMessageError):
        tree_of(each)


def test_an_instruction_without_an_id_stands_before_the_tree() -> None:
    log = {"messages": [{"role": "system", "content": "Be brief"}, *REWOUND]}
    assert texts(converted_bytes(json.dumps(log).encode())) == [["Be brief", *WANTED]]


def test_a_result_without_an_id_stays_with_its_call() -> None:
    call = {"id": "t1", "type": "function", "function": {"name": "trees", "arguments": "{}"}}
    messages = [
        message("1", None, "user", "Name a tree"),
        message("2", "1", "assistant", "", tool_calls=[call]),
        {"role": "tool", "tool_call_id": "t1", "content": "Oak"},
        message("4", "2", "assistant", "Rose"),
        message("5", "2", "assistant", "Oak"),
    ]
    conversion = converted_bytes(json.dumps({"messages": messages}).encode())
    assert texts(conversion) == [["Name a tree", "Oak"]]
    kinds = [item["type"] for item in conversion.traces[0]["items"]]
    assert kinds == ["message", "function_call", "function_call_output", "message"]


@pytest.mark.parametrize("name", ["in_reply_to", "replyTo"])
def test_what_a_message_answers_is_its_parent_if_all_but_the_first_name_it(name: str) -> None:
    first, *others = [
        {(name if key == "parent_id" else key): value for key, value in each.items()}
        for each in REWOUND
    ]
    log = json.dumps({"messages": [first, *others]}).encode()
    assert texts(converted_bytes(log)) == [WANTED]
    later = {key: value for key, value in others[-1].items() if key != name}
    log = json.dumps({"messages": [first, *others[:-1], later]}).encode()
    assert len(texts(converted_bytes(log))[0]) == len(REWOUND)


def test_parents_can_name_their_children() -> None:
    children = {"1": ["2", "3"], "3": ["4"], "4": ["5"]}
    messages = [
        {"id": each["id"], "role": each["role"], "content": each["content"]}
        | {"children": children.get(each["id"], [])}
        for each in REWOUND
    ]
    assert texts(converted_bytes(json.dumps({"messages": messages}).encode())) == [WANTED]
