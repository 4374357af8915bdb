"""The part of a log's own record that a step is.

A record may be one span, or hold a whole conversation; a step's `raw` is the part that is its own.
It is told by the ids that log and trace share, and messages by role and text. Where that does not
lead to exactly one part, the step keeps its part of the trace, which lost nothing either.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, cast

import msgspec

from trace_assets.interactions.messages import Item
from trace_assets.trace.build import raw_text


class Original(NamedTuple):
    """A record that a trace was made from."""

    uri: str
    raw: bytes


class Found(NamedTuple):
    """An object in a record."""

    uri: str
    """Of the record, with the JSON pointer to the object behind it."""
    record: int
    depth: int
    value: dict[str, Any]
    around: "Found | None" = None
    """The message that the object is in."""


_ROLES = {"human": "user", "ai": "assistant", "model": "assistant"}
"""Other words for the roles of a trace."""

_SPAN_KEYS = ("span_id", "spanId", "id", "run_id", "observation_id", "uuid")
_CALL_KEYS = ("id", "call_id", "tool_call_id", "toolCallId", "tool_use_id")


class Originals:
    """The objects of a trace's records, by what they can be told by."""

    def __init__(self, records: Sequence[Original], items: Sequence[Item]) -> None:
        self._records = records
        self._spans: dict[str, list[Found]] = {}
        self._calls: dict[tuple[str, str], list[Found]] = {}
        self._messages: dict[tuple[str, str], list[Found]] = {}
        self._used: set[int] = set()
        self._whole: dict[int, Any] = {}
        for number, record in enumerate(records):
            self._read(number, record)
        self._of_items = dict(self._matched(items))
        self._shown = {id(found.value) for found in self._of_items.values()}
        """The objects that a step has."""

    def of_span(self, span_id: str) -> Found | None:
        """The object that is a span: the outermost one with its id, if there is just one."""
        return self._use(_only(self._spans.get(span_id, [])))

    def of_item(self, item: Item) -> Found | None:
        """The object that is an item of the trace, one of those that were given."""
        return self._use(self._of_items.get(id(item)))

    def around(self, item: Item) -> Found | None:
        """The message that a call or an output is in, if no step has it yet.

        A model that calls tools without a word writes a message that is no item of the trace.
        """
        found = self._of_items.get(id(item))
        message = found.around if found else None
        if message is None or id(message.value) in self._shown:
            return None
        self._shown.add(id(message.value))
        return message

    def rest(self) -> Iterator[dict[str, Any]]:
        """Each record of which no step has a part, whole."""
        for number, record in enumerate(self._records):
            if number in self._used:
                continue
            if number in self._whole:
                yield {"uri": record.uri, "record": self._whole[number]}
            else:
                yield {"uri": record.uri, **raw_text(record.raw)}

    def _use(self, found: Found | None) -> Found | None:
        if found is not None:
            self._used.add(found.record)
        return found

    # --- reading a record ----------------------------------------------------------------

    def _read(self, number: int, record: Original) -> None:
        try:
            value = msgspec.json.decode(record.raw)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return  # a line of CSV, say: it is kept as text
        self._whole[number] = value
        pending: list[tuple[str, int, Found | None, Any]] = [("", 0, None, value)]
        while pending:
            pointer, depth, around, part = pending.pop()
            if isinstance(part, dict):
                fields = cast("dict[str, Any]", part)
                found = Found(f"{record.uri}{pointer}", number, depth, fields, around)
                around = found if self._note(found) else around
                children = [(_step(key), child) for key, child in fields.items()]
            else:
                children = [(str(n), child) for n, child in enumerate(cast("list[Any]", part))]
            pending += [
                (f"{pointer}/{step}", depth + 1, around, child)
                for step, child in reversed(children)
                if isinstance(child, dict | list)
            ]

    def _note(self, found: Found) -> bool:
        """Note what an object can be told by; whether it is a message."""
        value = found.value
        for name in _SPAN_KEYS:
            if isinstance(own := value.get(name), str) and own:
                self._spans.setdefault(own, []).append(found)
                break
        match value:
            case {"context": {"span_id": str(own)}}:
                self._spans.setdefault(own, []).append(found)
            case _:
                pass
        self._note_call(found)
        key = _message_key(value)
        if key is not None:
            self._messages.setdefault(key, []).append(found)
        return key is not None

    def _note_call(self, found: Found) -> None:
        value = found.value
        kind = _call_kind(value)
        if kind is None:
            return
        for name in _CALL_KEYS:
            if isinstance(own := value.get(name), str) and own:
                self._calls.setdefault((kind, own), []).append(found)

    # --- finding items -------------------------------------------------------------------

    def _matched(self, items: Sequence[Item]) -> Iterator[tuple[int, Found]]:
        """Items with the same key are the objects with that key in order, if as many are there."""
        keyed = [(item, key) for item in items if (key := _item_key(item)) is not None]
        counts = Counter(key for _, key in keyed)
        taken: Counter[tuple[str, str]] = Counter()
        for item, key in keyed:
            objects = self._calls if key[0] in {"call", "output"} else self._messages
            found = _outermost(objects.get(key, []))
            if len(found) == counts[key]:
                yield id(item), found[taken[key]]
                taken[key] += 1


def _step(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _outermost(found: Sequence[Found]) -> list[Found]:
    """The objects themselves, without the copies of them that logs keep further inside.

    A message may hold the reply that it was read from, as the provider sent it.
    """
    least = min((each.depth for each in found), default=0)
    return [each for each in found if each.depth == least]


def _only(found: Sequence[Found]) -> Found | None:
    outermost = _outermost(found)
    return outermost[0] if len(outermost) == 1 else None


def _call_kind(value: dict[str, Any]) -> str | None:
    match value:
        case {"role": "tool"} | {"type": "tool_result" | "function_call_output"}:
            return "output"
        case {"tool_call_id": str()} | {"tool_use_id": str()}:
            return "output"
        case {"name": str()} | {"function": dict()} | {"toolName": str()}:
            return "call"
        case _:
            return None


def _item_key(item: Item) -> tuple[str, str] | None:
    match item:
        case {"type": "message", "role": str(role), "content": content}:
            text = _text(content)
            return (role, text) if text else None
        case {
            "type": "function_call" | "function_call_output" as kind,
            "original_call_id": str(own),
        }:
            return ("call" if kind == "function_call" else "output", own) if own else None
        case _:
            return None


def _message_key(value: dict[str, Any]) -> tuple[str, str] | None:
    match value:
        case {"role": str(role), "content": content}:
            return _ROLES.get(role, role), _text(content)
        case {"type": "human" | "ai" | "system", "content": content}:
            return _ROLES.get(value["type"], "system"), _text(content)
        case _:
            return None


def _text(content: Any) -> str:
    match content:
        case str():
            return content
        case list():
            texts = [
                cast("dict[str, Any]", part).get("text")
                for part in cast("list[Any]", content)
                if isinstance(part, dict)
            ]
            return "\n".join(text for text in texts if isinstance(text, str))
        case _:
            return ""
