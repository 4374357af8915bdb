"""Which format a file has: what each says of its first bytes, and how strongly."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from trace_assets.convert.not_read import likely_tool, tool_of
from trace_assets.errors import ConfigError, UnknownFormatError
from trace_assets.formats import Claim, Format, formats
from trace_assets.reading import read_records
from trace_assets.reading.sample import TableRow, sample


class LogFile(NamedTuple):
    """One file of a drop, after it was fetched."""

    file: str
    """Its name inside the drop, or its path."""
    size: int
    sha256: str
    format: str | None
    """None: no format, or more than one, recognises it."""
    evidence: str
    """What the format was told by, or why there is none."""
    runner_up: str | None = None
    """The next claim, if there was one: `name: evidence`."""
    mapping: dict[str, Any] | None = None
    """Which column says what, as declared."""
    left_out: str | None = None
    """What the file is, if it is no log: its records are counted as filtered."""
    columns: dict[str, str] | None = None
    """The columns that the user declares for it, each with the path of its values."""


def claims(head: bytes) -> list[tuple[Format, Claim]]:
    """Return the claims of all formats on a file by its first bytes, the strongest first.

    Empty for the logs of a tool that no format reads yet.
    """
    documents = sample(head)
    if not _is_table(documents) and tool_of(documents) is not None:
        return []
    found = [
        (format, format.detect(documents))
        for format in formats().values()
        if format.read is not read_records or not _is_table(documents)
    ]
    claimed = [(format, claim) for format, claim in found if claim]
    return sorted(claimed, key=lambda pair: (-pair[1].strength, pair[0].name))


def _is_table(documents: Sequence[Any]) -> bool:
    """Whether a sample is rows of a table, which is nothing that the reader of JSON could read."""
    return bool(documents) and isinstance(documents[0], TableRow)


def expect_known(format: str | None) -> None:
    """Raise ConfigError if a format is given that is not read."""
    if format is not None and format not in formats():
        raise ConfigError(f"unknown format {format!r}; known formats: {', '.join(formats())}")


def recognise(head: bytes, *, file: str) -> tuple[Format, Claim, str | None]:
    """The format of a file, why, and the runner-up.

    Raises:
        UnknownFormatError: none recognises it, or two claim it with equal strength.
    """
    found = claims(head)
    strongest = [format.name for format, claim in found if claim.strength == found[0][1].strength]
    if len(strongest) != 1:
        tool = None if strongest else likely_tool(head)
        raise UnknownFormatError(file, matches=strongest, known=list(formats()), tool=tool)
    runner_up = f"{found[1][0].name}: {found[1][1].evidence}" if len(found) > 1 else None
    return (*found[0], runner_up)


def inspect(
    head: bytes,
    *,
    file: str,
    size: int,
    digest: str,
    format: str | None,
    mapping: dict[str, Any] | None = None,
) -> LogFile:
    """Describe a file: its format by its first bytes, or as given; a mapping is for `csv`."""
    if mapping is not None:
        return LogFile(file, size, digest, "csv", "a mapping is given for it", mapping=mapping)
    if format is not None:
        return LogFile(file, size, digest, format, "given, not detected")
    try:
        found, claim, runner_up = recognise(head, file=file)
    except UnknownFormatError as error:
        return LogFile(file, size, digest, None, str(error))
    return LogFile(file, size, digest, found.name, claim.evidence, runner_up)
