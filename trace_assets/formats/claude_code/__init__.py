"""Claude Code sessions: one line per message block, hook or snapshot, linked as a tree.

Source: the files that Claude Code writes to `~/.claude/projects/<project>/<session>.jsonl`,
https://docs.claude.com/en/docs/claude-code, their behaviour as described in
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
`/clear` begins another one, compaction does not. Answers that all name the user's line as parent,
each after the tool results of the one before, follow one another. A line that its file has a second
time is a point to which later lines link. What a sub-agent does is a trace of its own, with
its prompt as the user's message: it is a conversation that can be judged by itself, and its turns
would interrupt that of its session. `agent_id` and `session_id` link the two.
A session that only goes on with another one is one trace with it. Sessions that `/branch` made,
each with an end of its own, are a trace each. Lines copied from the source are items with
`inherited`; their `inherited_usage` does not count again.
A message that the user queued, and that only a `queue-operation` has, is the user's message at the
place where the model absorbed it. An error of the API in place of an answer is an `error` event.
Residue: every other key of a line is an extra key of the first item made from it, what each line
repeats (`sessionId`, `cwd`, `version` ...) is in `metadata.extra` once, and at an item where it
differs. The last item of a message has its `usage`, earlier ones a different `usage_so_far`. A line
that is no message is an event, `custom`, `error` or `compaction`, that says behind which item it
came; one without a time, where others have it, is in `metadata.extra.untimed_events`. Abandoned
branches are in `metadata.extra.branches`, each with its items and the item behind which it began;
their tokens are not in the trace's counts. Tools of an attachment are in `metadata.extra.tools`.
Dropped on purpose: a line that copies another one (same `uuid`, same content) in its own file, or
in the file of a session that goes on with another one, is counted as a duplicate; its own
session, folder, version, time and parent are not kept. The system prompt is an item once,
however often it is attached alike.
"""

from collections.abc import Iterable, Mapping, Sequence
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
from trace_assets.formats.claude_code.kinds import KINDS, KNOWN_KINDS
from trace_assets.formats.claude_code.lines import Line, opened
from trace_assets.formats.claude_code.queue import mark_queued
from trace_assets.formats.claude_code.traces import COLUMNS, traces_of
from trace_assets.reading import Record, Shape

__all__ = ["FORMAT", "KNOWN_KINDS"]

SHAPE = Shape(
    arrays=("loglines", "messages"),
    whole=("type", "sessionId", "uuid", "message"),
)


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
    mark_queued(lines)
    found, copies = conversations(lines)
    if copies:
        yield Copies(copies)
    for conversation in found:
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
    gather=Gather(key, assemble, links=links),
    silent=SILENT,
    kinds=KINDS,
)
