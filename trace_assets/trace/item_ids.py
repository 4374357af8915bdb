"""Item ids that readers can rely on: unique and not empty in their trace.

LatticeFlow's tutorial gives a call and its output one id, and its SDK writes messages with the id
"". The SDK loads such traces, so a trace is not wrong for it. Calls and outputs are linked by their
`call_id` alone.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, cast

ORIGINAL = "original_id"
"""The key under which an item keeps an id that was replaced."""

_WITHOUT_ID = ("custom_task_input_message", "custom_task_output_message")


def new_item_ids(trace: Mapping[str, Any], trace_id: str | None) -> dict[int, str]:
    """Return the ids that items need, by position: for ids that are missing, empty or repeated.

    >>> new_item_ids({"items": [{"id": "a"}, {"id": ""}, {"id": "b"}, {"id": "b"}]}, "t")
    {1: 't:1', 2: 't:2', 3: 't:3'}
    """
    items = trace.get("items")
    if not isinstance(items, list):
        return {}
    ids = {at: _id_of(item) for at, item in enumerate(cast("list[Any]", items))}
    counts = Counter(own for own in ids.values() if own)
    taken = {own for own, count in counts.items() if count == 1}
    found: dict[int, str] = {}
    for at, own in ids.items():
        if own == "" or (own and counts[own] > 1):
            found[at] = free_id(f"{trace_id or 'item'}:{at}", taken)
    return found


def _id_of(item: Any) -> str | None:
    """The id of an item, "" where it lacks one, None where it needs none or is malformed."""
    match item:
        case {"type": kind} if kind in _WITHOUT_ID:
            return None
        case {"id": str(own)}:
            return own
        case {"id": None}:
            return ""
        case {"id": _}:
            return None
        case {}:
            return ""
        case _:
            return None


def free_id(name: str, taken: set[str]) -> str:
    """Return a name that is not taken yet, and take it."""
    while name in taken:
        name += "'"
    taken.add(name)
    return name
