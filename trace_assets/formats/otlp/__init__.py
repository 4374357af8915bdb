"""OpenTelemetry spans and log records: OTLP/JSON, dumps of spans, Jaeger; all GenAI attributes.

Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding for the containers, and for
the attributes https://github.com/open-telemetry/semantic-conventions-genai and the sources that
each file under `formats/otlp/dialects/` names.
Observed: `resourceSpans` and `resourceLogs`, in camelCase and snake_case, one document per file,
one per line, or pretty-printed one after the other; Tempo's `batches`; Jaeger's `data[].spans`;
spans one by one, bare, under `spans`, `rows`, `traces[].spans` or any names, nested or as columns
of a table; whole requests in an array; log records that a console exporter printed between spans;
the messages of events of CloudWatch Logs.
Ids are hex, base64 or `0x`, integers text, enums names or numbers. What was said is in attributes
or events of five generations, in log records that name the span, or only in the agent or chain
around calls whose contents were not recorded. Google ADK has the request and the response of a
model in attributes of its own, AWS the input and output of each span in a log record. Messages in
log records that name a trace and no span belong to its model calls: to the only one, in the order
of the answers, or by time. A message that has a role and no content, or a placeholder such as
`<elided>`, is no message; it is under `messages_without_content`. A part `compaction` becomes a
system message. What ADK reports to one agent about another (`For context:`) becomes a developer
message. Ids that ADK makes of a tool's name and a position are under `position_id`. Of several
choices, the first one is the answer; the other ones are under `other_choices`. Telemetry events of
Claude Code, Codex and Gemini CLI without spans are one trace for each session.
Spans of one trace are brought together from all files of a drop; a record without a trace id is a
trace by itself. A span that was exported again, as it was or grown, counts once; a different one
with the same id is kept, too.
Residue: every attribute that is mapped to nothing is in the metadata of its span's event, and there
the other fields of the span (`kind`, `links`, `status`, scope) under `span`. Who sent the spans is
in `metadata.extra.resources`, what was odd in `metadata.extra.span_defects`. Events of a span that
are no messages, and other log records, are events of the trace. A span that only log records name
begins and ends with these; the record of a span around a model call, which repeats its answer, is
its parent. An agent inside a model call took over from the agent that made it: its span is moved
beside that agent, and `original_parent_id` is where it was.
Dropped on purpose: messages that a later call repeats from an earlier one (counted in
`metadata.extra.repeated_messages`); a whole request or response beside the numbered attributes that
say all of it; empty fields (`""`), nulls, a status that is not set (`UNSET`), and zeros that say
that nothing was dropped. Ids become hex, times ISO 8601 (the `duration` of Jaeger the end that it
gives, a reference `CHILD_OF` the parent), typed values plain ones.
"""

from trace_assets.formats import Format, Gather, whole_record
from trace_assets.formats.otlp import bundles, flat, jaeger, protocol
from trace_assets.formats.otlp.assemble import COLUMNS, assemble, convert
from trace_assets.formats.otlp.detect import detect
from trace_assets.formats.otlp.kinds import KINDS
from trace_assets.formats.otlp.records import key
from trace_assets.reading import Shape

SHAPE = Shape(
    arrays=(*protocol.SPANS, *protocol.LOGS, *jaeger.SPANS, *flat.SPANS),
    whole=flat.OF_A_SPAN,
    first=(*protocol.AROUND, *jaeger.AROUND, *flat.AROUND),
)

FORMAT = Format(
    name="otlp",
    spec_url="https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding",
    detect=detect,
    shape=SHAPE,
    convert=convert,
    columns=COLUMNS,
    docs=__doc__ or "",
    read=bundles.read,
    reads_json=True,
    gather=Gather(key=key, assemble=assemble, identity=whole_record),
    kinds=KINDS,
)
