"""A message that says whose it is: `{role, content, ...}` with what each dialect puts beside it."""

from collections.abc import Iterable, Iterator
from typing import Any, cast

from trace_assets import vocabulary
from trace_assets.chat import blocks, content, openai
from trace_assets.chat.blocks import Block
from trace_assets.chat.piece import (
    Answered,
    Called,
    Custom,
    Piece,
    Role,
    Said,
    UnknownMessageError,
    with_rest,
)
from trace_assets.trace import build

_CONTENT = ("content", "parts", "contents")
_ELSEWHERE = frozenset(_CONTENT) - {"content"}
_INSTEAD = ("text", "system_prompt")
"""The keys of what was said, in messages that have none of the usual."""
_REASONING = ("reasoning_content", "reasoning", "thinking")
_BESIDE = frozenset((*_REASONING, "refusal", "audio", "tool_calls", "function_call"))
"""What else can be content, besides the content."""

_RESULT_OF = ("tool_call_id", "toolCallId", "tool_use_id", "call_id")
_TOOL = ("name", "tool_name", "toolName", "function")


def turn(
    word: str,
    message: dict[str, Any],
    pointer: str,
    *,
    key: str = "role",
    otherwise: Role | None = None,
) -> list[Piece]:
    """The pieces of a message, given the word for its role and all of its other keys.

    `otherwise` is its role where the word is none.
    """
    role = vocabulary.role(word)
    if role is None and vocabulary.is_tool(word):
        return _result(word, dict(message))
    role = role or otherwise
    if role is None:
        raise UnknownMessageError(
            f"{pointer}/{key}",
            f"expected user, assistant, system, developer or tool, found `{word[:40]}`",
        )
    if message.keys().isdisjoint(_BESIDE):
        return _plain(role, word, dict(message))
    rest = dict(message)
    found = [*_reasoning(rest), *_content(role, rest), *_spoken(rest)]
    if "tool_calls" in rest or "function_call" in rest:
        found += _not_among(found, _calls(rest, pointer), rest)
    return _pieces(role, word, found, rest)


def _plain(role: Role, word: str, rest: dict[str, Any]) -> list[Piece]:
    """A message with nothing but content: most are such, and most of these nothing but text."""
    match rest:
        case {"content": str(said)} if said and _ELSEWHERE.isdisjoint(rest):
            del rest["content"]
            if word != role:
                rest["role"] = word
            return [Said(role, [content.text(role, said, {})], rest)]
        case _:
            return _pieces(role, word, list(_content(role, rest)), rest)


def _pieces(role: Role, word: str, found: list[Block], rest: dict[str, Any]) -> list[Piece]:
    if word != role:
        rest["role"] = word
    pieces = blocks.collect(role, found)
    if pieces:
        return with_rest(pieces, rest)
    is_unread = any(rest.get(key) for key in _CONTENT)
    if is_unread or role == "user":  # an empty message of the user would begin a turn
        return [Custom(role != "assistant", {"unread_message": {"role": word, **rest}}, {})]
    return [Said(role, [], rest)]


def _reasoning(rest: dict[str, Any]) -> Iterator[Block]:
    """The model's thoughts, once: servers give them under two names at a time."""
    thoughts = (rest[key] for key in _REASONING if isinstance(rest.get(key), str) and rest[key])
    if (thought := next(thoughts, None)) is not None:
        for key in [key for key in _REASONING if rest.get(key) == thought]:
            del rest[key]
        yield content.reasoning(thought, {})


def _content(role: str, rest: dict[str, Any]) -> Iterator[Block]:
    """Read the blocks of the content. A key without content stays as it is.

    An object that is not a block was written by a program, so it becomes JSON text.
    """
    keys = [key for key in _CONTENT if rest.get(key)]
    for key in keys or [key for key in _INSTEAD if _is_content(rest.get(key))][:1]:
        unknown: list[Any] = []
        value = rest.pop(key)
        yield from blocks.read(role, value, unknown)
        if unknown and isinstance(value, dict) and "type" not in value:
            yield content.text(role, build.json_text(value), {})
        elif unknown:
            rest[key] = unknown if isinstance(value, list) else value


