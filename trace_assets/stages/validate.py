"""valid_traces: the lines that hold, as they are; the others in quarantine with every reason."""

from typing import Any

from trace_assets.artifacts import Artifact, Draft, Manifest
from trace_assets.convert import Quarantined
from trace_assets.judge import judge
from trace_assets.ledger import Ledger, headed
from trace_assets.rows import places_of, quarantine_line
from trace_assets.stages.code import code_version
from trace_assets.stages.lines import LineFile, line_file, lines_in, lines_of, shards_of
from trace_assets.stages.originals import Originals
from trace_assets.stages.stage import ledger_of, unless_done, version_of, write_ledger

CODE = code_version(__name__)


def validate(raw: Artifact, converted: Artifact, valid: Artifact) -> tuple[Manifest, bool]:
    """Keep the converted lines that hold; whether anything had to be done."""
    source = converted.expect()
    version = version_of(code=CODE, inputs={"converted_traces": source.digest})
    inputs = [(converted, source)]
    return unless_done(
        valid, version, lambda draft: _validate(raw, converted, source, draft), inputs=inputs
    )


def _validate(raw: Artifact, converted: Artifact, source: Manifest, draft: Draft) -> dict[str, Any]:
    ledger = ledger_of(source)
    hashes = {file.file: file.sha256 for file in ledger.files}
    with (
        line_file(draft, "quarantine.jsonl.zst") as quarantine,
        Originals(raw, hashes) as originals,
    ):
        for line in lines_of(converted, "quarantine", source):
            quarantine.write(line)
        refusal = _Refusal(quarantine, originals, ledger)
        for shard in shards_of(source, "traces"):
            lines = enumerate(lines_in(converted, shard, source))
            refused = {number for number, line in lines if refusal.of(line)}
            if refused:
                _copy_without(refused, converted, source, shard, draft)
            else:
                draft.copy(shard, converted, shard, source)
    write_ledger(draft, ledger)
    return source.about | {"ledger": ledger.as_dict(), "rows": ledger.total("traces")}


class _Refusal:
    """Puts the lines that do not hold in quarantine, each with the bytes of its record."""

    def __init__(self, quarantine: LineFile, originals: Originals, ledger: Ledger) -> None:
        self._quarantine = quarantine
        self._originals = originals
        self._files = {file.file: file for file in ledger.files}

    def of(self, line: bytes) -> bool:
        verdict = judge(line)
        if not verdict.reason:
            return False
        message = "; ".join(verdict.problems)
        for heading, place in headed(places_of(line)):
            raw = self._originals.bytes_of(place)
            refused = Quarantined(verdict.reason, message, place, "", raw)
            self._quarantine.write(quarantine_line(refused))
            self._files[place.file].move_to_quarantine(verdict.reason, heading=heading)
        return True


def _copy_without(
    refused: set[int], converted: Artifact, source: Manifest, shard: str, draft: Draft
) -> None:
    with line_file(draft, shard) as kept:
        for number, line in enumerate(lines_in(converted, shard, source)):
            if number not in refused:
                kept.write(line)
