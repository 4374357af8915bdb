"""source_dataset: one dataset of a whole source, each trace once: the newest."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from trace_assets.artifacts import Artifact, Draft, Manifest
from trace_assets.package.spec import dataset_key, spec_text
from trace_assets.rows import columns_for, row_id, with_columns
from trace_assets.sources import SourceConfig
from trace_assets.stages.lines import lines_of
from trace_assets.stages.package import write_dataset
from trace_assets.stages.stage import unless_done, version_of

CODE = "1"


def aggregate(
    days: Mapping[str, Artifact], dataset: Artifact, *, source: str, config: SourceConfig
) -> tuple[Manifest, bool]:
    """Join the enriched traces of all days, oldest first; whether anything had to be done."""
    manifests = {date: days[date].expect() for date in sorted(days)}
    key = dataset_key(source)
    spec = spec_text(
        key,
        display_name=config.display_name,
        description=config.description,
        tags=config.tags,
    )
    inputs = {date: manifest.digest for date, manifest in manifests.items()}
    version = version_of(code=CODE, inputs=inputs, config=spec)

    def make(draft: Draft) -> dict[str, Any]:
        formats = sorted({name for one in manifests.values() for name in one.about["formats"]})
        names = columns_for(formats)
        same = {date: one.about["columns"] == names for date, one in manifests.items()}
        newest = _newest(days, manifests)
        total = sum(one.about["rows"] for one in manifests.values())
        rows = newest.execute("SELECT count(*) FROM newest").fetchone()[0]
        about = {
            "key": key,
            "source": source,
            "days": inputs,
            "formats": formats,
            "columns": names,
            "rows": rows,
            "superseded": total - rows,
        }
        lines = _kept(newest, days, manifests, None if all(same.values()) else names)
        write_dataset(draft, key, lines, spec=spec, about=about)
        return about

    return unless_done(dataset, version, make)


def _newest(days: Mapping[str, Artifact], dates: Iterable[str]) -> sqlite3.Connection:
    """Which line of all days is the newest of its trace; on disk, so that it has no limit."""
    index = sqlite3.connect("")
    index.execute("CREATE TABLE newest (trace_id TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")
    lines = (line for date in dates for line in lines_of(days[date], "traces"))
    index.executemany(
        "INSERT OR REPLACE INTO newest VALUES (?, ?)",
        ((row_id(line), number) for number, line in enumerate(lines)),
    )
    index.execute("CREATE INDEX by_line ON newest (line)")
    return index


def _kept(
    newest: sqlite3.Connection,
    days: Mapping[str, Artifact],
    dates: Iterable[str],
    names: list[str] | None,
) -> Iterator[bytes]:
    wanted = (number for (number,) in newest.execute("SELECT line FROM newest ORDER BY line"))
    following = next(wanted, None)
    lines = (line for date in dates for line in lines_of(days[date], "traces"))
    for number, line in enumerate(lines):
        if number == following:
            yield with_columns(line, names) if names else line
            following = next(wanted, None)
