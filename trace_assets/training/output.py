"""Files that a step writes, and the lists of what it leaves out."""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

import msgspec

from trace_assets.errors import TraceAssetsError
from trace_assets.rows import to_ascii


class Lines(Protocol):
    """A file of lines that is being written."""

    def write(self, line: bytes, /) -> object:
        """Append a line, which ends in a newline."""
        ...


Create = Callable[[str], AbstractContextManager[Lines]]
"""Opens a new file under a name, to be written to."""


class UnaccountedError(TraceAssetsError):
    """Traces or examples that came in are in no output and on no list: a defect of trace_assets."""


class LeftOut:
    """The list of what is in no output, each with its reason."""

    def __init__(self, file: Lines, step: str) -> None:
        self._file = file
        self._step = step
        self.reasons: Counter[str] = Counter()

    def add(self, reason: str, message: str, **of: Any) -> None:
        """Note one thing that is left out: of which trace, and where."""
        self.reasons[reason] += 1
        line = {"step": self._step, "reason": reason, "message": message, **of}
        self._file.write(json_line(line))

    def counts(self) -> dict[str, int]:
        """How many for which reason."""
        return dict(sorted(self.reasons.items()))


def json_line(value: Any) -> bytes:
    """A value as a line; ASCII, ends in a newline."""
    return to_ascii(msgspec.json.encode(value)) + b"\n"


def check_sum(what: str, total: int, **parts: int) -> dict[str, int]:
    """The counts, if they add up.

    Raises:
        UnaccountedError: something was lost on the way.

    >>> check_sum("traces", 3, kept=2, filtered=1)
    {'total': 3, 'kept': 2, 'filtered': 1}
    """
    if total != sum(parts.values()):
        said = " + ".join(f"{count} {name}" for name, count in parts.items())
        raise UnaccountedError(f"{what}: {total} came in, and {said} are accounted for")
    return {"total": total, **parts}
