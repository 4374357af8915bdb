"""source_dataset: one dataset of a whole source, each trace once: the newest."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from trace_assets.artifacts import Artifact, Draft, Manifest
from trace_assets.custom_columns import joined_type
from trace_assets.errors import NotFoundError, StoreError
from trace_assets.package.spec import key_of_source, spec_text
from trace_assets.rows import columns_for, row_id, row_place, with_columns
from trace_assets.sources import SourceConfig
from trace_assets.stages.code import code_version
from trace_assets.stages.lines import LineFile, line_file, lines_of
from trace_assets.stages.package import write_dataset
from trace_assets.stages.stage import unless_done, version_of

CODE = code_version(__name__)

SUPERSEDED = "superseded.jsonl"
"""The rows that a newer one stands in for: `trace_id`, `date` and `source_uri` of each."""

Days = list[tuple[Artifact, Manifest]]
"""Oldest first, each with the version that all is read from."""

Row = tuple[bytes, bool]
"""A line, and whether it is the newest of its trace."""


def aggregate(
    days: Mapping[str, Artifact], dataset: Artifact, *, source: str, config: SourceConfig
) -> tuple[Manifest, bool]:
    """Join the enriched traces of all days by date; whether anything had to be done.

    Raises:
        NotFoundError: there is no day. An empty dataset would take the place of a full one.
    """
    if not days:
        raise NotFoundError(
            f"{source}: no day of it has enriched traces yet; run one first, or correct the place "
            "of the store"
        )
    manifests = {date: days[date].expect() for date in sorted(days)}
    key = key_of_source(source)
    spec = spec_text(
        key,
        display_name=config.display_name,
        description=config.description,
        tags=config.tags,
    )
    formats = sorted({name for one in manifests.values() for name in one.about["formats"]})
    declared = _declared(manifests.values())
    names = columns_for(formats, declared)
    about = {
        "key": key,
        "source": source,
        "days": {date: manifest.digest for date, manifest in manifests.items()},
        "formats": formats,
        "columns": names,
        "declared_columns": declared,
    }
    # Days without a trace have the same digest whatever columns they would have.
    same = all(manifest.about["columns"] == names for manifest in manifests.values())
    version = version_of(code=CODE, inputs=about["days"], config=[spec, formats, names, same])

    def make(draft: Draft) -> dict[str, Any]:
        with _newest(pairs) as newest:
            (total, rows), *_ = newest.execute("SELECT max(line) + 1, count(*) FROM newest")
            counted = about | {"rows": rows, "superseded": (total or 0) - rows}
            with line_file(draft, SUPERSEDED) as superseded:
                lines = _kept(_rows(newest, pairs), None if same else names, superseded)
                write_dataset(draft, key, lines, spec=spec, about=counted)
        return counted

    pairs = [(days[date], manifest) for date, manifest in manifests.items()]
    return unless_done(dataset, version, make, inputs=pairs)


def _declared(manifests: Iterable[Manifest]) -> dict[str, str]:
    """Return the declared columns of all days, each with a type for the values of all."""
    found: dict[str, set[str]] = {}
    for manifest in manifests:
        for name, kind in manifest.about.get("declared_columns", {}).items():
            found.setdefault(name, set()).add(kind)
    return {name: joined_type(kinds) for name, kinds in sorted(found.items())}


@contextmanager
def rows_of_days(days: Days) -> Iterator[Callable[[], Iterator[Row]]]:
    """The rows of all days; they can be read again and again."""
    with _newest(days) as newest:
        yield lambda: _rows(newest, days)


@contextmanager
def _newest(days: Days) -> Iterator[sqlite3.Connection]:
    """Which line of all days is the newest of its trace; on disk, so that it has no limit."""
    try:
        # A temporary file that SQLite removes by itself.
        with closing(sqlite3.connect("")) as index:
            index.execute(
                "CREATE TABLE newest (trace_id TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID"
            )
            index.executemany(
                "INSERT OR REPLACE INTO newest VALUES (?, ?)",
                ((row_id(line), number) for number, line in enumerate(_lines(days))),
            )
            index.execute("CREATE INDEX by_line ON newest (line)")
            yield index
    except sqlite3.OperationalError as error:
        raise StoreError(
            f"the folder for temporary files: cannot write: {error}; free space there, or name "
            "another one in SQLITE_TMPDIR"
        ) from error


def _kept(rows: Iterator[Row], names: list[str] | None, superseded: LineFile) -> Iterator[bytes]:
    for line, is_newest in rows:
        if is_newest:
            yield with_columns(line, names) if names else line
        else:
            superseded.write(row_place(line))


def _rows(newest: sqlite3.Connection, days: Days) -> Iterator[Row]:
    wanted = (number for (number,) in newest.execute("SELECT line FROM newest ORDER BY line"))
    following = next(wanted, None)
    for number, line in enumerate(_lines(days)):
        yield line, number == following
        if number == following:
            following = next(wanted, None)


def _lines(days: Days) -> Iterator[bytes]:
    for artifact, manifest in days:
        yield from lines_of(artifact, "traces", manifest)
