"""Which drops of the inbox need a run: decided from listings, without Dagster and the clock.

A drop is what lies under `<source>/<YYYY-MM-DD>/`. Its fingerprint covers name, size and version
of every file, so late files of an old day, and files that changed, ask for that day again.

    scan      list the inbox within a time budget, going on next time where it stopped
    changed   compare with what was seen before, and leave alone what is still growing
    Cursor    what is remembered in between, as a small text

    cursor = Cursor.loads(text)
    found = scan(inbox, cursor.place, left_out=left_out, budget=has_time)
    decision = changed(found.groups, cursor.seen, now=now, settle=settle, limit=20)
    text = Cursor(decision.seen, found.place).dumps()
"""

from trace_assets.drops.cursor import Cursor
from trace_assets.drops.decision import Decision, changed
from trace_assets.drops.inbox import (
    Drop,
    Group,
    LeftOut,
    drop_of,
    drops_in,
    files_of,
    is_source_name,
)
from trace_assets.drops.scan import Place, Scan, scan

__all__ = [
    "Cursor",
    "Decision",
    "Drop",
    "Group",
    "LeftOut",
    "Place",
    "Scan",
    "changed",
    "drop_of",
    "drops_in",
    "files_of",
    "is_source_name",
    "scan",
]
