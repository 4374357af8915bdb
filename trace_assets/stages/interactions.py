"""interactions: the enriched traces as records for annotation, with the log's own words."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import msgspec

from trace_assets.artifacts import Artifact, Draft, Manifest
from trace_assets.errors import StoreError
from trace_assets.interactions import Conversed, InteractionsConfig, Original, write_all
from trace_assets.package.manifest import manifest_bytes
from trace_assets.rows import places_of, row_id
from trace_assets.stages.lines import lines_of
from trace_assets.stages.originals import Originals
from trace_assets.stages.stage import unless_done, version_of

CODE = "1"


def interactions(
    raw: Artifact,
    valid: Artifact,
    enriched: Artifact,
    output: Artifact,
    *,
    config: InteractionsConfig,
) -> tuple[Manifest, bool]:
    """Write the interactions of a day; whether anything had to be done."""
    source = enriched.expect()
    inputs = {"enriched_traces": source.digest, "raw_logs": raw.expect().digest}
    version = version_of(code=CODE, inputs=inputs, config=config.model_dump(mode="json"))

    def make(draft: Draft) -> dict[str, Any]:
        with Originals(raw) as originals:
            traces = _conversed(valid, enriched, originals)
            report = write_all(traces, draft.create, config=config)
        about = {"traces": source.about["rows"], **report.as_dict()}
        with draft.create("report.json") as file:
            file.write(manifest_bytes(about))
        return about

    return unless_done(output, version, make)


def _conversed(valid: Artifact, enriched: Artifact, originals: Originals) -> Iterator[Conversed]:
    """Each enriched row with its records, whose places stand in the line that it was made from."""
    pairs = zip_longest(lines_of(enriched, "traces"), lines_of(valid, "traces"))
    for line, placed in pairs:
        if line is None or placed is None or row_id(line) != row_id(placed):
            raise StoreError(
                f"{enriched.store.uri(enriched.prefix)}: its rows are not those of "
                f"{valid.prefix}; run enriched_traces again, then this"
            )
        row = msgspec.json.decode(line)
        records = [Original(place.uri, originals.bytes_of(place)) for place in places_of(placed)]
        yield Conversed(row["trace"], row["trace_id"], row["source_uri"], records)
