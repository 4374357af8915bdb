"""Dataset rows: a trace in the column `trace`, and flat columns beside it.

A stage that changes a few columns copies the trace's bytes instead of building it again.
"""

from typing import Any

import msgspec

from trace_assets.errors import InvalidTraceError


class RawRow(msgspec.Struct, kw_only=True):
    """A row taken apart: its trace in raw parts, the other columns decoded."""

    trace: dict[str, msgspec.Raw]
    """The keys of the trace, in order: `FORMAT`, `items`, and those of `metadata`, `events`,
    `span_id`, `span_name`, `span_type` that are there."""

    columns: dict[str, Any]
    """Every column but `trace`."""

    def trace_json(self) -> bytes:
        """Return the trace as JSON, for `gate.decode`."""
        return msgspec.json.encode(self.trace)


_row = msgspec.json.Decoder(dict[str, msgspec.Raw])


def split(line: bytes) -> RawRow:
    """Take a row apart; the trace is not checked, see `gate.decode`.

    Raises:
        InvalidTraceError: the line is no JSON object, or its `trace` none.
    """
    try:
        columns = _row.decode(line)
        trace = _row.decode(columns.pop("trace"))
        others = {name: msgspec.json.decode(value) for name, value in columns.items()}
    except KeyError:
        raise InvalidTraceError(["trace: required"]) from None
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InvalidTraceError([f"row: {error}"]) from error
    return RawRow(
        trace={key: msgspec.Raw(bytes(value)) for key, value in trace.items()}, columns=others
    )


def join(row: RawRow) -> bytes:
    """Put a row together again, its trace first, on one line without the newline."""
    return msgspec.json.encode({"trace": row.trace, **row.columns})
