"""The files of a log: an `.eval` archive as its samples, anything else as JSON."""

from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from trace_assets.formats.inspect_ai.constants import repaired
from trace_assets.reading import (
    ArchiveError,
    Broken,
    Context,
    Item,
    Limits,
    Member,
    Place,
    Record,
    Shape,
    head,
    is_zip,
    open_members,
    read_records,
)
from trace_assets.trace import build

HEADER = "header.json"
START = "_journal/start.json"
REDUCTIONS = "reductions.json"

_USUAL_LIMITS = Limits()


def read(stream: BinaryIO, *, file: str, shape: Shape) -> Iterator[Item]:
    """Yield the samples of a log, before them what it says once for all of them.

    The place of a sample of an archive has the name of its member as the fragment, and counts bytes
    inside that member.
    """
    if not is_zip(head(stream, 4)):
        yield from _numbered(map(_mended, read_records(stream, file=file, shape=shape)))
        return
    try:
        members = {member.name: member for member in open_members(stream)}
    except ArchiveError as error:
        yield _unreadable(stream, file, str(error))
        return
    yield from _numbered(_items(members, file))


def _items(members: dict[str, Member], file: str) -> Iterator[Item]:
    """The header first: it is written last. What repeats it or the samples is left out."""
    header = next((name for name in (HEADER, START) if name in members), None)
    if header:
        yield from _context(_of(members[header], file))
    if REDUCTIONS in members:
        yield from _context(_of(members[REDUCTIONS], file), "reductions")
    for name, member in members.items():
        if name not in (header, REDUCTIONS) and not is_repetition(name):
            yield from _of(member, file)


def _mended(item: Item) -> Item:
    return repaired(item) if isinstance(item, Broken) else item


def is_repetition(name: str) -> bool:
    """Whether a member says only what the header and the samples say."""
    return name.startswith("_journal/") or name == "summaries.json"


def _of(member: Member, file: str) -> Iterator[Item]:
    """The records of a member, named after it; there is one, or what is wrong with it.

    Read from a stream of their own: what decompresses each of many members would fill the memory.
    """
    for number, item in enumerate(read_records(member.again(), file=file)):
        mended = _mended(item)
        if isinstance(mended, Context):
            yield mended
        else:
            fragment = f"{member.name}/{number}" if number else member.name
            yield mended._replace(place=mended.place._replace(fragment=fragment))


def _context(items: Iterator[Item], key: str = "") -> Iterator[Item]:
    """What a member says, key by key, as a log in one JSON document has it."""
    for item in items:
        match item:
            case Record(place=place, value=value, repairs=repairs):
                said: dict[str, Any] = {key: value} if key else _keys(value)
                for name, each in said.items():
                    pointer = "/" + name.replace("~", "~0").replace("/", "~1")
                    yield Context(place.file, pointer, build.encode(each), each, repairs)
            case _:
                yield item


def _keys(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {"header": value}


def _numbered(items: Iterator[Item]) -> Iterator[Item]:
    number = 0
    for item in items:
        if isinstance(item, Context):
            yield item
        else:
            yield item._replace(place=item.place._replace(number=number))
            number += 1


def _unreadable(stream: BinaryIO, file: str, message: str) -> Broken:
    """An archive without a list of its members, as far as quarantine holds it."""
    stream.seek(0)
    raw = head(stream, _USUAL_LIMITS.kept_bytes + 1)
    kept = raw[: _USUAL_LIMITS.kept_bytes]
    cut = f"; its first {len(kept)} bytes are kept here" if len(raw) > len(kept) else ""
    place = Place(file, 0, 0, len(kept), "0")
    return Broken(place, kept, "truncated", f"{message}{cut}", "")
