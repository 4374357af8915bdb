"""What becomes of a record: a row, or a place in quarantine, whole and with its reason."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from trace_assets.guards import Findings
from trace_assets.printable import shown
from trace_assets.reading import Place, Repair
from trace_assets.trace import build


class Source(NamedTuple):
    """A record that a trace was made from."""

    place: Place
    raw: bytes


class Row(NamedTuple):
    """A record that became a trace, and what else was merged into it."""

    trace: dict[str, Any]
    place: Place
    format: str
    sha256: str
    columns: dict[str, Any]
    raw: bytes
    merged: tuple[Source, ...] = ()
    findings: Findings = Findings()
    """What the guards found."""

    @property
    def sources(self) -> tuple[Source, ...]:
        """All records that the trace was made from, the one that it counts for first."""
        return (Source(self.place, self.raw), *self.merged)


class Quarantined(NamedTuple):
    """A record that did not become a trace, whole, with its reason."""

    reason: str
    """A stable code, such as `not_json` or `unknown_shape`."""
    message: str
    place: Place
    pointer: str
    """JSON pointer from the record's root to what is wrong; "" for the record itself."""
    raw: bytes

    def as_dict(self) -> dict[str, Any]:
        """The quarantine row; `raw_base64` stands in for `raw` where the bytes are not UTF-8."""
        row = {
            "reason": self.reason,
            "message": self.message,
            "file": self.place.file,
            "record": self.place.number,
            "offset": self.place.offset,
            "pointer": self.pointer,
        }
        return row | build.raw_text(self.raw)

    def __str__(self) -> str:
        where = f"{self.place.uri}{self.pointer and f' at {self.pointer}'}"
        return shown(f"{where}: {self.reason}: {self.message}")


def repaired(repairs: Sequence[Repair]) -> list[dict[str, str]]:
    """What had to be changed so that JSON can hold it: where, and what stood there."""
    return [{"pointer": repair.pointer, "found": repair.found} for repair in repairs]


def keep(extra: dict[str, Any], name: str, value: Any) -> None:
    """Add what we say to what the log says, whose own key of that name stays as it is."""
    extra[name if name not in extra else f"record_{name}"] = value
