"""A trace as OpenAI messages: what training data is made from.

Messages are text. Left out and counted: reasoning, which no message has a place for; calls of the
user's own tools with their results, which the agent never saw; messages without a word or a call;
results of no call; control characters, which break the platform's reader. A trace with an image, a
file, a custom task, or without a question or an answer is no training data; that has a reason.
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from trace_assets.chat import tools
from trace_assets.interactions.groups import group_of

Message = dict[str, Any]
"""`role` is system, user, assistant or tool."""


class Conversation(msgspec.Struct, omit_defaults=True):
    """The messages of one trace."""

    trace_id: str
    source_uri: str
    messages: list[Message]
    tools: list[dict[str, Any]] | None = None
    """The tools that the agent had, where the log tells of them."""
    response_format: dict[str, Any] | None = None
    session: str | None = None
    """What it shares with other traces of the same talk."""
    left: dict[str, int] = {}
    """What is not in the messages, and how often."""
    copied: list[int] = []
    """The places of answers that the log copied from another trace."""
    score: float | None = None
    """Its relevance to the job."""

    def asked(self) -> str:
        """The words of the user, by which traces are compared."""
        return "\n".join(each["content"] for each in self.messages if each["role"] == "user")


class Unfit(NamedTuple):
    """Why a trace is no training data."""

    reason: str
    message: str


def conversation_of(
    trace: dict[str, Any], *, trace_id: str, source_uri: str
) -> Conversation | Unfit:
    """The conversation of a valid trace, or why it has none."""
    builder = _Builder()
    for number, item in enumerate(trace["items"]):
        if unfit := builder.add(number, item):
            return unfit
    messages = builder.messages
    roles = {message["role"] for message in messages}
    for role, reason in (("user", "no_question"), ("assistant", "no_answer")):
        if role not in roles:
            return Unfit(reason, f"items: no message of the {role} that has text or calls")
    metadata: dict[str, Any] = trace.get("metadata") or {}
    extra: dict[str, Any] = metadata.get("extra") or {}
    group = group_of([extra], trace_id=trace_id)
    return Conversation(
        trace_id=trace_id,
        source_uri=source_uri,
        messages=messages,
        tools=_tools(extra, trace.get("events") or ()) or None,
        response_format=_object(extra.get("response_format")),
        session=group.id if group.kind in ("session", "conversation") else None,
        left={name: count for name, count in sorted(builder.left.items()) if count},
        copied=builder.copied,
    )


class _Builder:
    """Makes messages of items in one walk."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.left: Counter[str] = Counter()
        self.copied: list[int] = []
        self._calls: set[str] = set()
        self._users_calls: set[str] = set()

    def add(self, number: int, item: dict[str, Any]) -> Unfit | None:
        unfit = self._add(number, item)
        last = len(self.messages) - 1
        if _is_copied_answer(item) and last >= 0 and last not in self.copied[-1:]:
            self.copied.append(last)
        return unfit

    def _add(self, number: int, item: dict[str, Any]) -> Unfit | None:
        match item:
            case {"type": "message", "role": role, "content": content}:
                return self._message(number, "system" if role == "developer" else role, content)
            case {"type": "function_call", "call_id": call_id} if _is_users(item):
                self._users_calls.add(call_id)
                self.left["calls_of_the_user"] += 1
            case {"type": "function_call"}:
                self._call(item)
            case {"type": "function_call_output", "output": output, "call_id": call_id}:
                return self._output(number, call_id, output)
            case {"type": kind}:
                return Unfit("custom_task", f"items.{number}: a {kind} has no text")
        return None

    def _message(self, number: int, role: str, parts: list[dict[str, Any]]) -> Unfit | None:
        text = self._text(number, parts)
        if isinstance(text, Unfit):
            return text
        if text.strip():
            self.messages.append({"role": role, "content": text})
        else:
            self.left["empty_messages"] += 1
        return None

    def _call(self, item: dict[str, Any]) -> None:
        self._calls.add(item["call_id"])
        call = {
            "id": item["call_id"],
            "type": "function",
            "function": {"name": item["name"], "arguments": self._clean(item["arguments"])},
        }
        # Calls right behind a message or one another are of one answer of the model.
        if self.messages and self.messages[-1]["role"] == "assistant":
            self.messages[-1].setdefault("tool_calls", []).append(call)
        else:
            self.messages.append({"role": "assistant", "content": None, "tool_calls": [call]})

    def _output(self, number: int, call_id: str, output: Any) -> Unfit | None:
        if call_id not in self._calls:
            own = call_id in self._users_calls
            self.left["results_of_the_user" if own else "results_of_no_call"] += 1
            return None
        parts = [{"type": "text", "text": output}] if isinstance(output, str) else output
        text = self._text(number, parts)
        if isinstance(text, Unfit):
            return text
        self.messages.append({"role": "tool", "tool_call_id": call_id, "content": text})
        return None

    def _text(self, number: int, parts: list[dict[str, Any]]) -> str | Unfit:
        texts: list[str] = []
        for part in parts:
            match part:
                case {"type": "reasoning_text" | "summary_text"}:
                    self.left["reasoning"] += 1
                case {"type": "refusal", "refusal": str(text)} | {"text": str(text)}:
                    texts.append(self._clean(text))
                case _:
                    return Unfit("not_text", f"items.{number}: holds {part.get('type')}")
        return "\n".join(texts)

    def _clean(self, text: str) -> str:
        cleaned = clean(text)
        self.left["control_characters"] += len(text) - len(cleaned)
        return cleaned


_BREAKING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
_LINE_ENDS = "\u2028\u2029"


def clean(text: str) -> str:
    r"""Text that cannot break an upload: no control characters, line ends as all know them.

    >>> clean("a\x0bb\u2028c\td")
    'ab\nc\td'
    """
    return _BREAKING.sub(lambda found: "\n" if found[0] in _LINE_ENDS else "", text)


def is_clean(text: str) -> bool:
    """Whether `clean` would leave a text as it is."""
    return _BREAKING.search(text) is None


def _is_users(item: dict[str, Any]) -> bool:
    return "user" in (item.get("created_by"), item.get("requestor"))


def _is_copied_answer(item: dict[str, Any]) -> bool:
    is_answer = item["type"] == "function_call" or item.get("role") == "assistant"
    return is_answer and item.get("is_copied_context") is True


def _tools(extra: dict[str, Any], events: Iterable[dict[str, Any]]) -> list[tools.Function]:
    """The tools of the trace, or else those of its model calls."""
    calls = (event.get("metadata") or {} for event in events if event["type"] == "model_call_event")
    return tools.functions_of(extra.get("tools")) or tools.functions_of(
        *(call.get("tools") for call in calls)
    )


def _object(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) and value else None
