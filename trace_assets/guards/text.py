"""Text accounting: how much of the prose of a trace's records is in the items of the trace.

`texts_in` collects the strings of a record before the record is converted. `count_text` compares
them with the strings of the items. Most strings of a log are in the items unchanged, so sets are
compared first. Only what differs is looked into: JSON in strings is opened, and texts are compared
line by line. Where that leaves most of the text unread, they are compared by every three words in
a row, for a text may be cut, joined or wrapped. Nothing is sampled.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from typing import Any, NamedTuple
from zlib import crc32

import msgspec

from trace_assets.reading.inside import inside
from trace_assets.reading.sample import TableRow

SILENT = frozenset(
    (
        "tools",
        "functions",
        "tool_definitions",
        "toolConfig",
        "tool_config",
        "input_schema",
        "json_schema",
        "response_format",
        "parameters",
        "llm.tools",
        "gen_ai.tool.definitions",
        "stacktrace",
        "stack_trace",
        "traceback",
        "exception.stacktrace",
        "headers",
        "reqheaders",
        "rawHeaders",
    )
)
"""Keys of tool definitions and stack traces, which are no conversation in any format."""

_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]"
)
"""Letters of the scripts that are written without spaces: Thai to Khmer, Japanese, Chinese."""

_PRINTED = re.compile(r"\w+\(\w+=.*\)", re.DOTALL)
"""An object as Python prints it, such as `Response(id='r', output=[...])`."""
_QUOTED = re.compile(r"""'((?:[^'\\]|\\.)*+)'|"((?:[^"\\]|\\.)*+)\"""")
_TOKENS = re.compile(rf"{_UNSPACED.pattern}|[^\W_]+")
_LAST = frozenset(("}", "]", '"', ")", " ", "\n", "\r", "\t", ""))
"""What a text ends in that may be JSON, or an object that Python printed."""
_NUMBERS: frozenset[type] = frozenset((int, float, bool, type(None)))
_MANY = 16
_TYPE_OF: Callable[[object], object] = type
_UNSPACED_LETTERS = 12
_WORDS = 3
_SHOWN = 3
_TABLE_BYTES = 1 << 26


class TextCount(NamedTuple):
    """Characters of distinct prose in the records of a trace, and of these in its items."""

    read: int
    all: int
    unread: Sequence[str] = ()
    """The first strings of the records with prose that is not in the items."""


def texts_in(value: Any, silent: Set[str] = SILENT) -> list[str]:
    """The strings of a record that may be prose; values under silent keys are left out."""
    # Every value of every record passes here.
    found: list[str] = []
    pending: list[Any] = [[value]]
    add, push, has_none, type_of = found.append, pending.append, silent.isdisjoint, _TYPE_OF
    for part in pending:  # grows while it is read
        children: Iterable[Any]
        if type_of(part) is list:
            if len(part) > _MANY and _NUMBERS.issuperset(map(type, part)):
                continue  # such as the token ids and probabilities of an answer
            children = part
        elif has_none(part) and "key" not in part:
            children = part.values()
        else:
            children = _values_of(part, silent)
        for child in children:
            kind = type_of(child)
            if kind is str and (" " in child or not child.isascii()):
                add(child)
            elif kind is list or kind is dict or kind is TableRow:
                push(child)
    return found


def _values_of(part: dict[str, Any], silent: Set[str]) -> Iterable[Any]:
    """The values under the keys that are not silent.

    An object of `key` and `value` is an attribute of a span.
    """
    name = part.get("key")
    if isinstance(name, str) and name in silent:
        return ()
    return [child for key, child in part.items() if key not in silent]


def is_prose(text: str) -> bool:
    """Whether a string has at least three words, or 12 letters of a script without spaces.

    >>> is_prose("Where is it?"), is_prose("2026-01-02 10:00:00 UTC"), is_prose("gpt-4 mini")
    (True, False, False)
    """
    if _has_words(text.split(None, 12)[:12]) or (len(text) > 24 and _has_words(text.split())):
        return True
    return not text.isascii() and len(_UNSPACED.findall(text)) >= _UNSPACED_LETTERS


def _has_words(words: Sequence[str]) -> bool:
    found = 0
    for word in words:
        if word.isalpha() or any(map(str.isalpha, word)):
            found += 1
            if found == _WORDS:
                return True
    return False


class Said(NamedTuple):
    """The strings of the items of a trace."""

    texts: set[str]
    """Messages and outputs."""
    arguments: set[str]
    """The arguments of calls, in JSON."""


def count_text(
    texts: Sequence[str], said: Said, *, silent: Set[str] = SILENT, least: float = 0.5
) -> TextCount:
    """Compare the strings of records with those of items; each string counts once.

    Words are compared only where lines leave the share below `least`, and the items have so much
    text that words can raise it above.
    """
    distinct = set(texts)
    rest = distinct - said.texts
    read = sum(len(text) for text in distinct & said.texts if is_prose(text))
    rest = {text for text in rest if is_prose(text)}
    if not rest:
        return TextCount(read, read)
    comparison = _Comparison(said, silent)
    count = comparison.by_lines([text for text in dict.fromkeys(texts) if text in rest], read)
    wanted = count.all * least
    if count.read >= wanted or count.read + comparison.said_chars() < wanted:
        return count
    return comparison.by_words(count)


