"""What a label has to look like, as the teachers are told it, and as their answers are held to it.

Models put JSON in code fences and thoughts before answers, whatever they are told. Both are taken
off where they are no part of the answer; nothing else is repaired: what is not as expected is no
label, with the reason.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Protocol

import msgspec

from trace_assets.training.schema import Parameters, schemas_of

Message = dict[str, Any]
Label = Message | list[Message]


class NotALabelError(ValueError):
    """An answer is not what the form expects."""


class Form(Protocol):
    """One kind of label."""

    def instruction(self) -> str:
        """What a teacher is told about the shape of its answer."""
        ...

    def read(self, text: str) -> Label:
        """The label that an answer means.

        Raises:
            NotALabelError: it means none.
        """
        ...


@dataclass(frozen=True)
class TextForm:
    """A message of text; of JSON where the original is an object or an array."""

    is_json: bool

    def instruction(self) -> str:
        """Ask for text or JSON."""
        if self.is_json:
            return "The message is JSON. Answer with this JSON alone, without a code fence."
        return "Answer with the text of the message alone."

    def read(self, text: str) -> Label:
        """Text as it is; JSON without its fence."""
        answer = without_thoughts(text)
        if self.is_json:
            answer = without_fence(answer)
            parsed(answer)
        if not answer:
            raise NotALabelError("the answer is empty")
        return {"role": "assistant", "content": answer}


@dataclass(frozen=True)
class ClassForm:
    """The name of a class."""

    classes: Mapping[str, str]

    def instruction(self) -> str:
        """List the classes."""
        lines = [f"- {name}: {meaning}" for name, meaning in self.classes.items()]
        listed = "\n".join(lines)
        return f"The message is the name of a class:\n{listed}\nAnswer with one name alone."

    def read(self, text: str) -> Label:
        """A name, as it is or in quotes or a fence."""
        answer = without_fence(without_thoughts(text)).strip("\"'`")
        if answer not in self.classes:
            raise NotALabelError(f"{answer[:80]!r} is no class; known: {', '.join(self.classes)}")
        return {"role": "assistant", "content": answer}


@dataclass(frozen=True)
class CallsForm:
    """Calls of tools: one, or as many as the original made at once."""

    tools: Sequence[Mapping[str, Any]]
    original: Message
    example_id: str

    def instruction(self) -> str:
        """Ask for a call, or an array of them."""
        one = 'The message calls a tool. Answer with JSON alone: {"name": ..., "parameters": {...}}'
        more = " or, for several calls at once, an array of such objects" if self._most > 1 else ""
        return f"{one}{more}."

    @property
    def _most(self) -> int:
        return len(self.original.get("tool_calls") or ())

    def read(self, text: str) -> Label:
        """Calls of known tools whose parameters are as their schemas say."""
        value = parsed(without_fence(without_thoughts(text)))
        calls = value if isinstance(value, list) else [value]
        if not 1 <= len(calls) <= max(self._most, 1):
            raise NotALabelError(f"{len(calls)} calls; expected 1 to {max(self._most, 1)}")
        return calls_message(None, calls, self.tools, self.original, self.example_id)


@dataclass(frozen=True)
class WholeForm:
    """All messages of the assistant in a conversation."""

    tools: Sequence[Mapping[str, Any]]
    originals: Sequence[Message]
    example_id: str

    def instruction(self) -> str:
        """Ask for an array with a place for each message."""
        return (
            f"Rewrite all {len(self.originals)} messages of the assistant that stand behind the "
            "first of the user, together. Answer with JSON alone: an array with an object for "
            'each, in order: {"content": text or null, "tool_calls": [{"name": ..., '
            '"parameters": {...}}]}. A message makes as many calls as it does now, because the '
            "results that follow belong to them; which tool and which parameters may change."
        )

    def read(self, text: str) -> Label:
        """As many messages as there were, each with as many calls as it had."""
        value = parsed(without_fence(without_thoughts(text)))
        if not isinstance(value, list) or len(value) != len(self.originals):
            found = f"{len(value)} messages" if isinstance(value, list) else "no array"
            raise NotALabelError(f"{found}; expected an array of {len(self.originals)} messages")
        pairs = zip(value, self.originals, strict=True)
        return [self._message(number, *pair) for number, pair in enumerate(pairs)]

    def _message(self, number: int, found: Any, original: Message) -> Message:
        match found:
            case {"content": str() | None as content, **rest}:
                calls = rest.get("tool_calls") or []
            case {"tool_calls": list(calls)}:
                content = None
            case _:
                raise NotALabelError(f"message {number}: neither content nor tool_calls")
        expected = len(original.get("tool_calls") or ())
        if not isinstance(calls, list) or len(calls) != expected:
            raise NotALabelError(f"message {number}: expected an array of {expected} calls")
        if not content and not calls:
            raise NotALabelError(f"message {number}: empty")
        if not calls:
            return {"role": "assistant", "content": content}
        own = f"{self.example_id}:{number}"
        return calls_message(content, calls, self.tools, original, own)


def form_of(
    label: Label, *, example_id: str, tools: Sequence[Mapping[str, Any]], classes: Any
) -> Form:
    """The form of a label like this one."""
    if isinstance(label, list):
        return WholeForm(tools, label, example_id)
    if label.get("tool_calls"):
        return CallsForm(tools, label, example_id)
    if classes:
        return ClassForm(classes)
    return TextForm(is_json=_is_json(label.get("content") or ""))


def calls_message(
    content: str | None,
    calls: Sequence[Any],
    tools: Sequence[Mapping[str, Any]],
    original: Message,
    own: str,
) -> Message:
    """A message with calls, each with the id that the original's has at its place."""
    ids = [call.get("id") for call in original.get("tool_calls") or ()]
    made: list[Message] = []
    for number, call in enumerate(calls):
        name, parameters = _checked(call, tools)
        known = ids[number] if number < len(ids) else None
        made.append(
            {
                "id": known or sha256(f"{own}:{number}".encode()).hexdigest()[:12],
                "type": "function",
                "function": {
                    "name": name,
                    "arguments": json.dumps(parameters, ensure_ascii=False),
                },
            }
        )
    return {"role": "assistant", "content": content or None, "tool_calls": made}


