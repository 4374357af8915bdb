"""What a flat log is told by: the names of its columns."""

from collections.abc import Sequence
from typing import Any, cast

from trace_assets.formats import Claim
from trace_assets.formats.csv.columns import guess, named
from trace_assets.mapping import Mapping
from trace_assets.reading.sample import TableRow

ARRAYS = ("data", "rows", "records", "logs", "interactions")
"""Under which keys a document may have its rows."""

_OF_CALLS = ("model", "time", "input_tokens", "output_tokens", "duration_s", "duration_ms")
"""What a log of model calls says even where it has none of their words."""

_AROUND = ("conversation", "order", "model", "output_tokens", "messages")


def detect(documents: Sequence[Any]) -> Claim | None:
    """Claim rows whose columns' names say who said what."""
    rows = _rows(documents)
    columns = tuple(dict.fromkeys(key for row in rows for key in row))
    if not columns:
        return None
    told = guess(columns)
    if told is None:
        return _calls(columns)
    if not _is_said_flat(rows, told) or (not _is_table(rows) and _are_messages(told)):
        return None
    what = ", ".join(
        f"`{column}` as {field}" for field, column in told.told().items() if column in columns
    )
    return Claim(1, f"the names of its columns, guessed: {what[:300]}")


def _is_table(rows: Sequence[dict[str, Any]]) -> bool:
    return isinstance(rows[0], TableRow)


def _are_messages(told: Mapping) -> bool:
    """Whether JSON rows are messages as a chat API has them, for which there are formats."""
    return told.role == "role" and told.text in ("content", "text")


def _rows(documents: Sequence[Any]) -> list[dict[str, Any]]:
    match documents:
        case [[*inner], *_]:
            each = cast("Sequence[Any]", inner)
        case [{**only}, *_] if len(lists := [only[key] for key in ARRAYS if key in only]) == 1:
            each = cast("list[Any]", lists[0]) if isinstance(lists[0], list) else documents
        case _:
            each = documents
    first = list(each[:20])
    return [cast("dict[str, Any]", row) for row in first if isinstance(row, dict)]


def _calls(columns: Sequence[str]) -> Claim | None:
    found = named(columns)
    told = [f"`{found[field]}`" for field in _OF_CALLS if field in found]
    if len(told) < 3 or "model" not in found:
        return None
    return Claim(1, f"a log of model calls without their words: {', '.join(told)}")


def _is_said_flat(rows: Sequence[dict[str, Any]], told: Mapping) -> bool:
    """Whether words stand in the rows themselves, and in more columns than might be by chance."""
    words = [column for column in (told.text, told.input, told.output, told.messages) if column]
    cells = [row[column] for row in rows for column in words if row.get(column) is not None]
    if not any(isinstance(cell, str) for cell in cells):
        return False
    if any(isinstance(cell, list | dict) for cell in cells):
        return False  # what stands in lists and objects is for the formats of messages
    return len(words) > 1 or told.role is not None or any(getattr(told, field) for field in _AROUND)
