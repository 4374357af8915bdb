"""Langfuse traces: observations of model calls, tools and agents, from its API and its exports.

Source: https://langfuse.com/docs/api-and-data-platform/features/blob-storage-export-fields, the
public API of Langfuse (https://api.reference.langfuse.com) and the observations that distil labs
takes (seed 002).
Observed: a trace with its observations inside, or beside it under `{trace, observations}`, or
both; lists of these, bare or under `data`; rows of observations, traces and scores, each in files
of their own, in camelCase or, from a bucket, in snake_case; the events of an ingestion (`batch`),
which create and update; a session with its `traces`; distil's `{id, input, output, metadata}` with
either shape of output. What was given and made is text, messages, a whole request or response, or
the arguments of a function, as JSON, as text of it (once or twice), or as Python prints it.
An observation that is told several times is one: what was said last counts, what it replaced is
under `earlier`. Traces with one session stay traces, with the session's id in a column.
Where no generation shows a message, the conversation is what the trace, or else its first
observation, was given and made.
Residue: every other key of a generation or a tool is in its event's metadata, of another
observation in that of its span's begin, of a trace in `metadata.extra`; scores are under
`metadata.extra.scores`.
Dropped on purpose: the history that each generation repeats (counted in
`metadata.extra.repeated_messages`); `input` and `output` of a trace where an observation or an item
says the same; how a value was wrapped in text, where it is told as the value that it holds; an
empty value of a thing that is told more than once; which of its generations' names a key
had (`trace_id` is `traceId`).
"""

from trace_assets.formats import Format, Gather
from trace_assets.formats.langfuse.detection import SHAPE, detect
from trace_assets.formats.langfuse.traces import COLUMNS, assemble, convert, key

FORMAT = Format(
    name="langfuse",
    spec_url="https://langfuse.com/docs/observability/data-model",
    detect=detect,
    shape=SHAPE,
    convert=convert,
    columns=COLUMNS,
    docs=__doc__ or "",
    gather=Gather(key, assemble),
)
