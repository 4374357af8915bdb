"""Logs with values planted where a JSON decoder loses them: in JSON that stands inside a string."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

TEXT, FLOAT = "planted-value", "0.12345678901234567890"


class Planted(NamedTuple):
    """A log with one planted value."""

    pointer: str
    content: bytes
    value: bytes


def planted_logs(path: Path) -> Iterator[Planted]:
    """Yield the log once for each kind of place in it, with a value planted there.

    A place is a string that holds a JSON object, or an object below the top of a record. It
    becomes a JSON text that gives its last key twice: first with the planted value, which is a
    text in every other place and a long float in the rest.
    """
    documents = [value for line in _documents(path) if (value := _value(line)) is not None]
    kinds: set[tuple[Any, ...]] = set()
    for number, document in enumerate(documents):
        for pointer in _places(document):
            kind = tuple("*" if isinstance(key, int) else key for key in pointer)
            if kind in kinds:
                continue
            kinds.add(kind)
            is_float = len(kinds) % 2 == 0
            value = FLOAT if is_float else TEXT
            changed = _replaced(document, pointer, value if is_float else json.dumps(value))
            lines = [*documents[:number], changed, *documents[number + 1 :]]
            content = "\n".join(json.dumps(line) for line in lines).encode()
            yield Planted("/".join(map(str, (number, *pointer))), content, value.encode())


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _documents(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line] if path.suffix == ".jsonl" else [text]


def _places(document: Any) -> Iterator[tuple[Any, ...]]:
    pending: list[tuple[tuple[Any, ...], Any]] = [((), document)]
    while pending:
        pointer, value = pending.pop()
        if pointer and _object(value):
            yield pointer
        if isinstance(value, dict):
            pending += [((*pointer, key), each) for key, each in value.items()]
        elif isinstance(value, list):
            pending += [((*pointer, key), each) for key, each in enumerate(value)]


def _object(value: Any) -> dict[str, Any] | None:
    """The object that a value is or holds as JSON text; None if it is empty or no object."""
    if isinstance(value, str) and value.startswith(("{", "[{")):
        try:
            value = json.loads(value)
        except ValueError:
            return None
        value = value[0] if isinstance(value, list) else value
    return value if isinstance(value, dict) and value else None


def _replaced(document: Any, pointer: tuple[Any, ...], planted: str) -> Any:
    changed = copy.deepcopy(document)
    *way, last = pointer
    container = changed
    for key in way:
        container = container[key]
    container[last] = _with_planted(container[last], planted)
    return changed


def _with_planted(value: Any, planted: str) -> str:
    """The JSON text of an object whose last key has the planted value first, then its own."""
    found = _object(value)
    assert found is not None
    key = json.dumps(list(found)[-1])
    text = f"{{{key}: {planted}, {json.dumps(found)[1:]}"
    return f"[{text}]" if isinstance(value, str) and value.startswith("[") else text
