"""A conversion in shards, lists of files that one worker each converts.

The bytes are those of a conversion by one worker. Each shard is converted as if the drop began
with it, and notes of every record by which digest it would be told again, and where its line
stands. The join goes through the notes in order: what an earlier shard had is a duplicate, so its
line is left out and its count moved. And a shard that was converted before it was known what an
earlier one says for its files is converted once more.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path, PurePosixPath
from struct import Struct
from typing import Any, BinaryIO, NamedTuple

from trace_assets.convert import Seen
from trace_assets.ledger import FileLedger
from trace_assets.outcomes import QUARANTINE, File, Lines, Manner, Report, convert_files
from trace_assets.workers import Workers

_BLOCK_BYTES = 1 << 20
_SHARDS_PER_WORKER = 4
"""More than one, so that a worker whose files were quick goes on with the next shard."""

Said = dict[str, dict[str, Any]]
"""`Seen.context`: by folder, what its files say for those beside and below them."""


class Shard(NamedTuple):
    """What a worker is told."""

    number: int
    files: list[File]
    said: Said
    """What earlier shards say for these files."""
    manner: Manner
    folder: Path
    """Where its outputs go, under names that begin with its number."""

    def path(self, name: str) -> Path:
        """Where one of its outputs is."""
        return self.folder / f"{self.number}.{name}"

    def __str__(self) -> str:
        first, last = self.files[0].log.file, self.files[-1].log.file
        return first if len(self.files) == 1 else f"one of {len(self.files)} files: {first}..{last}"


class ConvertedShard(NamedTuple):
    """What a worker answers; the lines are in the shard's files."""

    ledgers: list[FileLedger]
    said: Said


def convert_in_shards(
    files: Sequence[File],
    lines: Lines,
    manner: Manner,
    *,
    workers: int,
    folder: Path,
    report: Report,
) -> list[FileLedger]:
    """Convert files with several workers; what each file held. `folder` is for what is temporary.

    Raises:
        WorkerError: a worker failed or died.
    """
    plan = _plan(files, workers * _SHARDS_PER_WORKER)
    done: dict[int, tuple[Shard, ConvertedShard]] = {}

    def shards(numbers: Sequence[int]) -> Iterator[Shard]:
        for number in numbers:
            said = _said_for(plan[number], number, done)
            yield Shard(number, plan[number], said, manner, folder)

    numbers, tell = list(range(len(plan))), report
    with Workers(convert_shard, workers) as crew:
        while numbers:
            for shard, converted in crew.run(shards(numbers), tell):
                done[shard.number] = shard, converted
            numbers = [n for n in done if done[n][0].said != _said_for(plan[n], n, done)]
            tell = _tell_nobody  # those bytes were told already
    seen = Seen()
    return [ledger for number in range(len(plan)) for ledger in _join(*done[number], lines, seen)]


def _tell_nobody(_: int) -> None:
    pass


def _plan(files: Sequence[File], shards: int) -> list[list[File]]:
    """Runs of files of about the same size, in order."""
    # A file each, as long as no format makes a trace of several files' records; files that have to
    # be converted together are to be one entry here.
    groups = [[file] for file in files]
    total = sum(file.log.size for file in files)
    plan: list[list[File]] = []
    size = 0
    for group in groups:
        if not plan or (len(plan) < shards and size * shards >= total * len(plan)):
            plan.append([])
        plan[-1] += group
        size += sum(file.log.size for file in group)
    return plan


def _said_for(
    files: Sequence[File], number: int, done: Mapping[int, tuple[Shard, ConvertedShard]]
) -> Said:
    """What the shards before one, as far as they are done, say for its files."""
    folders = {str(folder) for file in files for folder in PurePosixPath(file.log.file).parents}
    said: Said = {}
    for earlier in sorted(earlier for earlier in done if earlier < number):
        said |= {
            folder: value for folder, value in done[earlier][1].said.items() if folder in folders
        }
    return said


# --- in the worker ----------------------------------------------------------------------------

_NOTE = Struct("<16sIBQQ")
"""A record's digest, its file's number, the position in `Lines` of its line, first byte, end."""

_OUTPUTS = ("dataset", "quarantine", "context", "notes")


def convert_shard(shard: Shard, report: Report) -> ConvertedShard:
    """Convert a shard's files into its own outputs."""
    with ExitStack() as stack:
        outputs = [
            stack.enter_context(shard.path(name).open("wb", _BLOCK_BYTES)) for name in _OUTPUTS
        ]
        seen = _NotingSeen(outputs.pop())
        seen.context.update(shard.said)
        lines = Lines(*outputs)
        ledgers = convert_files(
            shard.files, lines, shard.manner, seen=seen, report=report, wrote=seen.wrote
        )
    own = {
        folder: value
        for folder, value in seen.context.items()
        if value is not shard.said.get(folder)
    }
    return ConvertedShard(ledgers, own)


class _NotingSeen(Seen):
    """Remembers records as `Seen` does, and notes where the line of each stands."""

    def __init__(self, notes: BinaryIO) -> None:
        super().__init__()
        self._notes = notes
        self._digest = b""
        self._ends = [0, 0]

    def add_digest(self, digest: bytes) -> bool:
        known = super().add_digest(digest)
        self._digest = b"" if known else digest
        return known

    def wrote(self, file: int, where: int, line: bytes) -> None:
        """Note a line if it is of the record just remembered; that of a broken one is not."""
        start = self._ends[where]
        self._ends[where] += len(line)
        if self._digest:
            self._notes.write(_NOTE.pack(self._digest, file, where, start, self._ends[where]))
            self._digest = b""


# --- joining ----------------------------------------------------------------------------------


def _join(shard: Shard, converted: ConvertedShard, lines: Lines, seen: Seen) -> list[FileLedger]:
    """Append a shard's lines, but for those of records seen before, and remove its outputs."""
    with ExitStack() as stack:
        parts = [stack.enter_context(shard.path(name).open("rb")) for name in _OUTPUTS]
        notes = parts.pop()
        copies = [_Copy(part, line) for part, line in zip(parts, lines, strict=True)]
        while note := notes.read(_NOTE.size):
            digest, file, where, start, end = _NOTE.unpack(note)
            if seen.add_digest(digest):
                line = copies[where].leave_out(start, end)
                _count_as_duplicate(converted.ledgers[file], line if where == QUARANTINE else None)
        for copy in copies:
            copy.finish()
    for name in _OUTPUTS:
        shard.path(name).unlink()
    return converted.ledgers


def _count_as_duplicate(ledger: FileLedger, quarantined: bytes | None) -> None:
    if quarantined is None:
        ledger.counts["converted"] -= 1
        ledger.traces -= 1
    else:
        reason = json.loads(quarantined)["reason"]
        ledger.counts["quarantined"] -= 1
        ledger.reasons[reason] -= 1
        ledger.reasons += type(ledger.reasons)()  # forgets the reasons that nothing is left of
    ledger.count("duplicate")


class _Copy:
    """Copies a file from its beginning, with gaps."""

    def __init__(self, source: BinaryIO, target: BinaryIO) -> None:
        self._source = source
        self._target = target

    def leave_out(self, start: int, end: int) -> bytes:
        """Copy what is before `start`; return what is from there to `end`, which is not copied."""
        self._copy(start - self._source.tell())
        return self._source.read(end - start)

    def finish(self) -> None:
        """Copy the rest."""
        self._copy(None)

    def _copy(self, size: int | None) -> None:
        while size != 0 and (block := self._source.read(min(size or _BLOCK_BYTES, _BLOCK_BYTES))):
            self._target.write(block)
            size = None if size is None else size - len(block)
