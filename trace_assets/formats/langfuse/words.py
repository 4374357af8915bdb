"""The messages in what an observation or a trace was given and made.

Each integration of Langfuse logs what its framework has at hand: a request, messages, text, the
arguments of a function, as JSON or as text of it.
"""

from typing import Any, Literal, NamedTuple, cast

import msgspec

from trace_assets import chat
from trace_assets.formats.langfuse.records import opened
from trace_assets.trace import build

Side = Literal["user", "assistant"]

_ALONE = frozenset(
    (
        "input",
        "output",
        "query",
        "question",
        "prompt",
        "text",
        "message",
        "user_message",
        "user_input",
        "answer",
        "response",
        "result",
        "completion",
        "value",
        "raw",
    )
)
"""Keys that say no more than that their text is what was given or made."""


class Words(NamedTuple):
    """What was said on one side of a call."""

    messages: list[Any]
    """For `spans.ModelCall`: lists of pieces, or values that turn out to be no message."""
    rest: dict[str, Any]
    """What else the request or response says."""
    tools: list[Any]

    @property
    def pieces(self) -> list[chat.Piece]:
        """All that was said, in one list."""
        return [
            piece
            for message in self.messages
            for piece in (
                cast("list[chat.Piece]", message)
                if isinstance(message, list)
                else [chat.Custom(is_input=True, content={"message": message}, rest={})]
            )
        ]


def words(value: Any, side: Side, *, is_model: bool = True) -> Words:
    """Read what a call was given (`user`) or made (`assistant`).

    What a model was given and made is text to the letter, also where that is JSON; of a function's
    arguments and result, the one text among them is what was said.
    """
    held = opened(value)
    if held is None or held in ("", [], {}):
        return Words([], {}, [])
    tools: list[Any] = []
    prepared = _prepared(held, tools)
    try:
        found = None if _is_data(prepared) else chat.unwrap(prepared, role=side)
    except chat.UnknownMessageError:
        found = None
        if _is_some_messages(prepared):
            return Words([_pieces(each, side) for each in prepared], {}, tools)
    if found is None:
        return Words([_text(value, held, side, is_model=is_model)], {}, tools)
    rest = found.rest
    if isinstance(rest.get("tools"), list):
        tools += map(opened, rest.pop("tools"))
    return Words([*found.messages], rest, tools)


def _text(value: Any, held: Any, side: Side, *, is_model: bool) -> list[chat.Piece]:
    """What is no message in any dialect is text: as it was written, else as JSON."""
    match held:
        case {**each} if not is_model and (alone := _alone(each)):
            rest = {key: value for key, value in each.items() if key != alone}
            return [chat.Said(side, [build.text_part(side, each[alone])], rest)]
        case {**only} if len(only) == 1 and isinstance(alone := next(iter(only.values())), str):
            said = alone if next(iter(only)) in _ALONE else None
        case {"args": [str(only)], **rest} if rest in ({}, {"kwargs": {}}):
            said = only
        case _:
            said = None
    text = said or build.json_text(value)
    return [chat.Said(side, [build.text_part(side, text)], {})]


def _alone(value: dict[str, Any]) -> str | None:
    """The only key whose text is what was said."""
    keys = [key for key in value if key in _ALONE and isinstance(value[key], str) and value[key]]
    return keys[0] if len(keys) == 1 else None


def _pieces(message: Any, side: Side) -> Any:
    try:
        return chat.pieces(message, role=side)
    except chat.UnknownMessageError:
        return message


def _is_data(value: Any) -> bool:
    """Whether a list is no list of messages: of texts, numbers, other lists."""
    match value:
        case [[*_]]:
            return False
        case [*each]:
            return not any(isinstance(one, dict) for one in each)
        case _:
            return False


def _is_some_messages(value: Any) -> bool:
    match value:
        case [*each]:
            return any(isinstance(one, dict) and "role" in one for one in each)
        case _:
            return False


def _prepared(value: Any, tools: list[Any]) -> Any:
    """A value as the dialects have it; tools among the messages are taken out."""
    match value:
        case [[*inner]]:
            return [_messages(inner, tools)]
        case [*messages]:
            return _messages(messages, tools)
        case {**held}:
            return _prepared_object(held, tools)
        case _:
            return value


def _prepared_object(value: dict[str, Any], tools: list[Any]) -> dict[str, Any]:
    match value:
        case {"messages": [*messages], **rest}:
            return {"messages": _messages(messages, tools), **rest}
        case {"prompt": str(prompt), "system": str(system), **rest}:
            return {"system": system, "messages": [{"role": "user", "content": prompt}], **rest}
        case {"prompt": [*messages], **rest}:
            return {"messages": _messages(messages, tools), **rest}
        case {"contents": contents, **rest} if isinstance(contents, str | list):
            return _gemini(contents, rest)
        case {"content": {"parts": _}}:
            return {"candidates": [value]}
        case {"role": _}:
            return _message(value)
        case _:
            return value


def _gemini(contents: Any, rest: dict[str, Any]) -> dict[str, Any]:
    """A request of Google's client, which has the instruction under `config`."""
    match rest:
        case {"config": {"system_instruction": instruction, **config}}:
            rest = {**rest, "config": config, "system_instruction": instruction}
        case _:
            pass
    return {"contents": [contents] if isinstance(contents, str) else contents, **rest}


def _messages(messages: list[Any], tools: list[Any]) -> list[Any]:
    """Messages without those that are definitions of tools: LangChain's handler lists them so."""
    kept: list[Any] = []
    for message in messages:
        match message:
            case {"role": "tool", "content": {"type": "function", "function": {"name": _}} as tool}:
                tools.append(tool)
            case _:
                kept.append(_message(message))
    return kept


def _message(message: Any) -> Any:
    """A message with its calls where they are looked for; LangChain has OpenAI's one level down."""
    match message:
        case {"additional_kwargs": {"tool_calls": [*calls], **kwargs}, **rest} if not rest.get(
            "tool_calls"
        ):
            return {**rest, "additional_kwargs": kwargs, "tool_calls": calls}
        case _:
            return message


def written(value: Any) -> bytes:
    """A value as bytes that are equal for equal ones."""
    return msgspec.json.encode(opened(value), order="sorted")
