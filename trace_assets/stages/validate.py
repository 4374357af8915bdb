"""valid_traces: the lines that hold, as they are; the others in quarantine with every reason."""

from typing import Any

from trace_assets.artifacts import Artifact, Draft, Manifest
from trace_assets.convert import Quarantined
from trace_assets.judge import judge
from trace_assets.ledger import Ledger, headed
from trace_assets.rows import places_of, quarantine_line
from trace_assets.stages.lines import LineFile, line_file, lines_in, lines_of, shards_of
from trace_assets.stages.originals import Originals
from trace_assets.stages.stage import ledger_of, unless_done, version_of, write_ledger

CODE = "1"


def validate(raw: Artifact, converted: Artifact, valid: Artifact) -> tuple[Manifest, bool]:
    """Keep the converted lines that hold; whether anything had to be done."""
    source = converted.expect()
    version = version_of(code=CODE, inputs={"converted_traces": source.digest})

    def make(draft: Draft) -> dict[str, Any]:
        ledger = ledger_of(source)
        with line_file(draft, "quarantine.jsonl.zst") as quarantine, Originals(raw) as originals:
            for line in lines_of(converted, "quarantine"):
                quarantine.write(line)
            for shard in shards_of(converted, "traces"):
                refused = _refused(converted, shard, originals, quarantine, ledger)
                if refused:
                    _copy_without(refused, converted, shard, draft)
                else:
                    draft.copy(shard, converted, shard)
        write_ledger(draft, ledger)
        return source.about | {"ledger": ledger.as_dict(), "rows": ledger.total("traces")}

    return unless_done(valid, version, make)


def _refused(
    converted: Artifact, shard: str, originals: Originals, quarantine: LineFile, ledger: Ledger
) -> set[int]:
    """Put the lines of a shard that do not hold in quarantine; return their numbers."""
    files = {file.file: file for file in ledger.files}
    refused: set[int] = set()
    for number, line in enumerate(lines_in(converted, shard)):
        verdict = judge(line)
        if not verdict.reason:
            continue
        refused.add(number)
        message = "; ".join(verdict.problems)
        for heading, place in headed(places_of(line)):
            raw = originals.bytes_of(place)
            quarantine.write(quarantine_line(Quarantined(verdict.reason, message, place, "", raw)))
            files[place.file].move_to_quarantine(verdict.reason, heading=heading)
    return refused


def _copy_without(refused: set[int], converted: Artifact, shard: str, draft: Draft) -> None:
    with line_file(draft, shard) as kept:
        for number, line in enumerate(lines_in(converted, shard)):
            if number not in refused:
                kept.write(line)
