"""The first documents of a file, for telling its format: a cut one has its brackets closed."""

import json
import re
from typing import Any

import msgspec

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+("|\\?\Z)|[\[\]{},]|[^\s"\[\]{},:]++', re.DOTALL)
_CLOSERS = {ord("["): b"]", ord("{"): b"}"}


def sample(head: bytes, *, limit: int = 20) -> list[Any]:
    r"""Decode the documents at the start of a file, at most `limit` of them.

    What does not decode is left out, and so is what follows it in its document: a sample tells the
    format, reading says what is wrong.

    >>> sample(b'{"a": 1}\n{"a": 2}\n')
    [{'a': 1}, {'a': 2}]
    >>> sample(b'{"info": {"llm": "x"}, "simulations": [{"id": "a", "mess')
    [{'info': {'llm': 'x'}, 'simulations': [{'id': 'a'}]}]
    >>> sample(b'{"info": {"llm": "x"}, "simulations": [{"id": "a"}, {"id": oops}]}')
    [{'info': {'llm': 'x'}}]
    """
    documents: list[Any] = []
    for document in _documents(head.removeprefix(b"\xef\xbb\xbf")):
        documents += _decoded(document)
        if len(documents) >= limit:
            break
    return documents[:limit]


def _decoded(document: bytes) -> list[Any]:
    """The value of a document, or of as much of its start as can be decoded; nothing if none can."""
    size = len(document)
    while size:
        for start in _documents(document[:size])[:1]:
            try:
                return [msgspec.json.decode(start)]
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                pass
            try:  # takes NaN, lone surrogates and line breaks in strings
                return [json.loads(start.decode(errors="replace"), strict=False)]
            except (ValueError, RecursionError):
                pass
        size //= 2
    return []


def _documents(head: bytes) -> list[bytes]:
    """Cut a file's head into its documents; the last one may be incomplete and is then closed."""
    found: list[bytes] = []
    open_: list[int] = []  # offsets of the brackets that are open
    start = cut = 0  # where the document began, and where it could be closed
    for token in _TOKEN.finditer(head):
        first = head[token.start()]
        if first in _CLOSERS:
            if not open_:
                start = token.start()
            open_.append(token.start())
            cut = token.end()
        elif first in b"]}" and open_:
            open_.pop()
            cut = token.end()
            if not open_:
                found.append(head[start : token.end()])
        elif first == ord(",") and open_:
            cut = token.start()
        elif not open_:
            found.append(token.group())
        if len(open_) > 500 or len(found) > 200:
            break
    if open_:
        closers = b"".join(_CLOSERS[head[offset]] for offset in reversed(open_))
        found.append(head[start:cut] + closers)
    return found
