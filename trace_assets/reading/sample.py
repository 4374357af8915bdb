"""The first documents of a file, for telling its format: a cut one has its brackets closed."""

import json
import re
from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from typing import Any

import msgspec

from trace_assets.reading.archive import first_members, is_zip
from trace_assets.reading.place import Record
from trace_assets.reading.table import read_table

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+("|\\?\Z)|[\[\]{},]|[^\s"\[\]{},:]++', re.DOTALL)
_WHOLE_STRINGS = re.compile(rb'(?:[^"]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")
_TO_CLOSERS = bytes.maketrans(b"{[", b"}]")
_CLOSERS = {ord("["): b"]", ord("{"): b"}"}
_CLOSED = b"]}"
_BRACE = re.compile(r"[{}]")


class TableRow(dict[str, str]):
    """A row of a table, which only its type tells from a document of JSON."""


def sample(head: bytes, *, limit: int = 60) -> list[Any]:
    r"""Decode the documents at the start of a file, at most `limit` of them.

    What does not decode is left out, and so is what follows it in its document: a sample tells the
    format, reading says what is wrong. What does not begin as JSON is read as a table.

    >>> sample(b'{"a": 1}\n{"a": 2}\n')
    [{'a': 1}, {'a': 2}]
    >>> sample(b'{"info": {"llm": "x"}, "simulations": [{"id": "a", "mess')
    [{'info': {'llm': 'x'}, 'simulations': [{'id': 'a'}]}]
    >>> sample(b'{"info": {"llm": "x"}, "simulations": [{"id": "a"}, {"id": oops}]}')
    [{'info': {'llm': 'x'}}]
    >>> sample(b"question,answer\nWhy?,Because.\n")
    [{'question': 'Why?', 'answer': 'Because.'}]

    A zip file comes as one document for each member, `{name: first document in it}`, or null where
    none can be decoded; so no format takes it for a plain file.
    """
    if is_zip(head):
        return list(islice(_members(head), limit))
    plain = head.removeprefix(b"\xef\xbb\xbf")
    if plain.lstrip()[:1] not in (b"{", b"[") and (rows := _rows(head, limit)):
        return rows
    documents, start = _lines(plain, limit)
    if len(documents) < limit and start < len(plain):
        documents += _rest(plain[start:], limit - len(documents))
    return documents[:limit]


def _lines(plain: bytes, limit: int) -> tuple[list[Any], int]:
    """The documents of the first lines, as long as each line is one, and where the others begin."""
    documents: list[Any] = []
    start = 0
    while start < len(plain) and len(documents) < limit:
        end = plain.find(b"\n", start)
        end = len(plain) if end < 0 else end
        line = plain[start:end].strip()
        if line:
            try:
                documents.append(msgspec.json.decode(line))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                break
        start = end + 1
    return documents, start


def _rest(plain: bytes, limit: int) -> list[Any]:
    """The documents of JSON that is not one document per line; the last one may be cut."""
    try:
        return [msgspec.json.decode(plain)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    if plain[:1] in (b"{", b"[") and (closed := _closed(plain)) is not None:
        try:
            return [msgspec.json.decode(closed)]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            pass  # there are several documents, or it is no JSON that this parser takes
    documents: list[Any] = []
    for document in _documents(plain):
        documents += _decoded(document)
        if len(documents) >= limit:
            break
    return documents


def _closed(document: bytes) -> bytes | None:
    """A document that is cut, as much of it as can be kept with its brackets closed.

    None if its brackets do not match.
    """
    whole = _WHOLE_STRINGS.match(document)
    end = _end_of_members(document, whole.end() if whole else 0)
    brackets = _STRING.sub(b"", document[:end]).translate(None, _NO_BRACKETS)
    size = -1
    while size != len(brackets):
        size = len(brackets)
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
    if brackets.translate(None, b"{["):
        return None
    return document[:end] + brackets[::-1].translate(_TO_CLOSERS)


def _end_of_members(document: bytes, end: int) -> int:
    """The last place up to `end`, which is outside of strings, where a document can be closed."""
    while end > 0:
        quote = document.rfind(b'"', 0, end)
        comma = document.rfind(b",", quote + 1, end)
        bracket = max(document.rfind(each, quote + 1, end) for each in (b"{", b"}", b"[", b"]"))
        if max(comma, bracket) >= 0:
            return max(comma, bracket + 1)
        end = document.rfind(b'"', 0, max(quote, 0))
        while end > 0 and document[end - 1 : end] == b"\\":  # an escaped quote of the string
            end = document.rfind(b'"', 0, end)
    return 0


def _members(head: bytes) -> Iterator[Any]:
    for name, content in first_members(head):
        # One inside another could go on for long.
        documents = [] if is_zip(content) else sample(content, limit=1)
        yield {name: next(iter(documents), None)}


def _rows(head: bytes, limit: int) -> list[Any]:
    """The first rows of a table of two columns or more; [] where the first line names none."""
    items = read_table(BytesIO(head), file="")
    values = (TableRow(item.value) for item in items if isinstance(item, Record))
    rows = list(islice(values, limit))
    is_table = bool(rows) and len(rows[0]) > 1 and not any(_BRACE.search(key) for key in rows[0])
    return rows if is_table else []


def _decoded(document: bytes) -> list[Any]:
    """The value of a document, or of as much of its start as can be decoded; [] if none can."""
    start, size = [document], len(document)
    while size:
        try:
            return [_value(one) for one in start]
        except (ValueError, RecursionError):
            size //= 2
            start = _documents(document[:size])[:1]
    return []


def _value(document: bytes) -> Any:
    try:
        return msgspec.json.decode(document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # takes NaN, lone surrogates, and line breaks in strings
        return json.loads(document.decode(errors="replace"), strict=False)


def _documents(head: bytes) -> list[bytes]:
    """Cut a file's head into its documents; the last one may be incomplete and is then closed."""
    found: list[bytes] = []
    open_: list[int] = []  # offsets of the brackets that are open
    cut = 0  # where the document could be closed
    for token in _TOKEN.finditer(head):
        first = head[token.start()]
        if first in _CLOSERS:
            open_.append(token.start())
        elif not open_:
            found.append(token.group())
        elif first in _CLOSED:
            start = open_.pop()
            found += [] if open_ else [head[start : token.end()]]
        cut = _where_to_close(token, first, cut)
        if len(open_) > 500 or len(found) > 200:
            break
    if open_:
        closers = b"".join(_CLOSERS[head[offset]] for offset in reversed(open_))
        found.append(head[open_[0] : cut] + closers)
    return found


def _where_to_close(token: re.Match[bytes], first: int, before: int) -> int:
    if first == ord(","):
        return token.start()
    return token.end() if first in _CLOSERS or first in _CLOSED else before
