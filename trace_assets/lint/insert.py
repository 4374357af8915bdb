"""Keys put into a line of JSON, with every byte that stands there kept."""

import json
import re
from collections.abc import Iterable

Path = tuple[str | int, ...]

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{},]', re.DOTALL)


def inserted(line: bytes, keys: Iterable[tuple[Path, str, str]]) -> bytes:
    """Put keys with text values first in the objects at the ends of paths, none of them empty.

    >>> inserted(b'{"a": [{}, {"b": 1}]}', [(("a", 1), "type", "x")])
    b'{"a": [{}, {"type": "x", "b": 1}]}'
    """
    wanted: dict[Path, list[tuple[str, str]]] = {}
    for path, key, value in keys:
        wanted.setdefault(path, []).append((key, value))
    colon, comma = (b": ", b", ") if b'": ' in line else (b":", b",")
    parts: list[bytes] = []
    copied = 0
    for path, start in _objects_in(line, set(wanted)):
        parts.append(line[copied:start])
        for key, value in wanted[path]:
            parts.append(json.dumps(key).encode() + colon + json.dumps(value).encode() + comma)
        copied = start
    return b"".join([*parts, line[copied:]])


def _objects_in(line: bytes, wanted: set[Path]) -> list[tuple[Path, int]]:
    """Where the objects at these paths begin, just behind their brackets, in the line's order."""
    found: list[tuple[Path, int]] = []
    way: list[str | int] = []
    deepest = max(map(len, wanted), default=0)
    is_key_next = False
    for token in _TOKEN.finditer(line):
        match token[0]:
            case b"{":
                if len(way) <= deepest and tuple(way) in wanted:
                    found.append((tuple(way), token.end()))
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
    return found


def _step(way: list[str | int]) -> bool:
    """Go on to the next member; whether a key comes first."""
    last = way[-1]
    if isinstance(last, str):
        return True
    way[-1] = last + 1
    return False
