"""What a trace leaves unsaid, and what its shape says instead.

Where `type` or `role` is missing, readers that match shapes take an item for whatever fits first:
a message without both becomes a custom task's input, and the conversation has no turns, without an
error. Typed constructors whose dumps leave defaults out write such rows.

A shape says something only where one kind alone has it. What decides between a user's message and
the assistant's is how their text is written: output text carries `annotations`. So text without
them is the user's where the same trace also has the assistant's to tell it from, or where it is the
only message; two such messages at the very beginning may be instructions and a question, and are
left alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

Path = tuple[str | int, ...]


class Gap(NamedTuple):
    """A key that should be there and is not."""

    path: Path
    """The way from the trace to the object that lacks it."""
    key: str
    value: str | None
    """What it must be; None where the shape leaves it open."""
    message: str

    @property
    def where(self) -> str:
        """The way to the missing key, as problems of the model name it."""
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return f"{''.join(steps)}.{self.key}".removeprefix(".")

    def __str__(self) -> str:
        return f"{self.where}: required: {self.message}"


def gaps(trace: Mapping[str, Any]) -> list[Gap]:
    """Every type, role and FORMAT that a trace leaves unsaid."""
    found = [] if "FORMAT" in trace else [_FORMAT]
    for located in _conversations(trace):
        roles = _roles([item for _, item in located])
        for (path, item), role in zip(located, roles, strict=True):
            found += _of_item(path, item, role)
    for position, event in enumerate(_objects(trace.get("events"))):
        found += _of_event(("events", position), event)
    return found


_FORMAT = Gap((), "FORMAT", "open_responses", "readers take it for open_responses")

Located = tuple[Path, dict[str, Any]]


def _conversations(trace: Mapping[str, Any]) -> Iterator[list[Located]]:
    """The items of a trace, and those of its events, each list by itself."""
    yield _located(("items",), trace.get("items"))
    for position, event in enumerate(_objects(trace.get("events"))):
        for key in ("input_context", "output_items"):
            yield _located(("events", position, key), event.get(key))
        if isinstance(item := event.get("item"), dict):
            yield [(("events", position, "item"), item)]


def _located(path: Path, items: Any) -> list[Located]:
    return [((*path, position), item) for position, item in enumerate(_objects(items)) if item]


def _objects(values: Any) -> list[dict[str, Any]]:
    """A list's values; what is no object, which the model will say, counts as an empty one."""
    if not isinstance(values, list):
        return []
    return [value if isinstance(value, dict) else {} for value in cast("list[Any]", values)]


# --- items ------------------------------------------------------------------------------------


def _of_item(path: Path, item: dict[str, Any], role: str | None) -> Iterator[Gap]:
    kind, says = _kind(item)
    if "type" not in item:
        yield Gap(path, "type", kind, says)
    if kind == "message":
        if "role" not in item:
            yield Gap(path, "role", role, _BY_ROLE[role])
        yield from _of_parts((*path, "content"), item["content"], item.get("role", role))
    elif kind == "function_call_output":
        yield from _of_parts((*path, "output"), item["output"], "tool")


_BY_ROLE = {
    "assistant": "by its output text, the message is the assistant's",
    "user": "by its text without annotations, the message is the user's",
    None: "nothing in the message tells whose it is",
}


def _kind(item: dict[str, Any]) -> tuple[str | None, str]:
    """The type of an item, said or not, and how it is told."""
    match item:
        case {"type": "message", "content": list()}:
            return "message", ""
        case {"type": "function_call_output", "output": _}:
            return "function_call_output", ""
        case {"type": _}:
            return None, ""
        case {"call_id": _, "name": _, "arguments": _}:
            return "function_call", "by its arguments, the item is a function_call"
        case {"call_id": _, "output": _}:
            return "function_call_output", "by its output, the item is a function_call_output"
        case {"id": _, "status": _, "content": list()}:
            return "message", "readers take this message for a custom_task_input_message"
        case {"content": _}:
            return None, "the item may be a custom task's input or its output"
        case _:
            return None, "the item has the shape of no kind of item"


