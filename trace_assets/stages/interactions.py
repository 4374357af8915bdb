"""interactions: the enriched traces as records for annotation, with the log's own words."""

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any

import msgspec

from trace_assets.artifacts import Artifact, Draft, Manifest
from trace_assets.errors import StoreError
from trace_assets.interactions import Conversed, InteractionsConfig, Original, write_all
from trace_assets.package.manifest import manifest_bytes
from trace_assets.rows import places_of, row_id
from trace_assets.stages.code import code_version
from trace_assets.stages.lines import lines_of
from trace_assets.stages.originals import Originals
from trace_assets.stages.stage import ledger_of, unless_done, version_of

CODE = code_version(__name__)


def interactions(
    raw: Artifact,
    valid: Artifact,
    enriched: Artifact,
    output: Artifact,
    *,
    config: InteractionsConfig,
) -> tuple[Manifest, bool]:
    """Write the interactions of a day; whether anything had to be done."""
    source, placed = enriched.expect(), valid.expect()
    inputs = {"enriched_traces": source.digest, "raw_logs": raw.expect().digest}
    hashes = {file.file: file.sha256 for file in ledger_of(placed).files}
    version = version_of(code=CODE, inputs=inputs, config=config.model_dump(mode="json"))

    def make(draft: Draft) -> dict[str, Any]:
        with Originals(raw, hashes) as originals:
            lines = zip_longest(
                lines_of(enriched, "traces", source), lines_of(valid, "traces", placed)
            )
            traces = _conversed(lines, originals, enriched)
            report = write_all(traces, draft.create, config=config)
        about = {"traces": source.about["rows"], **report.as_dict()}
        with draft.create("report.json") as file:
            file.write(manifest_bytes(about))
        return about

    return unless_done(output, version, make, inputs=[(enriched, source), (valid, placed)])


def _conversed(
    lines: Iterable[tuple[bytes | None, bytes | None]], originals: Originals, enriched: Artifact
) -> Iterator[Conversed]:
    """Each enriched row with its records, whose places stand in the line that it was made from."""
    for line, placed in lines:
        if line is None or placed is None or row_id(line) != row_id(placed):
            raise StoreError(
                f"{enriched.store.uri(enriched.prefix)}: its rows are not those of valid_traces; "
                "run enriched_traces again, then this"
            )
        row = msgspec.json.decode(line)
        records = [Original(place.uri, originals.bytes_of(place)) for place in places_of(placed)]
        yield Conversed(row["trace"], row["trace_id"], row["source_uri"], records)
