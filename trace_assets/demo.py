"""`make demo`: the drops of the inbox through the real chain of assets, and where to look then."""

import json
import sys

from trace_assets.definitions import defs
from trace_assets.defs.backfill import backfill
from trace_assets.defs.partitions import drop_of
from trace_assets.defs.resources import Deployment
from trace_assets.errors import TraceAssetsError
from trace_assets.ledger import HEADINGS, Ledger
from trace_assets.progress import progress

LINEAGE = "http://127.0.0.1:3000/locations/trace_assets.definitions/asset-groups/traces/lineage"


def main() -> int:
    """Materialise every drop of the inbox and say what came of it."""
    try:
        return _run()
    except TraceAssetsError as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _run() -> int:
    with progress(0, unit="day") as bar:
        result = backfill(defs, sources=None, first=None, last=None, bar=bar, say=_say)
    days = [drop_of(key) for key in result.done if "|" in key]
    deployment = Deployment()
    for drop in days:
        manifest = deployment.artifact("valid_traces", drop).expect()
        _say(f"{drop.source} {drop.date}: {_sentence(Ledger.from_dict(manifest.about['ledger']))}")
    target = deployment.target_store()
    _say("\nOne dataset for each source, all days; its spec lies beside it:")
    for source in (key for key in result.done if "|" not in key):
        folder = f"{source}/all-days"
        about = json.loads(target.read(f"{folder}/manifest.json"))
        dataset = target.uri(f"{folder}/{about['key']}.jsonl")
        _say(f"  rows {about['rows']:3}  {dataset}")
    _say("\n`make dev` opens the Dagster UI on the same instance; its lineage is at")
    _say(f"  {LINEAGE}")
    return 1 if result.failed or not result.done else 0


def _sentence(ledger: Ledger) -> str:
    counts = ", ".join(f"{n} {name}" for name in HEADINGS if (n := ledger.total(name)))
    reasons = ", ".join(f"{count} {reason}" for reason, count in ledger.reasons().items())
    records = ledger.total("records")
    noun = "record" if records == 1 else "records"
    return f"{records} {noun} = {counts or 'none'}" + (reasons and f" ({reasons})")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
