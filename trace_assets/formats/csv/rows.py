"""One row as what was said in it, and what else it says."""

import math
from typing import Any, NamedTuple, cast

from trace_assets import chat, vocabulary
from trace_assets.chatlogs.training_sets import has_markup, pairs
from trace_assets.formats import UnknownShapeError
from trace_assets.formats.csv.columns import candidates
from trace_assets.mapping import Mapping
from trace_assets.reading.inside import inside
from trace_assets.trace import build

Row = dict[str, Any]

UNKNOWN_ROLE = "unknown_role"


class Said(NamedTuple):
    """What a row comes to."""

    given: list[chat.Piece]
    """What the row has of the conversation, up to what was answered."""
    made: list[chat.Piece]
    """The answer, in a row that is an exchange."""
    system: str | None
    """The instruction that stands in a column of its own."""
    is_whole: bool
    """Whether the row has the whole conversation so far, as `messages` do."""
    facts: dict[str, Any]
    """The mapped columns that are no words, as `Mapping` calls them; those that can be read."""
    rest: Row
    """Every other column."""


def read(row: Row, mapping: Mapping) -> Said:
    """Read a row.

    Raises:
        UnknownShapeError: nothing was said in it, or it cannot be told by whom.
    """
    if mapping.output is None and mapping.messages is None and (each := candidates(tuple(row))):
        names = ", ".join(f"`{column}`" for column in each)
        raise UnknownShapeError("", f"several answers to one question, none chosen: {names}")
    rest = dict(row)
    system = _take_text(rest, mapping.system)
    calls = _take_calls(rest, mapping.tool_calls)
    if mapping.messages and (whole := _take_messages(rest, mapping.messages)) is not None:
        given, is_whole = whole, True
        made = _take_said(rest, mapping.output, "assistant")
    elif mapping.role and mapping.text:
        given, is_whole, made = _turn(rest, calls, mapping), False, []
        calls = []
    else:
        given, is_whole = _take_input(rest, mapping), False
        made = _take_said(rest, mapping.output, "assistant")
    made = [*_called(calls), *made]
    if not given and not made:
        raise UnknownShapeError("", _nothing_said(row, mapping), reason="no_conversation")
    return Said(given, made, system, is_whole, _facts(rest, mapping), rest)


def _nothing_said(row: Row, mapping: Mapping) -> str:
    columns = [c for c in (mapping.messages, mapping.text, mapping.input, mapping.output) if c]
    names = ", ".join(f"`{column}`" for column in columns)
    if mapping.messages and not _is_empty(row.get(mapping.messages)):
        return f"`{mapping.messages}` holds no list of messages, as JSON or as Python prints it"
    if row.keys().isdisjoint(columns):
        there = ", ".join(f"`{column[:40]}`" for column in list(row)[:20])
        return f"the row has none of the columns {names}; it has {there}"
    return f"nothing was said: {names} are empty"


def _is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _take_text(rest: Row, column: str | None) -> str | None:
    """Take a text; a cell that is empty, or is none, stays."""
    if column is None or _is_empty(rest.get(column)) or not isinstance(rest[column], str):
        return None
    return rest.pop(column)


def _take_said(rest: Row, column: str | None, role: chat.Role) -> list[chat.Piece]:
    """What one side said: text, or messages inside of it."""
    if column is None or _is_empty(rest.get(column)):
        return []
    cell = rest.pop(column)
    if has_markup(cell):
        raise UnknownShapeError(
            f"/{column}", "expected a text, found several messages in a chat template's markup"
        )
    found = _messages(cell, role)
    return found or [chat.Said(role, [build.text_part(role, build.json_text(cell))], {})]


def _take_input(rest: Row, mapping: Mapping) -> list[chat.Piece]:
    """The turns before the user's message, and this message with all columns that belong to it."""
    asked = _take_said(rest, mapping.input, "user")
    match asked:
        case [chat.Said("user", [*parts], residue)]:
            more = _take_text(rest, mapping.input_context)
            if more is not None:
                asked = [chat.Said("user", [*parts, build.text_part("user", more)], residue)]
        case _:
            pass
    return [*_take_history(rest, mapping.history), *asked]


def _take_history(rest: Row, column: str | None) -> list[chat.Piece]:
    """Earlier turns as pairs of texts or as messages; anything else stays."""
    if column is None:
        return []
    cell = rest.get(column)
    if messages := _messages(cell, "user"):
        del rest[column]
        return messages
    turns = pairs(inside(cell) if isinstance(cell, str) else cell)
    if turns:
        del rest[column]
    return [
        chat.Said(role, [build.text_part(role, said)], {})
        for turn in turns
        for role, said in zip(("user", "assistant"), turn, strict=True)
    ]


def _take_messages(rest: Row, column: str) -> list[chat.Piece] | None:
    found = _messages(rest.get(column), "user")
    if found:
        del rest[column]
    return found