class _Comparison:
    """Compares the strings that no item has as they are."""

    def __init__(self, said: Said, silent: Set[str]) -> None:
        self._silent = silent
        self._said = said
        self._in_arguments = {part for text in said.arguments for part in opened(text)}
        self._in_outputs: set[str] | None = None
        self._lines: set[str] = set()
        self._counted: set[str] = set()
        self._counted_lines: set[str] = set()
        self._unread: list[tuple[str, str]] = []
        """Lines that no item has, each with the string of the record that it is in."""

    def by_lines(self, texts: Sequence[str], read: int) -> TextCount:
        """Count what of the strings is in an item as a line; `read` is known to be there."""
        total = read
        for text in texts:
            for part in opened(text, self._silent):
                if part in self._counted or not is_prose(part):
                    continue
                self._counted.add(part)
                if part in self._in_arguments or part in self._in_texts():
                    read += len(part)
                    total += len(part)
                else:
                    found, length = self._count_lines(part, text)
                    read += found
                    total += length
        return TextCount(read, total, _first([text for _, text in self._unread]))

    def _in_texts(self) -> set[str]:
        """The texts, and the strings of the JSON in them; read when they are asked for."""
        if self._in_outputs is None:
            self._in_outputs = {part for text in self._said.texts for part in opened(text)}
            self._in_outputs |= self._said.texts
        return self._in_outputs

    def _count_lines(self, part: str, whole: str) -> tuple[int, int]:
        """Characters of the lines that an item has, and of all lines that were not counted."""
        if not self._lines:
            texts = self._in_arguments | self._in_texts()
            self._lines = {line.strip() for text in texts for line in text.splitlines()}
        read = total = 0
        for line in map(str.strip, part.splitlines()):
            if line in self._counted_lines:
                continue
            self._counted_lines.add(line)
            total += len(line)
            if line in self._lines:
                read += len(line)
            else:
                self._unread.append((line, whole))
        return read, total

    def said_chars(self) -> int:
        """Characters of all lines of the items: no more than that can be found by words."""
        return sum(map(len, self._lines))

    def by_words(self, count: TextCount) -> TextCount:
        """Count the lines that no item has by their words."""
        shingles = _Shingles(sum(map(len, self._lines)))
        for line in self._lines:
            shingles.add(shingles_of(line))
        read, total, unread = count.read, count.all, list[str]()
        seen = _Shingles(shingles.size)
        for line, text in self._unread:
            own = shingles_of(line)
            fresh = seen.add(own)
            found = sum(shingle in shingles for shingle in fresh)
            if own:
                read += len(line) * found // len(own)
                total -= len(line) * (len(own) - len(fresh)) // len(own)
            if found * 2 < len(fresh):
                unread.append(text)
        return TextCount(read, total, _first(unread))


def _first(texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(texts))[:_SHOWN]


def opened(text: str, silent: Set[str] = SILENT) -> Iterator[str]:
    r"""Yield all strings of a JSON text, at any depth, or the string itself if it is not JSON.

    >>> list(opened('{"a": "two words", "b": "[\\"in it now\\"]"}')), list(opened("plain"))
    (['two words', 'in it now'], ['plain'])
    """
    if text[-1:] not in _LAST:  # as nearly all texts
        yield text
        return
    pending = [text]
    for part in pending:  # grows while it is read
        value = _value_of(part)
        if value is not None:
            pending += texts_in(value, silent)
        elif _PRINTED.fullmatch(part) and (quoted := _QUOTED.findall(part)):
            pending += [each.replace("\\n", "\n") for pair in quoted for each in pair if each]
        else:
            yield part


def _value_of(text: str) -> Any:
    """The JSON that a string is: an object, a list or a string; None for any other text."""
    if text[:1] != '"' or text[-1:] != '"':
        return inside(text)
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None
    return value if isinstance(value, str) else None


def shingles_of(line: str) -> list[int]:
    """A number for every three words in a row, the same in every process."""
    words = [crc32(word.encode()) for word in _TOKENS.findall(line)]
    return [
        (one * 31 + two) * 31 + three
        for one, two, three in zip(words, words[1:], words[2:], strict=False)
    ]


class _Shingles:
    """A set of shingles in bounded memory: some that were never added are taken to be in it."""

    def __init__(self, size: int) -> None:
        self.size = min(max(size, 1 << 12), _TABLE_BYTES)
        self._table = bytearray(self.size)

    def add(self, shingles: Iterable[int]) -> list[int]:
        """Add shingles; those that were not there."""
        table, size = self._table, self.size
        fresh: list[int] = []
        for shingle in shingles:
            at = shingle % size
            if not table[at]:
                table[at] = 1
                fresh.append(shingle)
        return fresh

    def __contains__(self, shingle: int) -> bool:
        return bool(self._table[shingle % self.size])
