"""Answers that were logged as they were streamed, event by event, as if they had come at once.

Source: the streaming pages of https://platform.openai.com/docs/api-reference (chunks of chat
completions, events of responses) and of https://docs.anthropic.com/en/api/messages-streaming.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

from trace_assets.chatlogs.shapes import decoded, has_any

_OF_EVENT = frozenset(("object", "type"))
"""One of these keys is in every event."""
_ANTHROPIC = frozenset(
    (
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    )
)


class Streamed(NamedTuple):
    """One answer, and the events that it came in."""

    answer: dict[str, Any]
    events: list[int]
    """Places of its events among those given."""


def stream_of(value: Any) -> str | None:
    """What all events of a stream share, within a file: None if a value is no such event.

    >>> stream_of({"object": "chat.completion.chunk", "id": "c-1", "choices": []})
    'c-1'
    >>> stream_of({"type": "response.created", "response": {}}), stream_of({"type": "message"})
    ('response', None)
    """
    if not has_any(value, _OF_EVENT):
        return None
    match value:
        case {"object": "chat.completion.chunk", "choices": list()}:
            return value["id"] if isinstance(value.get("id"), str) and value["id"] else "chunk"
        case {"type": str(kind), **rest} if kind.startswith("response.") or kind == "error":
            is_event = "sequence_number" in rest or isinstance(rest.get("response"), dict)
            return "response" if is_event else None
        case {"type": str(kind)} if kind in _ANTHROPIC:
            return "message" if _is_anthropic(value) else None
        case {"type": "ping", **rest} if not rest:
            return "message"
        case _:
            return None


def _is_anthropic(event: Any) -> bool:
    match event:
        case {"message": {"role": _}} | {"index": int()} | {"delta": dict()}:
            return True
        case {"type": "message_stop"}:
            return True
        case _:
            return False


def streamed(events: Sequence[dict[str, Any]]) -> list[Streamed]:
    """The answers that the events of one key are, in their order."""
    answers: list[Streamed] = []
    for places in _cut(events):
        each = [events[place] for place in places]
        kind = stream_of(each[0])
        put_together = {"response": _response, "message": _message}.get(kind or "", _completion)
        answers.append(Streamed(put_together(each), places))
    return answers


def _cut(events: Sequence[dict[str, Any]]) -> Iterator[list[int]]:
    """The events of each answer: the next one begins with an event that only begins one."""
    places: list[int] = []
    for place, event in enumerate(events):
        if places and event.get("type") in ("response.created", "message_start"):
            yield places
            places = []
        places.append(place)
    if places:
        yield places


def _response(events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The last state of the response; where it has no output, the items as far as they came."""
    response: dict[str, Any] = {}
    items: dict[int, dict[str, Any]] = {}
    others: list[dict[str, Any]] = []
    for event in events:
        match event:
            case {"response": dict() as state}:
                response |= cast("dict[str, Any]", state)
            case {"item": dict() as item, "output_index": int(place)}:
                items[place] = dict(cast("dict[str, Any]", item))
            case {"type": str(kind), "delta": str(words), "output_index": int(place)}:
                _go_on(items, place, kind.removeprefix("response."), words)
            case {"type": "error"} if response.get("error") is None:
                response["error"] = event
            case _ if not _OF_EVENTS.issuperset(event):
                others.append(event)
            case _:
                pass
    told = {"other_events": others} if others else {}
    response.setdefault("object", "response")
    return {**response, "output": response.get("output") or list(items.values()), **told}


_OF_EVENTS = frozenset(
    (
        "type",
        "sequence_number",
        "obfuscation",
        "item_id",
        "output_index",
        "content_index",
        "summary_index",
        "annotation_index",
        "delta",
        "part",
        "text",
        "refusal",
        "arguments",
        "input",
        "code",
        "command",
        "command_index",
        "annotation",
        "logprobs",
        "name",
    )
)
"""What events tell that items say when they are done; an event with other keys is kept."""

_DELTAS = {
    "function_call_arguments.delta": ("function_call", "arguments"),
    "mcp_call_arguments.delta": ("mcp_call", "arguments"),
    "custom_tool_call_input.delta": ("custom_tool_call", "input"),
    "code_interpreter_call_code.delta": ("code_interpreter_call", "code"),
}
"""The type of the item that such a delta goes on with, and the key of its text."""

_PARTS = {
    "output_text.delta": ("message", "content", "output_text", "text"),
    "refusal.delta": ("message", "content", "refusal", "refusal"),
    "reasoning_text.delta": ("reasoning", "content", "reasoning_text", "text"),
    "reasoning_summary_text.delta": ("reasoning", "summary", "summary_text", "text"),
}
"""The same of parts: the type of the item, the list in it, the type of a part and its key."""


def _go_on(items: dict[int, dict[str, Any]], place: int, kind: str, words: str) -> None:
    """Add to an item that may never be done."""
    if kind in _DELTAS:
        of, key = _DELTAS[kind]
        item = items.setdefault(place, {"type": of, "status": "incomplete"})
        before = item.get(key)
        item[key] = before + words if isinstance(before, str) else words
    elif kind in _PARTS:
        of, key, part, text = _PARTS[kind]
        item = items.setdefault(place, {"type": of, "status": "incomplete"})
        if of == "message":
            item.setdefault("role", "assistant")
        match item.get(key):
            case [*before, {"type": str(last), **rest}] if last == part and text in rest:
                words = str(rest[text]) + words
            case [*before]:
                pass
            case _:
                before = []
        item[key] = [*before, {"type": part, text: words}]


