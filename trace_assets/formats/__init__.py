"""The log formats: one file each, found by listing this folder.

A format is a value named `FORMAT` at the foot of its file: how to recognise a log of its kind,
where the records are inside it, and how one record becomes one trace. To add one, write the file,
put a log under `tests/formats/fixtures/<name>/`, run `make goldens`, read the golden file and
commit.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, NamedTuple

from trace_assets.reading import Record, Shape


class Claim(NamedTuple):
    """Why a format takes a log for its own."""

    strength: int
    """3: the log names the format or has a mark that no other has; 2: the structure is the
    format's own; 1: the structure fits, and may fit others."""
    evidence: str
    """What was found, in a sentence that a person can check against the file."""


class Converted(NamedTuple):
    """One record as a trace, before anything is computed about it."""

    trace: dict[str, Any]
    """JSON-ready: `FORMAT`, `items`, `metadata` and, for span formats, `events`."""
    columns: dict[str, Any]
    """What the format adds to the dataset row: a value or None for each name of its `columns`."""


class UnknownShapeError(Exception):
    """A record, or a part of it, has a shape that its format does not know.

    Not an error of the run: the record goes to quarantine under `reason`.
    """

    def __init__(self, pointer: str, message: str, *, reason: str = "unknown_shape") -> None:
        super().__init__(message)
        self.pointer = pointer
        """JSON pointer to the part, from the record's root."""
        self.reason = reason


class ContextOnlyError(Exception):
    """A document is no record: it only says something for the records in the files beside it.

    Not an error of the run: each of its keys becomes context, of its own file and of those beside
    and below it that have none.
    """


class Format(NamedTuple):
    """One kind of log."""

    name: str
    spec_url: str
    """Where the format is described, or the code that writes it."""
    detect: Callable[[Sequence[Any]], Claim | None]
    """Judges the first documents of a file; the last one may be cut, with its brackets closed."""
    shape: Shape
    """Where the records are inside a document."""
    convert: Callable[[Record, Mapping[str, Any]], Converted]
    """Turns a record into a trace, given what the file says once for all its records (JSON pointer
    to value).

    Raises:
        UnknownShapeError: the record belongs in quarantine.
        ContextOnlyError: it is no record.
    """
    columns: tuple[str, ...]
    """The columns that the format adds to a dataset row."""
    docs: str
    """The module's docstring: source, observed, residue, dropped on purpose."""


@cache
def formats() -> dict[str, Format]:
    """Every format in this folder, by name, in alphabetical order."""
    names = sorted(module.name for module in iter_modules(__path__))
    found = [import_module(f"{__name__}.{name}").FORMAT for name in names]
    return {format.name: format for format in found}