def _checked(call: Any, tools: Sequence[Mapping[str, Any]]) -> tuple[str, dict[str, Any]]:
    match call:
        case {"name": str(name), "parameters": dict(parameters), **rest} if not rest:
            pass
        case _:
            shape = '{"name": ..., "parameters": {...}}'
            raise NotALabelError(f"a call is {_short(call)}; expected {shape}")
    schemas = schemas_of(tools)
    if name not in schemas:
        raise NotALabelError(f"{name!r} is no tool; known: {', '.join(schemas) or 'none'}")
    if problem := Parameters(schemas[name]).problem_with(parameters):
        raise NotALabelError(f"{name}: {problem}")
    return name, parameters


_FENCED = re.compile(r"```[\w+-]*[ \t]*\n(.*?)\n?[ \t]*```", re.DOTALL)


def without_fence(text: str) -> str:
    r"""What is in a code fence, if there is one fence and the text is nothing but it.

    >>> without_fence('```json\n{"a": 1}\n```'), without_fence("a ``` b")
    ('{"a": 1}', 'a ``` b')
    """
    stripped = text.strip()
    match = _FENCED.fullmatch(stripped)
    return match[1].strip() if match else stripped


def without_thoughts(text: str) -> str:
    r"""An answer without the thoughts that some models put before it.

    >>> without_thoughts("<think>Hm.</think>\nYes")
    'Yes'
    """
    stripped = text.strip()
    if stripped.startswith("<think>"):
        _, _, stripped = stripped.partition("</think>")
    return stripped.strip()


def parsed(text: str) -> Any:
    """The value of a JSON text.

    Raises:
        NotALabelError: it is not JSON.
    """
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
        raise NotALabelError(f"{_short(text)} is no JSON: {error}") from error


def _is_json(text: str) -> bool:
    try:
        return isinstance(parsed(text), dict | list)
    except NotALabelError:
        return False


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return repr(text if len(text) <= 80 else f"{text[:80]}...")
