"""The ledger: the count that proves that no record was lost.

Every record that was read stands under exactly one heading:
records = converted + merged + duplicate + filtered + quarantined.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, TypeVar, get_args

from trace_assets.errors import TraceAssetsError

Heading = Literal["converted", "merged", "duplicate", "filtered", "quarantined"]
T = TypeVar("T")
HEADINGS: tuple[Heading, ...] = get_args(Heading)


_BROKEN = 1000
"""How many records that cannot be parsed are noted by file."""


class UnbalancedLedgerError(TraceAssetsError):
    """Records were read that stand under no heading, or under two: a defect of trace_assets."""


class FileLedger:
    """The counts of one file of a drop."""

    def __init__(self, file: str, *, sha256: str, size: int, format: str | None) -> None:
        self.file = file
        self.sha256 = sha256
        self.size = size
        self.format = format
        self.records = 0
        self.traces = 0
        self.counts: Counter[Heading] = Counter()
        self.reasons: Counter[str] = Counter()
        self.left_out: str | None = None
        """What the file is, if it is no log: then it counts as one filtered record."""
        self.text_read = 0
        """Characters of distinct prose that are in the items of traces, by trace."""
        self.text_all = 0
        """Characters of distinct prose in the records of these traces."""
        self.unknown_kinds: Counter[str] = Counter()
        """How often there is a kind that the format does not know."""
        self.broken: list[tuple[int, str]] = []
        """The numbers and URIs of the first records that could not be parsed."""

    def read(self, heading: Heading, *, reason: str | None = None) -> None:
        """Count one more record, and put it under a heading."""
        self.records += 1
        self.count(heading, reason=reason)

    def note_broken(self, number: int, uri: str) -> None:
        """Note a record that could not be parsed; of a damaged file, the first ones suffice."""
        if len(self.broken) < _BROKEN:
            self.broken.append((number, uri))

    def count(self, heading: Heading, *, reason: str | None = None) -> None:
        """Put one more record under a heading; quarantined ones with their reason."""
        self.counts[heading] += 1
        if reason:
            self.reasons[reason] += 1

    def count_text(self, read: int, total: int) -> None:
        """Add the characters of prose of one more trace: those read, and all."""
        self.text_read += read
        self.text_all += total

    def move_to_quarantine(self, reason: str, *, heading: Heading = "converted") -> None:
        """A record that had become a trace, or was merged into one, did not hold."""
        self.counts[heading] -= 1
        self.traces -= heading == "converted"
        self.count("quarantined", reason=reason)

    def as_dict(self) -> dict[str, Any]:
        """The file's part of `ledger.json`."""
        return {
            "file": self.file,
            "sha256": self.sha256,
            "format": self.format,
            "bytes": self.size,
            "records": self.records,
            **{heading: self.counts[heading] for heading in HEADINGS},
            "traces": self.traces,
            "reasons": dict(sorted(self.reasons.items())),
            "text_read": self.text_read,
            "text_all": self.text_all,
            "unknown_kinds": dict(sorted(self.unknown_kinds.items())),
            **({"left_out": self.left_out} if self.left_out else {}),
        }

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> "FileLedger":
        """Read back what `as_dict` wrote."""
        ledger = cls(
            value["file"], sha256=value["sha256"], size=value["bytes"], format=value["format"]
        )
        ledger.records, ledger.traces = value["records"], value["traces"]
        ledger.counts.update({heading: value[heading] for heading in HEADINGS})
        ledger.reasons.update(value["reasons"])
        ledger.count_text(value.get("text_read", 0), value.get("text_all", 0))
        ledger.unknown_kinds.update(value.get("unknown_kinds", {}))
        ledger.left_out = value.get("left_out")
        return ledger


def headed(sources: Sequence[T]) -> Iterator[tuple[Heading, T]]:
    """The heading of each record that one trace is made of: the first is converted."""
    for number, source in enumerate(sources):
        yield "merged" if number else "converted", source


class Ledger:
    """The counts of a drop, file by file."""

    def __init__(self, files: Iterable[FileLedger] = ()) -> None:
        self.files = list(files)

    def total(self, name: str) -> int:
        """The sum over all files of `records`, `traces`, `bytes` or a heading."""
        return sum(file.as_dict()[name] for file in self.files)

    def reasons(self) -> dict[str, int]:
        """How many records are in quarantine for which reason, most frequent first."""
        counts: Counter[str] = Counter()
        for file in self.files:
            counts.update(file.reasons)
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def unknown_kinds(self) -> dict[str, int]:
        """How often there is which kind that the format does not know, most frequent first."""
        counts: Counter[str] = Counter()
        for file in self.files:
            counts.update(file.unknown_kinds)
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    def problems(self) -> list[str]:
        """A line for each file whose counts do not balance; empty when nothing was lost."""
        return [
            f"{file.file}: {file.records} records read, {sum(file.counts.values())} accounted for"
            for file in self.files
            if file.records != sum(file.counts.values()) or min(file.counts.values(), default=0) < 0
        ]

    def check(self) -> None:
        """Raise UnbalancedLedgerError unless every record stands under exactly one heading."""
        if problems := self.problems():
            raise UnbalancedLedgerError("; ".join(problems))

    def as_dict(self) -> dict[str, Any]:
        """`ledger.json`: the headings, their sum first, then the files."""
        names = ("records", *HEADINGS, "traces", "bytes", "text_read", "text_all")
        files = [file.as_dict() for file in self.files]
        return {
            **{name: sum(file[name] for file in files) for name in names},
            "reasons": self.reasons(),
            "unknown_kinds": self.unknown_kinds(),
            "files": files,
        }

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> "Ledger":
        """Read back what `as_dict` wrote."""
        return cls(FileLedger.from_dict(file) for file in value["files"])
