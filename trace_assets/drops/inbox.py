"""What lies in the inbox: which files make up which drop, and which belong to none."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final, NamedTuple, Self

import msgspec

from trace_assets.store import Store
from trace_assets.store.objects import StoredObject

ANY_DAY: Final = ("0001-01-01", "9999-12-31")

_SOURCE: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9_-])?")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_UNFINISHED: Final = re.compile(
    r"\..*|~\$.*|.*~|.*\.(?:part|partial|tmp|temp|crdownload|filepart)|_temporary",
    re.DOTALL | re.IGNORECASE,
)
_MARKER: Final = re.compile(r"_SUCCESS|_FAILURE|_(?:committed|started)_.*", re.DOTALL)
_MOST_EXAMPLES: Final = 3
_START: Final = datetime.min.replace(tzinfo=UTC)


class Drop(NamedTuple):
    """What arrived for one source on one day."""

    source: str
    date: str

    @property
    def prefix(self) -> str:
        """Where its files lie in the inbox."""
        return f"{self.source}/{self.date}/"


class Group(msgspec.Struct, frozen=True):
    """The files of one drop, as far as they were listed, without keeping their names."""

    drop: Drop
    digest: str = ""
    """The sha256 over the files so far: a chain, which a later listing can go on with."""

    files: int = 0
    size: int = 0
    modified_at: datetime = _START
    """When the newest file was last written."""

    @property
    def key(self) -> str:
        """The name of the drop, such as `bot/2026-01-02`."""
        return f"{self.drop.source}/{self.drop.date}"

    @property
    def month(self) -> str:
        """The source and month, such as `bot/2026-01`; in key order a month is in one piece."""
        return self.key[:-3]

    @property
    def fingerprint(self) -> str:
        """Twelve digits that change when a file is added, removed or written."""
        return self.digest[:12]

    def plus(self, file: StoredObject) -> Self:
        """Count the next file in; the order is that of their keys."""
        name = file.key.removeprefix(self.drop.prefix)
        link = f"{self.digest}\0{name}\0{file.size}\0{file.version}".encode()
        return type(self)(
            self.drop,
            hashlib.sha256(link).hexdigest(),
            self.files + 1,
            self.size + file.size,
            max(self.modified_at, file.modified_at),
        )


@dataclass
class LeftOut:
    """What is in the inbox and in no drop: a count and a few examples for each reason."""

    counts: dict[str, int] = field(default_factory=dict[str, int])
    examples: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def add(self, key: str, reason: str) -> None:
        """Note one file."""
        self.counts[reason] = self.counts.get(reason, 0) + 1
        examples = self.examples.setdefault(reason, [])
        if len(examples) < _MOST_EXAMPLES:
            # A name that is not UTF-8 must not break the page or database it is shown in.
            examples.append(key if key.isprintable() else ascii(key))

    def __str__(self) -> str:
        """One line for each reason, the most frequent first; empty if nothing was left out."""
        return "\n".join(
            f"{count:,} left out for {reason}: {', '.join(self.examples[reason])}"
            + (" ..." if count > _MOST_EXAMPLES else "")
            for reason, count in sorted(self.counts.items(), key=lambda item: -item[1])
        )


def is_source_name(name: str) -> bool:
    r"""Say whether a folder of the inbox can be a source, and so a partition.

    Case is kept: it matters in partition keys and in buckets alike.

    >>> is_source_name("telecom-agent"), is_source_name("Bot_2.1")
    (True, True)
    >>> [is_source_name(name) for name in ("", "a|b", "a/b", "..", "a..b", ".a", "a.", "ü", "a\\n")]
    [False, False, False, False, False, False, False, False, False]
    """
    return _SOURCE.fullmatch(name) is not None and ".." not in name


def drop_of(file: StoredObject, left_out: LeftOut, days: tuple[str, str] = ANY_DAY) -> Drop | None:
    """Return the drop that a file of the inbox belongs to, or note why it belongs to none.

    Args:
        file: what was listed.
        left_out: where the reason is noted.
        days: the first and the last day that there are partitions for.
    """
    source, _, rest = file.key.partition("/")
    day, _, name = rest.partition("/")
    reason = file.problem or _place_problem(source, day, name, days) or _name_problem(name)
    if reason:
        left_out.add(file.key, reason)
        return None
    return Drop(source, day)


def drops_in(
    files: Iterable[StoredObject],
    left_out: LeftOut,
    *,
    begun: Group | None = None,
    days: tuple[str, str] = ANY_DAY,
) -> Iterator[Group]:
    """Yield the drops of a listing in key order, as a stream; `begun` is a drop to go on with."""
    group = begun
    for file in files:
        drop = drop_of(file, left_out, days)
        if drop is None:
            continue
        if group is not None and group.drop != drop:
            yield group
            group = None
        group = (group or Group(drop)).plus(file)
    if group is not None:
        yield group


def files_of(inbox: Store, drop: Drop, left_out: LeftOut) -> Iterator[StoredObject]:
    """Yield the files of one drop in key order: the same ones that its fingerprint covers."""
    for file in inbox.list(drop.prefix):
        if drop_of(file, left_out):
            yield file


def _place_problem(source: str, day: str, name: str, days: tuple[str, str]) -> str | None:
    if not name:
        return "not being in a folder <source>/<YYYY-MM-DD>/"
    if not is_source_name(source):
        return "a source name of more than 63 characters or others than A-Z a-z 0-9 _ . -"
    if not _is_day(day):
        return "a folder that is no day such as 2026-01-31"
    if not days[0] <= day <= days[1]:
        return f"a day outside of {days[0]} to {days[1]}"
    return None


def _is_day(text: str) -> bool:
    try:
        return _DAY.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _name_problem(name: str) -> str | None:
    if any(map(_UNFINISHED.fullmatch, name.split("/"))):
        return "the name of a hidden or unfinished file"
    return "being the marker of another tool" if _MARKER.fullmatch(name.split("/")[-1]) else None