def _messages(cell: Any, role: chat.Role) -> list[chat.Piece] | None:
    """The messages that a cell holds; None where it holds none."""
    held = inside(cell) if isinstance(cell, str) else cell
    match held:
        case [{"role": _} | {"from": _} | {"type": _} | {"kwargs": _}, *_]:
            pass
        case {"messages": list()} | {"choices": list()} | {"role": _, "content": _}:
            pass
        case _:
            return None
    try:
        found = chat.unwrap(held, role=role)
    except chat.UnknownMessageError:
        return None
    if found is None or not found.pieces:
        return None
    return chat.with_rest(found.pieces, found.rest) if found.rest else found.pieces


def _turn(rest: Row, calls: list[Any], mapping: Mapping) -> list[chat.Piece]:
    """A row that is one message."""
    assert mapping.role is not None and mapping.text is not None  # noqa: S101, PT018 - looked at
    word = rest.get(mapping.role)
    role = _role(word, mapping)
    if role is None:
        found = f"`{word[:40]}`" if isinstance(word, str) else build.json_text(word)[:40]
        raise UnknownShapeError(
            f"/{mapping.role}",
            f"expected a word for user, assistant, system, developer or tool, found {found}; "
            "a mapping's `roles` can say what it means",
            reason=UNKNOWN_ROLE,
        )
    if word == role:
        del rest[mapping.role]
    message: Row = {"role": role, "content": rest.pop(mapping.text, None)}
    if calls:
        message["tool_calls"] = calls
    if role == "tool":
        for key, column in (("tool_call_id", mapping.tool_call_id), ("name", mapping.tool_name)):
            if (told := _take_text(rest, column)) is not None:
                message[key] = told
    if not calls and role != "tool" and _is_empty(message["content"]):
        return [chat.Said(role, [], {mapping.text: message["content"]})]
    return chat.pieces(message)


def _role(word: Any, mapping: Mapping) -> Any:
    if not isinstance(word, str):
        return None
    if mapping.roles and word in mapping.roles:
        return mapping.roles[word]
    return "tool" if vocabulary.is_tool(word) else vocabulary.role(word)


def speaker_of(row: Row, mapping: Mapping) -> str | None:
    """Who speaks in a row that is a turn."""
    return None if mapping.role is None else _role(row.get(mapping.role), mapping)


def _take_calls(rest: Row, column: str | None) -> list[Any]:
    """Take the calls of a row; what is no list of calls stays."""
    if column is None:
        return []
    cell = rest.get(column)
    match inside(cell) if isinstance(cell, str) else cell:
        case [_, *_] as calls if _called([*calls]):
            found = [*calls]
        case {"name": _} | {"function": _} as one if _called([one]):
            found = [one]
        case _:
            return []
    del rest[column]
    return found


def _called(calls: list[Any]) -> list[chat.Piece]:
    if not calls:
        return []
    try:
        return chat.pieces({"role": "assistant", "content": None, "tool_calls": calls})
    except chat.UnknownMessageError:
        return []


_FACTS = (
    "model",
    "agent",
    "time",
    "input_tokens",
    "output_tokens",
    "cost_usd",
    "duration_s",
    "duration_ms",
    "tags",
)


def _facts(rest: Row, mapping: Mapping) -> dict[str, Any]:
    """Take the cells that are what their column says; others stay in the residue."""
    facts: dict[str, Any] = {}
    for name in _FACTS:
        column = cast("str | None", getattr(mapping, name))
        if column is not None and (fact := _fact(name, rest.get(column))) is not None:
            facts[name] = fact
            del rest[column]
    return facts


def _fact(name: str, cell: Any) -> Any:
    match name:
        case "model" | "agent":
            return cell if isinstance(cell, str) and cell.strip() else None
        case "time":
            return cell if build.is_time(cell) else None
        case "tags":
            return _tags(cell)
        case "input_tokens" | "output_tokens":
            count = number(cell)
            return count if isinstance(count, int) else None
        case _:
            return number(cell)


def _tags(cell: Any) -> list[str] | None:
    """The tags of a row: a list, a list as JSON or as Python prints it, or text with commas.

    Lists with anything else in them are not tags.
    """
    held = inside(cell) if isinstance(cell, str) else cell
    match held:
        case [*each] if not all(isinstance(one, str) for one in each):
            return None
        case list():
            return vocabulary.tags(held) or None
        case _ if isinstance(cell, str):
            return vocabulary.tags(cell) or None
        case _:
            return None


def number(cell: Any) -> int | float | None:
    """A number, also one in a text, if writing it gives the same text again.

    >>> number("45"), number("0.25"), number(7), number("1e3"), number(True), number("007")
    (45, 0.25, 7, None, None, None)
    """
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        return cell if math.isfinite(cell) else None
    if not isinstance(cell, str) or len(cell) > 40:
        return None
    for kind in (int, float):
        try:
            if str(value := kind(cell)) == cell:
                return value if math.isfinite(value) else None
        except ValueError:
            pass
    return None
