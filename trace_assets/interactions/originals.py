"""The part of a log's own record that a step is.

A record may be one span, or hold a whole conversation; a step's `raw` is the part that is its own.
It is told by the ids that log and trace share, and messages by role and text. Where that does not
lead to exactly one part, the step keeps its part of the trace, which lost nothing either.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, cast

import msgspec

from trace_assets.interactions.keys import (
    Key,
    id_of_item,
    keys_of_object,
    message_key,
    words_of_item,
)
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


_SPAN_KEYS = ("span_id", "spanId", "id", "run_id", "observation_id", "uuid")


class Originals:
    """The objects of a trace's records, by what they can be told by."""

    def __init__(self, records: Sequence[Original], items: Sequence[Item]) -> None:
        self._records = records
        self._spans: dict[str, list[Found]] = {}
        self._objects: dict[Key, list[Found]] = {}
        self._used: set[int] = set()
        self._whole: dict[int, Any] = {}
        for number, record in enumerate(records):
            self._read(number, record)
        self._shown: set[int] = set()
        """The objects that a step has."""
        self._of_items: dict[int, Found] = {}
        for key_of in (id_of_item, words_of_item):
            self._match(items, key_of)

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
        for key in keys_of_object(value):
            self._objects.setdefault(key, []).append(found)
        return message_key(value) is not None

    # --- finding items -------------------------------------------------------------------

    def _match(self, items: Sequence[Item], key_of: Callable[[Item], Key | None]) -> None:
        """Items with the same key are the objects with that key in order, if as many are there."""
        alike: dict[Key, list[Item]] = {}
        for item in items:
            if id(item) not in self._of_items and (key := key_of(item)) is not None:
                alike.setdefault(key, []).append(item)
        for key, same in alike.items():
            free = [
                each for each in self._objects.get(key, ()) if id(each.value) not in self._shown
            ]
            found = _outermost(free)
            if len(found) == len(same):
                pairs = zip(same, found, strict=True)
                self._of_items |= {id(item): each for item, each in pairs}
                self._shown |= {id(each.value) for each in found}


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