def _roles(items: Sequence[dict[str, Any]]) -> list[str | None]:
    """Whose message each item is, as far as the conversation tells."""
    sides = [_side(item) for item in items]
    messages = [side for side in sides if side]
    is_told = "assistant" in messages or len(messages) == 1
    starts_twice = sides[:2] == ["user", "user"] and any("role" not in one for one in items[:2])
    return [
        None if side == "user" and (not is_told or (starts_twice and position < 2)) else side
        for position, side in enumerate(sides)
    ]


def _side(item: dict[str, Any]) -> str | None:
    """Who says a message, going by it alone; None for what is no message or says nothing."""
    if _kind(item)[0] != "message":
        return None
    if "role" in item:
        return item["role"] if isinstance(item["role"], str) else None
    kinds = {_part_kind(part, "") for part in _objects(item["content"])}
    if kinds & _SAID_BY_THE_ASSISTANT:
        return "assistant"
    return "user" if kinds and kinds <= _SAID_BY_THE_USER else None


# --- content parts ----------------------------------------------------------------------------

_SAID_BY_THE_ASSISTANT = {"output_text", "refusal", "reasoning_text", "summary_text"}
_SAID_BY_THE_USER = {"input_text", "input_image", "input_file", "input_video"}


def _of_parts(path: Path, parts: Any, role: Any) -> Iterator[Gap]:
    found = _objects(parts)
    has_answer = any(map(_is_annotated, found))
    for position, part in enumerate(found):
        if part and "type" not in part:
            if has_answer and part.keys() == {"text"}:
                yield Gap((*path, position), "type", None, _ANSWER_OR_REASONING)
                continue
            kind = _part_kind(part, role)
            says = f"by its keys, the part is {kind}" if kind else "no kind of part has these keys"
            yield Gap((*path, position), "type", kind, says)


_ANSWER_OR_REASONING = (
    "beside output text with annotations, bare text may be reasoning or a summary"
)


def _is_annotated(part: dict[str, Any]) -> bool:
    return "annotations" in part or part.get("type") == "output_text"


def _part_kind(part: dict[str, Any], role: Any) -> str | None:
    """The type of a content part; bare text is what its speaker says, who is `role`."""
    match part:
        case {"type": kind}:
            return kind if isinstance(kind, str) else None
        case {"refusal": _}:
            return "refusal"
        case {"text": _, "annotations": _} | {"text": _, "logprobs": _}:
            return "output_text"
        case {"text": _}:
            return "output_text" if role == "assistant" else "input_text"
        case {"detail": _}:
            return "input_image"
        case {"video_url": _}:
            return "input_video"
        case {"filename": _} | {"file_url": _} | {"file_data": _}:
            return "input_file"
        case _:
            return None


# --- events -----------------------------------------------------------------------------------


def _of_event(path: Path, event: dict[str, Any]) -> Iterator[Gap]:
    if event and "type" not in event:
        kind = _event_kind(event)
        says = f"by its keys, the event is {kind}" if kind else "no kind of event has these keys"
        yield Gap(path, "type", kind, says)
    if event and event.get("id") is None:
        yield Gap(path, "id", None, "readers give the event another id each time they load it")


def _event_kind(event: dict[str, Any]) -> str | None:
    match event:
        case {"call_id": _, "function": _, "result": _}:
            return "function_call_event"
        case {"model": _, "input_context": _, "output_items": _}:
            return "model_call_event"
        case {"item": _}:
            return "message_event"
        case {"strategy": _}:
            return "compaction"
        case {"name": _, "data": _}:
            return "custom"
        case {"span_id": str(), "name": _}:
            return "span_begin"
        case {"message": _}:
            return "error"
        case _:
            return None
