"""The outputs of shards, joined to those of one conversion."""

import json
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from typing import BinaryIO

from trace_assets.convert import Seen
from trace_assets.ledger import FileLedger, Ledger
from trace_assets.onepass.outcomes import QUARANTINE, Lines
from trace_assets.onepass.shards.work import NOTE, OUTPUTS, ConvertedShard, Shard

_BLOCK_BYTES = 1 << 20


def join(shards: Sequence[tuple[Shard, ConvertedShard]], lines: Lines, seen: Seen) -> Ledger:
    """Append the lines of all files in their order, then what was gathered; remove the outputs."""
    order = sorted(
        (one.number, position, which)
        for which, (shard, _) in enumerate(shards)
        for position, one in enumerate(shard.files)
    )
    ledger = Ledger()
    open_shards: dict[int, _OpenShard] = {}
    with ExitStack() as stack:
        for _, position, which in order:
            if which not in open_shards:
                open_shards[which] = stack.enter_context(_OpenShard(*shards[which], lines, seen))
            here = open_shards[which]
            ledger.files.append(here.append_file(position))
            if here.is_through:
                here.close()
        for which in sorted(open_shards):
            open_shards[which].append_rest()
    return ledger


class _OpenShard:
    """A shard whose outputs are being appended, file by file."""

    def __init__(self, shard: Shard, converted: ConvertedShard, lines: Lines, seen: Seen) -> None:
        self._shard = shard
        self._converted = converted
        self._lines = lines
        self._seen = seen
        self._open = ExitStack()

    def __enter__(self) -> "_OpenShard":
        paths = [self._shard.path(name) for name in OUTPUTS]
        *parts, self._notes = [self._open.enter_context(path.open("rb")) for path in paths]
        self._copies = [_Copy(part, line) for part, line in zip(parts, self._lines, strict=True)]
        self._note = self._notes.read(NOTE.size)
        self._sizes = tuple(path.stat().st_size for path in paths[:-1])
        self.is_through = False
        """Whether nothing is left, not even of what was gathered."""
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._open.close()
        for name in OUTPUTS:
            self._shard.path(name).unlink(missing_ok=True)

    def append_file(self, position: int) -> FileLedger:
        """Append a file's lines, but for those of records that an earlier file had."""
        ledger = self._converted.ledgers[position]
        while self._note:
            digest, file, where, start, end = NOTE.unpack(self._note)
            if file != position:
                break
            if self._seen.add_digest(digest):
                line = self._copies[where].leave_out(start, end)
                _count_as_duplicate(ledger, line if where == QUARANTINE else None)
            self._note = self._notes.read(NOTE.size)
        ends = self._converted.ends[position]
        for copy, end in zip(self._copies, ends, strict=True):
            copy.up_to(end)
        is_last = position == len(self._converted.ends) - 1
        self.is_through = is_last and ends == self._sizes
        return ledger

    def append_rest(self) -> None:
        """Append what was gathered, in a shard that is not through."""
        if not self.is_through:
            for copy, size in zip(self._copies, self._sizes, strict=True):
                copy.up_to(size)


def _count_as_duplicate(ledger: FileLedger, quarantined: bytes | None) -> None:
    if quarantined is None:
        ledger.counts["converted"] -= 1
        ledger.traces -= 1
    else:
        reason = json.loads(quarantined)["reason"]
        ledger.counts["quarantined"] -= 1
        ledger.reasons[reason] -= 1
        ledger.reasons += Counter()  # forgets the reasons that nothing is left of
    ledger.count("duplicate")


class _Copy:
    """Copies a file from its beginning, with gaps."""

    def __init__(self, source: BinaryIO, target: BinaryIO) -> None:
        self._source = source
        self._target = target

    def leave_out(self, start: int, end: int) -> bytes:
        """Copy what is before `start`; return what is from there to `end`, which is not copied."""
        self.up_to(start)
        return self._source.read(end - start)

    def up_to(self, end: int) -> None:
        """Copy what is before `end`."""
        while size := min(end - self._source.tell(), _BLOCK_BYTES):
            block = self._source.read(size)
            assert block  # noqa: S101 - the worker told how much it wrote
            self._target.write(block)
