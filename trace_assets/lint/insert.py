"""Inserts keys into a line of JSON and renames keys. Every other byte of the line stays."""

import json
import re
from collections.abc import Iterable, Mapping

Path = tuple[str | int, ...]

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{},]', re.DOTALL)


_NOTHING_RENAMED: Mapping[Path, tuple[str, str]] = {}


def inserted(
    line: bytes,
    keys: Iterable[tuple[Path, str, str]],
    renamed: Mapping[Path, tuple[str, str]] = _NOTHING_RENAMED,
) -> bytes:
    """Insert keys with text values as the first ones of the objects at paths, none of them empty.

    `renamed` gives, by the path of an object, the old and the new name of one of its keys.

    >>> inserted(b'{"a": [{}, {"b": 1}]}', [(("a", 1), "type", "x")])
    b'{"a": [{}, {"type": "x", "b": 1}]}'
    >>> inserted(b'{"a": {"id": 1}}', [(("a",), "id", "x")], {("a",): ("id", "old")})
    b'{"a": {"id": "x", "old": 1}}'
    """
    wanted: dict[Path, list[tuple[str, str]]] = {}
    for path, key, value in keys:
        wanted.setdefault(path, []).append((key, value))
    colon, comma = (b": ", b", ") if b'": ' in line else (b":", b",")
    parts: list[bytes] = []
    copied = 0
    for path, start, end in _found_in(line, set(wanted), renamed):
        parts.append(line[copied:start])
        if start < end:
            parts.append(json.dumps(renamed[path][1]).encode())
        else:
            for key, value in wanted[path]:
                parts.append(json.dumps(key).encode() + colon + json.dumps(value).encode() + comma)
        copied = end
    return b"".join([*parts, line[copied:]])


def _found_in(
    line: bytes, wanted: set[Path], renamed: Mapping[Path, tuple[str, str]]
) -> list[tuple[Path, int, int]]:
    """Positions in the order of the line: after the bracket of each object, and of renamed keys.

    The two positions of an object are equal; those of a key are its start and its end.
    """
    found: list[tuple[Path, int, int]] = []
    way: list[str | int] = []
    deepest = max(map(len, wanted), default=0)
    is_key_next = False
    for token in _TOKEN.finditer(line):
        match token[0]:
            case b"{":
                if len(way) <= deepest and tuple(way) in wanted:
                    found.append((tuple(way), token.end(), token.end()))
                way.append("")
                is_key_next = True
            case b"[":
                way.append(0)
                is_key_next = False
            case b"}" | b"]":
                way.pop()
                is_key_next = False
            case b",":
                is_key_next = _step(way)
            case text:
                if is_key_next:
                    way[-1] = json.loads(text)
                    is_key_next = False
                    found += _renamed_key(way, renamed, token.span())
    return found


def _renamed_key(
    way: list[str | int], renamed: Mapping[Path, tuple[str, str]], span: tuple[int, int]
) -> list[tuple[Path, int, int]]:
    """The place of a key if it gets another name."""
    *object_, key = way
    path = tuple(object_)
    return [(path, *span)] if path in renamed and renamed[path][0] == key else []


def _step(way: list[str | int]) -> bool:
    """Go on to the next member; whether a key comes first."""
    last = way[-1]
    if isinstance(last, str):
        return True
    way[-1] = last + 1
    return False
