"""trace_dataset: the enriched rows as one dataset with its spec."""

from collections.abc import Iterable
from typing import IO, Any

from trace_assets.artifacts import Artifact, Draft, Manifest
from trace_assets.drops import Drop
from trace_assets.package.manifest import manifest_bytes
from trace_assets.package.spec import key_of_source, spec_text
from trace_assets.sources import SourceConfig
from trace_assets.stages.code import code_version
from trace_assets.stages.lines import blocks_of
from trace_assets.stages.stage import unless_done, version_of

CODE = code_version(__name__)


def package(
    enriched: Artifact, dataset: Artifact, *, drop: Drop, config: SourceConfig
) -> tuple[Manifest, bool]:
    """Join the rows of one day into a dataset; whether anything had to be done."""
    source = enriched.expect()
    key = key_of_source(drop.source, drop.date)
    spec = spec_text(
        key,
        display_name=config.display_name and f"{config.display_name} {drop.date}",
        description=config.description,
        tags=config.tags,
    )
    facts = {"key": key, "source": drop.source, "date": drop.date}
    about = facts | {
        name: source.about[name] for name in ("rows", "columns", "formats", "turns", "ledger")
    }
    about["declared_columns"] = source.about.get("declared_columns", {})
    # The ledger is no file of the enriched traces: it can change while they stay as they are.
    inputs = {"enriched_traces": source.digest}
    version = version_of(code=CODE, inputs=inputs, config=[spec, about])

    def make(draft: Draft) -> dict[str, Any]:
        write_dataset(draft, key, blocks_of(enriched, "traces", source), spec=spec, about=about)
        return about

    return unless_done(dataset, version, make, inputs=[(enriched, source)])


def write_dataset(
    draft: Draft, key: str, lines: Iterable[bytes], *, spec: str, about: dict[str, Any]
) -> None:
    """Write the three files of a dataset: rows, spec, and what is known about them."""
    with draft.create(f"{key}.jsonl") as file:
        write_lines(file, lines)
    with draft.create(f"{key}.yaml") as file:
        file.write(spec.encode())
    hashes = {entry.name: entry.sha256 for entry in draft.files.values()}
    with draft.create("manifest.json") as file:
        file.write(manifest_bytes({**about, "sha256": hashes}))


def write_lines(file: IO[bytes], lines: Iterable[bytes]) -> None:
    """Write lines in blocks of a megabyte."""
    buffer = bytearray()
    for line in lines:
        buffer += line
        if len(buffer) >= 1 << 20:
            file.write(buffer)
            buffer.clear()
    file.write(buffer)
