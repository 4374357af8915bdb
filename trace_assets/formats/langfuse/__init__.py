"""Langfuse traces: observations of model calls, tools and agents, from its API and its exports.

Source: https://langfuse.com/docs/api-and-data-platform/features/blob-storage-export-fields, the
public API of Langfuse (https://api.reference.langfuse.com) and the observations that distil labs
takes (seed 002).
Observed: a trace with its observations inside, or beside it under `{trace, observations}`, or
both; lists of these, bare or under `data`; rows of observations, traces and scores, each in files
of their own, in camelCase or, from a bucket, in snake_case, as JSON or as a table (CSV);
observations that have name, tags, session and user of their trace; the traces of the UI's table,
without observations, with their tokens and cost; the events of an ingestion (`batch`),
which create and update; a session with its `traces`; distil's `{id, input, output, metadata}` with
either shape of output. What was given and made is text, messages, a whole request or response, or
the arguments of a function, as JSON, as text of it (once or twice), or as Python prints it.
An observation that is logged several times is one: the last version counts, what it replaced is
under `earlier`. Traces with one session stay traces, with the session's id in a column.
A time without a zone is UTC. Where the trace has no `totalCost`, the column `total_cost` is the sum
over its model calls.
Where no generation shows a message, the conversation is what the trace, or else its first
observation, was given and made.
Residue: every other key of a generation or a tool is in its event's metadata, of another
observation in that of its span's begin, of a trace in `metadata.extra`; scores are under
`metadata.extra.scores`.
Dropped on purpose: the history that each generation repeats (counted in
`metadata.extra.repeated_messages`); `input` and `output` of a trace where an observation or an item
says the same; how a value was wrapped in text, where the trace has the decoded value; an
empty value of an observation that is logged more than once; the empty cells of a table; which of
its generations' names a key had (`trace_id` is `traceId`).
"""

from trace_assets.formats import Format, Gather
from trace_assets.formats.langfuse.detection import SHAPE, detect
from trace_assets.formats.langfuse.kinds import KINDS
from trace_assets.formats.langfuse.records import KNOWN_KINDS
from trace_assets.formats.langfuse.traces import COLUMNS, assemble, convert, key
from trace_assets.reading import read_json_or_table

__all__ = ["FORMAT", "KNOWN_KINDS"]

SILENT = frozenset(("metadata", "scores", "modelParameters"))
"""Settings and scores."""


FORMAT = Format(
    name="langfuse",
    spec_url="https://langfuse.com/docs/observability/data-model",
    detect=detect,
    shape=SHAPE,
    convert=convert,
    columns=COLUMNS,
    docs=__doc__ or "",
    gather=Gather(key, assemble),
    read=read_json_or_table,
    reads_json=True,
    silent=SILENT,
    kinds=KINDS,
)
