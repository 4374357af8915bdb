"""Sessions of Pi and of its forks: one JSON line per entry, linked as a tree.

Source: https://github.com/badlogic/pi-mono, `packages/coding-agent/docs/session.md` and
`src/core/session-manager.ts`: the files in `~/.pi/agent/sessions/**/*.jsonl`, versions 1 to 3.
Observed: a first line of type `session`; entries with `id`, `parentId` and `timestamp`, of which
those of type `message` have a message. In version 1 the entries have no ids and follow one
another. Messages of the roles `user`, `assistant`, `toolResult`, `bashExecution` (a command that
the user ran) and `custom` (a message of an extension). Forks of Pi (omp, OpenClaw)
add types of their own, and name a call as the parent of its result.
The conversation is the path from the newest entry to the root. Labels, notes of extensions and
entries of unknown types do not move it. A forked session (`parentSession`) begins with copies of
its parent's entries: they are in the conversation as `inherited`, and their tokens do not count.
Residue: every other key of an entry and of its message is an extra key of its item; where both
have the key, that of the message is `message_<key>`. The first line is in
`metadata.extra.session`. A command that the user ran is a custom item. An entry that is no message
is an event, `custom`, `error` or `compaction`, with the item that it came after; one without a
time, where others have it, is in `metadata.extra.untimed_events`. An answer without content is an
error event. Messages of abandoned branches are in `metadata.extra.branches`, with the item after
which each began; their tokens are not in the trace's counts.
Dropped on purpose: an entry that is written a second time (same `id`, same content) is counted as
a duplicate.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from trace_assets.formats import (
    Assembled,
    Format,
    Gather,
    Part,
    Refused,
    UnknownShapeError,
    no_record_alone,
)
from trace_assets.formats.pi.detection import detect
from trace_assets.formats.pi.kinds import kinds_of
from trace_assets.formats.pi.traces import COLUMNS, traces_of
from trace_assets.formats.pi.tree import KNOWN_ENTRIES, Entry
from trace_assets.guards import Kinds
from trace_assets.reading import Record, Shape

KNOWN_KINDS = KNOWN_ENTRIES | frozenset(
    (
        "mode_change",
        "service_tier_change",
        "session_init",
        "title",
        "ttsr_injection",
        *(
            f"message/{role}"
            for role in (
                "user",
                "assistant",
                "toolResult",
                "bashExecution",
                "custom",
                "hookMessage",
                "branchSummary",
                "compactionSummary",
            )
        ),
    )
)
"""The types of entries of Pi and of programs made from it, and the roles of messages."""

__all__ = ["FORMAT", "KNOWN_KINDS"]

SHAPE = Shape(whole=("type", "message"))


def key(record: Record, _context: Mapping[str, Any]) -> str | None:
    """The file: entries do not name their session.

    Raises:
        UnknownShapeError: the record is no entry of a session.
    """
    match record.value:
        case {"type": str()}:
            return record.place.file
        case _:
            raise UnknownShapeError("", "expected an entry with a `type`")


def identity(record: Record) -> str | None:
    """The file, the entry's id and its bytes. A forked session copies entries into its own file."""
    match record.value:
        case {"id": str(own)} if own:
            return f"{record.place.file} {own} {sha256(record.raw).hexdigest()}"
        case _:
            return None


class _Session(NamedTuple):
    header: dict[str, Any] | None
    first: int
    """The part of its first line."""
    entries: list[Entry]


def assemble(parts: Sequence[Part]) -> Iterable[Assembled | Refused]:
    """One trace for each session of a file."""
    for header, first, entries in _sessions(parts):
        yield from traces_of(header, entries, parts, first)


def _sessions(parts: Sequence[Part]) -> Iterator[_Session]:
    """Divide a file at the first lines of its sessions: usually it has one."""
    session: _Session | None = None
    for number, part in enumerate(parts):
        entry = Entry(number, part.record.value)
        if entry.kind == "session":
            if session is not None:
                yield session
            session = _Session(entry.value, number, [])
        elif session is None:
            session = _Session(None, number, [entry])
        else:
            session.entries.append(entry)
    if session is not None:
        yield session


FORMAT = Format(
    name="pi",
    spec_url="https://github.com/badlogic/pi-mono",
    detect=detect,
    shape=SHAPE,
    convert=no_record_alone,
    columns=COLUMNS,
    docs=__doc__ or "",
    gather=Gather(key, assemble, identity, is_by_file=True),
    kinds=Kinds(KNOWN_KINDS, kinds_of),
)
