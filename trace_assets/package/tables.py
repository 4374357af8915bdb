"""The facts as two tables: `traces.parquet`, a row per trace; `turns.parquet`, a row per turn."""
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false
# pyarrow has no types of its own

from collections.abc import Mapping
from typing import IO, Any

import pyarrow as pa
from pyarrow import parquet

from trace_assets.custom_columns import BOOLEAN, FLOAT, INTEGER, STRING
from trace_assets.enrich import COLUMNS, Facts
from trace_assets.enrich.turns import TurnFacts
from trace_assets.trace import build

_BATCH = 5_000
_TYPES = {
    "turns": pa.int32(),
    "messages": pa.int32(),
    "tool_calls": pa.int32(),
    "tool_errors": pa.int32(),
    "input_tokens": pa.int64(),
    "output_tokens": pa.int64(),
    "total_tokens": pa.int64(),
    "cost_usd": pa.float64(),
    "duration_s": pa.float64(),
    "text_share": pa.float64(),
    "tags": pa.list_(pa.string()),
}
_NAMES = ("trace_id", "source", "date", "format", "source_uri", *COLUMNS)
TRACES = pa.schema([(name, _TYPES.get(name, pa.string())) for name in _NAMES])
_DECLARED = {
    STRING: pa.string(),
    INTEGER: pa.int64(),
    FLOAT: pa.float64(),
    BOOLEAN: pa.bool_(),
}
"""The types of declared columns."""

TURNS = pa.schema(
    [
        ("trace_id", pa.string()),
        ("turn", pa.int32()),
        ("messages", pa.int32()),
        ("tool_calls", pa.int32()),
        ("tool_errors", pa.int32()),
        ("input_tokens", pa.int64()),
        ("output_tokens", pa.int64()),
        ("cost_usd", pa.float64()),
        ("started_at", pa.string()),
        ("duration_s", pa.float64()),
    ]
)


class _Table:
    """A parquet file that is written in batches."""

    def __init__(self, file: IO[bytes], schema: pa.Schema) -> None:
        self._schema = schema
        self._writer = parquet.ParquetWriter(file, schema, compression="zstd")
        self._rows: list[tuple[Any, ...]] = []

    def add(self, row: tuple[Any, ...]) -> None:
        self._rows.append(row)
        if len(self._rows) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        if self._rows:
            columns = zip(zip(*self._rows, strict=True), self._schema.types, strict=True)
            arrays = [pa.array(values, kind) for values, kind in columns]
            self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
            self._rows.clear()

    def close(self) -> None:
        self.flush()
        self._writer.close()

    def abandon(self) -> None:
        # Else it would end the file when it is collected, and complain that the stream is closed.
        self._writer.is_open = False


class FactTables:
    """Writes both tables, a batch of rows at a time."""

    def __init__(
        self, traces: IO[bytes], turns: IO[bytes], declared: Mapping[str, str] | None = None
    ) -> None:
        self._declared = declared or {}
        fields = [(name, _DECLARED[kind]) for name, kind in self._declared.items()]
        self._traces = _Table(traces, pa.schema([*TRACES, *(pa.field(*each) for each in fields)]))
        self._turns = _Table(turns, TURNS)

    def __enter__(self) -> "FactTables":
        return self

    def __exit__(self, *error: object) -> None:
        tables = (self._traces, self._turns)
        try:
            if error[0] is None:
                for table in tables:
                    table.close()
        finally:
            for table in tables:
                table.abandon()

    def add(self, columns: dict[str, Any], facts: Facts) -> None:
        """Add a trace and its turns; turn -1 is what came before the first user message."""
        declared = (_typed(columns.get(name), kind) for name, kind in self._declared.items())
        self._traces.add((*map(columns.get, TRACES.names), *declared))
        for turn in facts.turns:
            self._turns.add(_turn_row(columns["trace_id"], turn))


def _typed(value: Any, kind: str) -> Any:
    """Return a value as its column takes it: as JSON in a column of texts."""
    if kind == STRING and value is not None and not isinstance(value, str):
        return build.json_text(value)
    return float(value) if kind == FLOAT and value is not None else value


def _turn_row(trace_id: str, turn: TurnFacts) -> tuple[Any, ...]:
    """The values of `TURNS`, in their order."""
    return (
        trace_id,
        turn.turn,
        turn.messages,
        turn.tool_calls,
        turn.tool_errors,
        turn.usage.input_tokens,
        turn.usage.output_tokens,
        turn.usage.cost_usd,
        turn.started_at if isinstance(turn.started_at, str) else None,
        turn.duration_s,
    )
