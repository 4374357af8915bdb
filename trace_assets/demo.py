"""`make demo`: processes the example drops with the real chain of assets and prints the results.

The examples are copied into the default inbox, which `make dev` reads too. If TRACE_ASSETS_INBOX
names another inbox, nothing is copied and every drop of that inbox is processed.
"""

import json
import os
import sys
from pathlib import Path

from trace_assets.definitions import defs
from trace_assets.defs.backfill import backfill
from trace_assets.defs.partitions import drop_of
from trace_assets.defs.resources import Deployment
from trace_assets.errors import TraceAssetsError
from trace_assets.ledger import HEADINGS, Ledger
from trace_assets.places import Places
from trace_assets.progress import progress

EXAMPLES = Path("examples/inbox")

LINEAGE = "http://127.0.0.1:3000/locations/trace_assets.definitions/asset-groups/traces/lineage"


def main() -> int:
    """Materialize the drops and print the counts of each day and the path of each dataset."""
    inbox = Places.of(os.environ).inbox
    try:
        sources = copy_examples(Path(inbox)) if inbox == Places().inbox else None
        return _run(sources)
    except TraceAssetsError as error:
        sys.stderr.write(f"{error}\n")
        return 2


def copy_examples(inbox: Path) -> list[str]:
    """Copy the example drops into an inbox, and return their sources.

    A file that the inbox holds already with the same content is left as it is: a new time of
    change would make the sensor process its drop again.
    """
    for example in sorted(path for path in EXAMPLES.rglob("*") if path.is_file()):
        copy = inbox / example.relative_to(EXAMPLES)
        content = example.read_bytes()
        if copy.is_file() and copy.read_bytes() == content:
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        unfinished = copy.with_name(f".{copy.name}.part")  # the sensor ignores hidden files
        unfinished.write_bytes(content)
        unfinished.replace(copy)
    return sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())


def _run(sources: list[str] | None) -> int:
    with progress(0, unit="day") as bar:
        result = backfill(defs, sources=sources, first=None, last=None, bar=bar, say=_say)
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
    _say(f"\nThe inbox is {deployment.inbox_store().uri()}: put your own logs there, as")
    _say("  <source>/<YYYY-MM-DD>/anything.json")
    _say(
        "\n`make dev` starts the Dagster UI and the sensor on the same instance; the lineage is at"
    )
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
