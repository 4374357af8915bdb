"""Claude Code sessions: one line per message block, hook or snapshot, linked as a tree.

Source: the files that Claude Code writes to `~/.claude/projects/<project>/<session>.jsonl`,
https://docs.claude.com/en/docs/claude-code, their behaviour as told in
https://github.com/anthropics/claude-code/issues (31330, 35024, 37779), and what it streams with
`--output-format stream-json`.
Observed: a line per content block; lines of one message share `message.id` and repeat a growing
usage. `parentUuid` makes a tree: parallel calls fork it, and so does going back. Sub-agents as
files of their own (`agent-*.jsonl`, also under `<session>/subagents/`), or as `isSidechain` lines
of their session's file. Compaction (`compact_boundary`, `isCompactSummary`), `/clear`, attachments
with the system prompt and tools. Streams without `uuid`, a list of lines, `loglines` of the web,
recordings of the SDK's control protocol, lines with lone calls and results, and lines that
converters of other tools have written so.
A trace is the way from the beginning to the newest message, with all results of parallel calls;
`/clear` begins another one, compaction does not. What a sub-agent does is a trace of its own, with
its prompt as the user's message: it is a conversation that can be judged by itself, and its turns
would interrupt that of its session. `agent_id` and `session_id` link the two.
Residue: every other key of a line is an extra key of the first item made from it, what each line
repeats (`sessionId`, `cwd`, `version` ...) is in `metadata.extra` once, and at an item where it
differs. The last item of a message has its `usage`, earlier ones a different `usage_so_far`. A line
that is no message is an event, `custom`, `error` or `compaction`, that says behind which item it
came; one without a time, where others have it, is in `metadata.extra.untimed_events`. Abandoned
branches are in `metadata.extra.branches`, each with its items and the item behind which it began;
their tokens are not in the trace's counts. Tools of an attachment are in `metadata.extra.tools`.
Dropped on purpose: a line that copies another one (same `uuid`, same content) in a resumed or
forked session's file is counted as a duplicate: what it says of its own session, folder, version,
time and parent is not kept. The system prompt is told once, however often it is attached alike.
"""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from trace_assets.formats import (
    Assembled,
    Copies,
    Format,
    Gather,
    Part,
    Refused,
    UnknownShapeError,
    no_record_alone,
)
from trace_assets.formats.claude_code.conversations import conversations
from trace_assets.formats.claude_code.detection import detect
from trace_assets.formats.claude_code.lines import Line, opened
from trace_assets.formats.claude_code.traces import COLUMNS, traces_of
from trace_assets.reading import Record, Shape
from trace_assets.trace.build import encode

SHAPE = Shape(
    arrays=("loglines", "messages"),
    whole=("type", "sessionId", "uuid", "message"),
)

_COPIES_CHANGE = (
    "parentUuid",
    "logicalParentUuid",
    "sessionId",
    "forkedFrom",
    "timestamp",
    "cwd",
    "gitBranch",
    "version",
    "slug",
    "userType",
    "entrypoint",
)
"""What a resumed session writes anew into the lines that it copies."""


def key(record: Record, _context: Mapping[str, Any]) -> str | None:
    """The file: some lines name no session, and a file is a session.

    Raises:
        UnknownShapeError: the record is no line of a session.
    """
    match record.value:
        case {"type": str()} | {"message": {"role": str()}} | {"direction": _, "message": {}}:
            return record.place.file
        case _:
            raise UnknownShapeError(
                "", "expected a line with a `type`, or with a `message` that has a `role`"
            )


def identity(record: Record) -> str | None:
    """The line's own id with its content: hand-made and scrubbed logs repeat ids for others."""
    uuid = record.value.get("uuid")
    if not isinstance(uuid, str) or not uuid:
        return None
    own = dict(record.value)
    for name in _COPIES_CHANGE:
        own.pop(name, None)
    return f"{uuid} {sha256(encode(own)).hexdigest()}"


def links(record: Record) -> Sequence[str]:
    """The line's own id: a resumed or forked session is one tree with the session it goes on."""
    uuid = record.value.get("uuid")
    return (uuid,) if isinstance(uuid, str) and uuid else ()


def assemble(parts: Sequence[Part]) -> Iterable[Assembled | Copies | Refused]:
    """The conversations of the lines, and of their sub-agents."""
    lines = [
        Line(number, part.record.place.file, opened(part.record.value))
        for number, part in enumerate(parts)
    ]
    for conversation in conversations(lines):
        yield from traces_of(conversation, parts)


SILENT = frozenset(("toolUseResult", "commands", "agents", "models", "snapshot"))
"""What repeats a tool's result for the client, and what the client offers."""


FORMAT = Format(
    name="claude_code",
    spec_url="https://docs.claude.com/en/docs/claude-code",
    detect=detect,
    shape=SHAPE,
    convert=no_record_alone,
    columns=COLUMNS,
    docs=__doc__ or "",
    gather=Gather(key, assemble, identity, links),
    silent=SILENT,
)