def _completion(chunks: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A chat completion: deltas joined choice by choice."""
    whole: dict[str, Any] = {}
    choices: dict[Any, dict[str, Any]] = {}
    others: list[Any] = []
    for chunk in chunks:
        for choice in chunk["choices"]:
            if _is_readable(choice):
                _add_choice(choices, choice)
            else:
                others.append(choice)
        said = {key: value for key, value in chunk.items() if key != "choices"}
        whole |= {
            key: value for key, value in said.items() if value is not None or key not in whole
        }
    unread = {"other_choices": others} if others else {}
    return {**whole, "object": "chat.completion", "choices": list(choices.values()), **unread}


def _is_readable(choice: Any) -> bool:
    """Check that a choice of a chunk has the types that can be joined."""
    match choice:
        case {"delta": {"tool_calls": [*calls]}}:
            return all(isinstance(call, dict) and _has_function(call) for call in calls)
        case {"delta": {"tool_calls": calls}}:
            return calls is None
        case {"delta": delta}:
            return delta is None or isinstance(delta, dict)
        case _:
            return isinstance(choice, dict)


def _has_function(call: Any) -> bool:
    return isinstance(call.get("function"), dict | None)


def _add_choice(choices: dict[Any, dict[str, Any]], choice: dict[str, Any]) -> None:
    index = choice.get("index")
    key = index if isinstance(index, int) else 0
    known = choices.setdefault(key, {"message": {"role": "assistant"}})
    for name, value in choice.items():
        match name, value:
            case "delta", {**delta}:
                _add(known["message"], cast("dict[str, Any]", delta))
            case "logprobs", {"content": [*new]}:
                known[name] = {"content": [*_logprobs(known.get(name)), *new]}
            case _ if value is not None or name not in known:
                known[name] = value
            case _:
                pass


def _logprobs(value: Any) -> list[Any]:
    match value:
        case {"content": [*before]}:
            return before
        case _:
            return []


_JOINED = frozenset(
    ("content", "reasoning_content", "reasoning", "refusal", "arguments", "partial_json")
)


def _add(whole: dict[str, Any], delta: dict[str, Any]) -> None:
    """Add a delta: words go on, calls go on by their index, anything else is as last said."""
    for key, value in delta.items():
        before = whole.get(key)
        match key, value:
            case "tool_calls", [*calls]:
                _add_calls(whole, calls)
            case "function_call", {**call} if isinstance(before, dict):
                _add(cast("dict[str, Any]", before), cast("dict[str, Any]", call))
            case _, str() if key in _JOINED and isinstance(before, str):
                whole[key] = before + value
            case _ if value is not None or key not in whole:
                whole[key] = value
            case _:
                pass


def _add_calls(message: dict[str, Any], calls: list[Any]) -> None:
    before = message.get("tool_calls")
    known: list[dict[str, Any]] = cast("list[Any]", before) if isinstance(before, list) else []
    message["tool_calls"] = known
    for call in calls:
        if not isinstance(call, dict):
            continue
        delta = cast("dict[str, Any]", dict(call))
        index = delta.get("index", len(known))
        found = next((one for one in known if one.get("index") == index), None)
        function = delta.pop("function", None)
        if found is None:
            found = {"index": index, "function": {"name": "", "arguments": ""}}
            known.append(found)
        found |= {key: value for key, value in delta.items() if value is not None}
        if isinstance(function, dict):
            _add(found["function"], cast("dict[str, Any]", function))


def _message(events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """An answer of Anthropic's: blocks joined by their index."""
    message: dict[str, Any] = {"type": "message", "role": "assistant"}
    blocks: dict[Any, dict[str, Any]] = {}
    others: list[Any] = []
    for event in events:
        match event:
            case {"message": dict() as start}:
                message |= cast("dict[str, Any]", start)
            case {"content_block": dict() as block, "index": int(index)}:
                blocks[index] = dict(cast("dict[str, Any]", block))
            case {"delta": dict() as delta, "index": int(index)}:
                _add_to_block(blocks.setdefault(index, {}), cast("dict[str, Any]", delta))
            case {"type": "message_delta", "delta": dict() as delta, **rest}:
                message |= cast("dict[str, Any]", delta)
                _add_usage(message, rest)
            case {"type": "content_block_stop" | "message_stop" | "ping"}:
                pass
            case _:
                others.append(event)
    content = [_finished(block) for block in blocks.values()]
    unread = {"other_events": others} if others else {}
    return {"model": None, "usage": None, **message, "content": content, **unread}


def _add_usage(message: dict[str, Any], told: dict[str, Any]) -> None:
    match told, message:
        case {"usage": {**last}}, {"usage": {**first}}:
            message["usage"] = {**first, **last}
        case {"usage": {**last}}, {"usage": str(first)}:
            message |= {"usage": last, "usage_at_start": first}
        case {"usage": {**last}}, _:
            message["usage"] = last
        case {"usage": str(last)}, _:
            message["usage_at_end"] = last
        case _:
            pass


def _add_to_block(block: dict[str, Any], delta: dict[str, Any]) -> None:
    match delta:
        case {"citation": citation}:
            before = block.get("citations")
            block["citations"] = [*(before if isinstance(before, list) else ()), citation]
        case {"type": _, **words}:
            for key, value in words.items():
                before = block.get(key)
                block[key] = before + value if isinstance(before, str) else value
        case _:
            pass


def _finished(block: dict[str, Any]) -> dict[str, Any]:
    """A block with the input that was streamed as text."""
    match block:
        case {"partial_json": str(text), **rest}:
            return {**rest, "input": decoded(text) if text else {}}
        case _:
            return block