def _is_content(value: Any) -> bool:
    return bool(value) and isinstance(value, str | list)


def _spoken(rest: dict[str, Any]) -> Iterator[Block]:
    """What stands beside the content and was said all the same: a refusal, sound in words."""
    match rest:
        case {"refusal": str(words)} if words:
            del rest["refusal"]
            yield content.refusal(words, {})
        case _:
            pass
    match rest:
        case {"audio": {"transcript": str(words), **sound}} if words:
            del rest["audio"]
            yield content.text("assistant", words, {"audio": sound})
        case _:
            pass


def _calls(rest: dict[str, Any], pointer: str) -> Iterator[tuple[Any, Called]]:
    match rest:
        case {"tool_calls": [_, *_] as each}:
            del rest["tool_calls"]
            for position, one in enumerate(cast("list[Any]", each)):
                yield one, _call(one, f"{pointer}/tool_calls/{position}")
        case _:
            pass
    match rest:
        case {"function_call": {"name": _} as one}:
            del rest["function_call"]
            yield one, _call(one, f"{pointer}/function_call")
        case _:
            pass


def _not_among(
    found: list[Block], calls: Iterable[tuple[Any, Called]], rest: dict[str, Any]
) -> list[Block]:
    """The calls that the content does not hold; LangChain gives Anthropic's in both places.

    Those of both places stay under their key.
    """
    ids = {str(each.original_id) for each in found if isinstance(each, Called)} - {"", "None"}
    new: list[Block] = []
    for raw, call in calls:
        if str(call.original_id) in ids:
            rest.setdefault("tool_calls", []).append(raw)
        else:
            new.append(call)
    return new


def _call(value: Any, pointer: str) -> Called:
    if (called := openai.call(value)) is None:
        raise UnknownMessageError(
            pointer, f"expected a call with a name, found {build.sketch(value)}"
        )
    return called


def _result(word: str, rest: dict[str, Any]) -> list[Piece]:
    """What a tool said: one result, or blocks with a result each."""
    if word != "tool":
        rest["role"] = word
    inner = _results(rest)
    if inner:
        return with_rest(inner, rest)
    key = next((key for key in _CONTENT if key in rest), "content")
    value = rest.pop(key, "")
    if value is None:
        rest[key] = value = None
    original_id = _take(rest, _RESULT_OF)
    name = _take_name(rest)
    return [Answered(original_id, name, value, failed(rest), rest)]


def _results(rest: dict[str, Any]) -> list[Piece]:
    """The pieces of a tool's message whose blocks say themselves which calls they answer."""
    for key in _CONTENT:
        unknown: list[Any] = []
        if not isinstance(rest.get(key), list):
            continue
        found = list(blocks.read("user", rest[key], unknown))
        if any(isinstance(each, Answered) for each in found):
            del rest[key]
            if unknown:
                rest[key] = unknown
            return blocks.collect("user", found)
    return []


def _take(rest: dict[str, Any], keys: tuple[str, ...]) -> Any:
    key = next((key for key in keys if rest.get(key) is not None), None)
    return None if key is None else rest.pop(key)


def _take_name(rest: dict[str, Any]) -> str | None:
    key = next((key for key in _TOOL if isinstance(rest.get(key), str)), None)
    return None if key is None else rest.pop(key)


def failed(rest: dict[str, Any]) -> bool:
    """Whether what stands beside a result says that the call failed."""
    match rest:
        case {"is_error": True} | {"isError": True} | {"status": "error" | "failed"}:
            return True
        case {"error": True}:
            return True
        case {"error": {**error}} if error:
            return True
        case {"error": str(error)} if error:
            return True
        case _:
            return False
