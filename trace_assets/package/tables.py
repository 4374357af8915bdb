"""The facts as two tables: `traces.parquet`, a row per trace; `turns.parquet`, a row per turn."""
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false
# pyarrow has no types of its own

from typing import IO, Any

import pyarrow as pa
from pyarrow import parquet

from trace_assets.enrich import COLUMNS, Facts
from trace_assets.enrich.turns import TurnFacts

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

    def __init__(self, traces: IO[bytes], turns: IO[bytes]) -> None:
        self._traces = _Table(traces, TRACES)
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
        self._traces.add(tuple(map(columns.get, TRACES.names)))
        for turn in facts.turns:
            self._turns.add(_turn_row(columns["trace_id"], turn))


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
