"""How much of the text of a day was read, and the traces of which least was read."""

from collections.abc import Mapping
from heapq import heappush, heappushpop
from typing import Any

from trace_assets.guards import UNREAD_TEXT

_WORST = 10


class TextReport:
    """Notes the share of each trace; memory holds the worst ones only."""

    def __init__(self) -> None:
        self._unread = 0
        self._worst: list[tuple[float, str, str]] = []

    def add(self, columns: Mapping[str, Any]) -> None:
        """Note a trace by the columns of its row."""
        self._unread += UNREAD_TEXT in columns["tags"]
        share = columns["text_share"]
        if share is None or share == 1:
            return
        entry = (-share, columns["trace_id"], columns["source_uri"])
        if len(self._worst) < _WORST:
            heappush(self._worst, entry)
        else:
            heappushpop(self._worst, entry)

    def as_dict(self) -> dict[str, Any]:
        """How many traces are tagged `unread_text`, and the worst traces, the worst one first."""
        worst = sorted(self._worst, reverse=True)
        return {
            "unread": self._unread,
            "worst": [
                {"text_share": -share, "trace_id": own, "source_uri": uri}
                for share, own, uri in worst
            ],
        }
