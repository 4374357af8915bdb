"""enriched_traces: dataset rows with every fact filled in, and the facts as two tables."""

from typing import Any

from trace_assets.artifacts import Artifact, Draft, Manifest
from trace_assets.drops import Drop
from trace_assets.enrich import Defaults
from trace_assets.judge import judge_again
from trace_assets.package.tables import FactTables
from trace_assets.rows import columns_for, enriched_line
from trace_assets.stages.code import code_version
from trace_assets.stages.lines import ShardWriter, lines_of
from trace_assets.stages.stage import unless_done, version_of
from trace_assets.stages.text_report import TextReport

CODE = code_version(__name__)


def enrich(
    valid: Artifact, enriched: Artifact, *, drop: Drop, defaults: Defaults
) -> tuple[Manifest, bool]:
    """Compute the facts of every trace; whether anything had to be done."""
    source = valid.expect()
    config = [drop.source, drop.date, *defaults]
    version = version_of(code=CODE, inputs={"valid_traces": source.digest}, config=config)

    def make(draft: Draft) -> dict[str, Any]:
        declared = source.about.get("declared_columns", {})
        names = columns_for(source.about["formats"], declared)
        turns: dict[int, int] = {}
        text = TextReport()
        with (
            ShardWriter(draft, "traces") as traces,
            draft.create("traces.parquet") as trace_table,
            draft.create("turns.parquet") as turn_table,
            FactTables(trace_table, turn_table, declared) as tables,
        ):
            for line in lines_of(valid, "traces", source):
                done = enriched_line(
                    judge_again(line),
                    source=drop.source,
                    date=drop.date,
                    defaults=defaults,
                    names=names,
                )
                traces.write(done.line)
                tables.add(done.columns, done.facts)
                text.add(done.columns)
                count = done.columns["turns"]
                turns[count] = turns.get(count, 0) + 1
        distribution = {str(count): turns[count] for count in sorted(turns)}
        about = {"columns": names, "turns": distribution, "text": text.as_dict()}
        return source.about | about

    return unless_done(enriched, version, make, inputs=[(valid, source)])
