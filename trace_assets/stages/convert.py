"""converted_traces: every record of a drop, as a trace or as the reason why it is none."""

from collections.abc import Iterator
from typing import Any

from trace_assets.artifacts import Artifact, Draft, Manifest
from trace_assets.convert import LogFile, Quarantined, Row, Seen, convert_file, convert_gathered
from trace_assets.custom_columns import ColumnTypes
from trace_assets.ledger import FileLedger, Ledger
from trace_assets.reading import Context
from trace_assets.reading.compression import open_plain
from trace_assets.rows import context_line, converted_line, quarantine_line
from trace_assets.stages.code import code_version
from trace_assets.stages.lines import LineFile, ShardWriter, line_file
from trace_assets.stages.stage import code_of, unless_done, version_of, write_ledger

CODE = code_version(__name__)


def convert(raw: Artifact, converted: Artifact) -> tuple[Manifest, bool]:
    """Convert a drop; whether anything had to be done."""
    source = raw.expect()
    logs = source.about["files"]  # another format, or other evidence, makes other lines
    config = [logs, code_of(log["format"] for log in logs if log["format"])]
    version = version_of(code=CODE, inputs={"raw_logs": source.digest}, config=config)
    inputs = [(raw, source)]
    return unless_done(
        converted, version, lambda draft: _convert(raw, source, draft), inputs=inputs
    )


def _convert(raw: Artifact, source: Manifest, draft: Draft) -> dict[str, Any]:
    ledger = Ledger()
    logs = source.about["files"]
    types = ColumnTypes(name for log in logs[:1] for name in log.get("columns") or ())
    with (
        ShardWriter(draft, "traces") as traces,
        line_file(draft, "quarantine.jsonl.zst") as quarantine,
        line_file(draft, "context.jsonl") as context,
    ):
        for outcome in _outcomes(raw, source, ledger):
            _write(outcome, traces, quarantine, context)
            if isinstance(outcome, Row):
                types.add(outcome.columns)
    write_ledger(draft, ledger)
    return {
        "ledger": ledger.as_dict(),
        "formats": sorted({log["format"] for log in logs if log["format"]}),
        "rows": ledger.total("traces"),
        "declared_columns": types.as_dict(),
    }


def _outcomes(
    raw: Artifact, source: Manifest, ledger: Ledger
) -> Iterator[Row | Quarantined | Context]:
    with Seen() as seen:
        for log in (LogFile(**file) for file in source.about["files"]):
            counts = FileLedger(log.file, sha256=log.sha256, size=log.size, format=log.format)
            ledger.files.append(counts)
            with raw.open_seekable(log.file, source) as stored:
                yield from convert_file(open_plain(stored), log, seen=seen, ledger=counts)
        yield from convert_gathered(seen, ledger)


def _write(
    outcome: Row | Quarantined | Context,
    traces: ShardWriter,
    quarantine: LineFile,
    context: LineFile,
) -> None:
    match outcome:
        case Row():
            traces.write(converted_line(outcome))
        case Quarantined():
            quarantine.write(quarantine_line(outcome))
        case Context():
            context.write(context_line(outcome))
