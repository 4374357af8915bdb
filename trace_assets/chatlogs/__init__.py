"""Logs of what chat APIs were sent and answered, of any API: records in, traces out.

What makes a format of it is whose words it tells a log by; see `formats/openai_messages.py`:

    FORMAT = Format(..., convert=chatlogs.convert, gather=chatlogs.GATHER, ...)
"""

from trace_assets.chatlogs.detect import told
from trace_assets.chatlogs.kinds import KINDS
from trace_assets.chatlogs.made import COLUMNS
from trace_assets.chatlogs.traces import GATHER, convert

SILENT = frozenset(
    (
        "rejected",
        "rejected_messages",
        "rejected_output",
        "non_preferred_output",
        "test_result",
        "eval_logs",
        "patch",
        "test_patch",
        "reference_answer",
        "reward_info",
        "documents",
    )
)
"""Keys of answers that were not chosen, of tests and their results, and of retrieved documents."""

__all__ = ["COLUMNS", "GATHER", "KINDS", "SILENT", "convert", "told"]
