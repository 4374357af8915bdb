"""What a worker does: one shard's files into files of its own, with notes for the join."""

from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from struct import Struct
from typing import Any, BinaryIO, NamedTuple

from trace_assets.convert import Seen
from trace_assets.ledger import FileLedger
from trace_assets.onepass.opening import File
from trace_assets.onepass.outcomes import Lines, Manner, Report, Watch, convert_files

NOTE = Struct("<16sIBQQ")
"""A record's digest, its file's position in the shard, its line's in `Lines`, first byte, end."""

OUTPUTS = ("dataset", "quarantine", "context", "notes")

_BUFFER_BYTES = 1 << 20


class Numbered(NamedTuple):
    """A file, and how many come before it in the whole conversion."""

    number: int
    file: File


class Saying(NamedTuple):
    """What one file says for those that come after it, beside and below it."""

    number: int
    folder: str
    value: dict[str, Any]


class Shard(NamedTuple):
    """What a worker is told."""

    number: int
    files: list[Numbered]
    said: list[Saying]
    """What the files of other shards say for these, in their order."""
    manner: Manner
    folder: Path
    """Where its outputs go, under names that begin with its number."""

    def path(self, name: str) -> Path:
        """Where one of its outputs is."""
        return self.folder / f"{self.number}.{name}"

    def __str__(self) -> str:
        names = [one.file.log.file for one in self.files]
        return names[0] if len(names) == 1 else f"{len(names)} files: {names[0]} .. {names[-1]}"


class ConvertedShard(NamedTuple):
    """What a worker answers; the lines are in the shard's outputs."""

    ledgers: list[FileLedger]
    said: list[Saying]
    """What its own files say for others."""
    ends: list[tuple[int, int, int]]
    """For each file, where its lines end in each of `Lines`; what was gathered follows."""


def convert_shard(shard: Shard, report: Report) -> ConvertedShard:
    """Convert a shard's files into its own outputs."""
    with ExitStack() as stack:
        *outputs, notes = [
            stack.enter_context(shard.path(name).open("wb", _BUFFER_BYTES)) for name in OUTPUTS
        ]
        seen = _RecallingSeen()
        stack.enter_context(seen)
        watch = _Notes(shard, seen, notes)
        ledger = convert_files(
            [one.file for one in shard.files],
            Lines(*outputs),
            shard.manner,
            seen=seen,
            report=report,
            watch=watch,
        )
    return ConvertedShard(ledger.files, watch.said, watch.file_ends)


class _RecallingSeen(Seen):
    """Remembers records as `Seen` does, and can tell the digest of the last one."""

    def __init__(self) -> None:
        super().__init__()
        self._raw = b""
        self._digest = b""

    def keep_record(self, raw: bytes, digest: bytes) -> None:
        self._raw, self._digest = raw, digest
        super().keep_record(raw, digest)

    def digest_of(self, raw: bytes | None) -> bytes | None:
        """The digest of the last record, if this is that very object; None for a broken one."""
        return self._digest if raw is self._raw else None


class _Notes(Watch):
    """Writes down what the join has to know."""

    def __init__(self, shard: Shard, seen: _RecallingSeen, notes: BinaryIO) -> None:
        self._shard = shard
        self._seen = seen
        self._notes = notes
        self._file = 0
        self._ends = [0, 0, 0]
        self._unheard = list(shard.said)
        self._said_before: object = None
        self.said: list[Saying] = []
        self.file_ends: list[tuple[int, int, int]] = []

    def begins(self, number: int) -> None:
        one = self._shard.files[number]
        while self._unheard and self._unheard[0].number < one.number:
            saying = self._unheard.pop(0)
            self._seen.context[saying.folder] = saying.value
        self._file = number
        self._said_before = self._seen.context.get(_folder_of(one.file))

    def wrote(self, where: int, line: bytes, raw: bytes | None) -> None:
        start = self._ends[where]
        self._ends[where] += len(line)
        if (digest := self._seen.digest_of(raw)) is not None:
            self._notes.write(NOTE.pack(digest, self._file, where, start, self._ends[where]))

    def ends(self, number: int) -> None:
        dataset, quarantine, context = self._ends
        self.file_ends.append((dataset, quarantine, context))
        one = self._shard.files[number]
        folder = _folder_of(one.file)
        value = self._seen.context.get(folder)
        if value is not None and value is not self._said_before:
            self.said.append(Saying(one.number, folder, value))


def _folder_of(file: File) -> str:
    return str(PurePosixPath(file.log.file).parent)
