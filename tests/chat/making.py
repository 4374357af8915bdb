"""Items of messages, and what a reader sees of them."""

from copy import deepcopy
from typing import Any

from benchmarks.leaves import lost
from trace_assets import chat
from trace_assets.trace import gate, load


def items(*messages: Any) -> list[dict[str, Any]]:
    """The items of messages, which both the models and the gate take."""
    conversation = chat.Conversation("t")
    conversation.extend(messages)
    return held(conversation.items())


def told(*messages: Any) -> list[str]:
    """What a reader sees of messages, after it is sure that no scalar of them is lost."""
    before = deepcopy(messages)
    made = items(*messages)
    assert messages == before, "the log's own value was changed"
    assert lost(list(messages), made) == []
    return brief(made)


def held(made: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The items, after both the models and the gate have taken them."""
    trace = {"FORMAT": "open_responses", "items": made}
    load(trace)
    gate.convert(trace)
    return made


def brief(made: list[dict[str, Any]]) -> list[str]:
    """Each item in a line."""
    return [_line(item) for item in made]


def _line(item: dict[str, Any]) -> str:
    match item:
        case {"type": "message", "role": role, "content": parts}:
            return f"{role}: {' '.join(map(_part, parts))}".strip()
        case {"type": "function_call", "name": name, "arguments": arguments}:
            return f"call {name} {arguments}".strip()
        case {"type": "function_call_output", "output": [*parts], "status": status}:
            return f"{_word(status)} {' '.join(map(_part, parts))}".strip()
        case {"type": "function_call_output", "output": output, "status": status}:
            return f"{_word(status)} {output}".strip()
        case {"type": kind, "content": content}:
            return f"{kind}: {content}"
        case _:
            raise AssertionError(item)


def _word(status: str) -> str:
    return "output" if status == "completed" else "failed"


def _part(part: dict[str, Any]) -> str:
    match part:
        case {"type": "reasoning_text" | "summary_text", "text": text}:
            return f"({text})"
        case {"text": text} | {"refusal": text}:
            return text
        case _:
            return f"[{part['type'].removeprefix('input_')}]"
