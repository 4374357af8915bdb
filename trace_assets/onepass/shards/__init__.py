"""A conversion in shards, lists of files that one worker each converts.

The bytes are those of a conversion by one worker: whatever depends on files of other shards is
made good when the shards are joined, file by file in the order of all.

- A record that an earlier file had is a duplicate: each shard notes by which digest a record would
  be told again and where its line stands, so that the line can be left out and its count moved.
- A file may say something for the files beside and below it: a shard that was converted before
  that was known is converted once more.
- A trace may be made of the records of several files: all files of such formats are one shard.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from trace_assets.convert import Seen
from trace_assets.formats import formats
from trace_assets.ledger import Ledger
from trace_assets.onepass.opening import File
from trace_assets.onepass.outcomes import Lines, Manner, Report
from trace_assets.onepass.shards.joining import join
from trace_assets.onepass.shards.work import ConvertedShard, Numbered, Saying, Shard, convert_shard
from trace_assets.onepass.workers import Workers

__all__ = ["convert_in_shards"]

_SHARDS_PER_WORKER = 4
"""More than one, so that a worker whose files were quick goes on with the next shard."""

_Done = dict[int, tuple[Shard, ConvertedShard]]


def convert_in_shards(
    files: Sequence[File],
    lines: Lines,
    manner: Manner,
    *,
    seen: Seen,
    workers: int,
    folder: Path,
    report: Report,
) -> Ledger:
    """Convert files with several workers; `folder` is for what is temporary.

    Raises:
        WorkerError: a worker failed or died.
    """
    plan = _plan(files, workers * _SHARDS_PER_WORKER)
    done: _Done = {}

    def shards(numbers: Sequence[int]) -> Iterator[Shard]:
        # Taken one by one: a later shard is told what those before it have said meanwhile.
        for number in numbers:
            yield Shard(number, plan[number], _said_to(plan[number], number, done), manner, folder)

    numbers, tell = list(range(len(plan))), report
    with Workers(convert_shard, workers) as crew:
        while numbers:
            for shard, converted in crew.run(shards(numbers), tell):
                done[shard.number] = shard, converted
            numbers = [n for n in done if done[n][0].said != _said_to(plan[n], n, done)]
            tell = _tell_nobody  # those bytes were told already
    return join([done[number] for number in range(len(plan))], lines, seen)


def _tell_nobody(_: int) -> None:
    pass


def _plan(files: Sequence[File], count: int) -> list[list[Numbered]]:
    """Files of gathering formats first, as that shard may be the longest; then even runs."""
    numbered = [Numbered(number, file) for number, file in enumerate(files)]
    gathering = [one for one in numbered if _gathers(one.file)]
    others = [one for one in numbered if not _gathers(one.file)]
    total = sum(one.file.log.size for one in others)
    plan: list[list[Numbered]] = []
    size = 0
    for one in others:
        if not plan or (len(plan) < count and size * count >= total * len(plan)):
            plan.append([])
        plan[-1].append(one)
        size += one.file.log.size
    return [gathering, *plan] if gathering else plan


def _gathers(file: File) -> bool:
    name = file.log.format
    return name is not None and formats()[name].gather is not None


def _said_to(
    files: Sequence[Numbered], number: int, done: Mapping[int, tuple[Shard, ConvertedShard]]
) -> list[Saying]:
    """What the other shards, as far as they are done, say for a shard's files, in order."""
    folders = {str(folder) for one in files for folder in PurePosixPath(one.file.log.file).parents}
    said = [
        saying
        for other, (_, converted) in done.items()
        if other != number
        for saying in converted.said
        if saying.folder in folders and saying.number < files[-1].number
    ]
    return sorted(said, key=lambda saying: saying.number)
