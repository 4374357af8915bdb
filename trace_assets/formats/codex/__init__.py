"""Codex rollouts: the items of a session as the model was given and made them, and what happened.

Source: the files that Codex writes to `~/.codex/sessions/<year>/<month>/<day>/rollout-*.jsonl`,
https://github.com/openai/codex, `codex-rs/protocol/src/protocol.rs` (`RolloutLine`).
Observed: lines `{timestamp, type, payload}` with `session_meta`, `turn_context`, `response_item`,
`event_msg`, `compacted` and later ones like `world_state`; older files with bare items behind a
line `{id, timestamp, instructions}`; one document `{session, items}`; a list of lines. Events
repeat items for display, with and without their text. `token_count` comes after each model call,
and again without a new one. A file is a session: lines name none.
Residue: every other key of an item and of its line is an extra key of the item; the first
`session_meta` is in `metadata.extra`, its base instructions are the system message, and how many
lines there were of each type is in `metadata.extra.line_types`. A line that is no item is an event,
`custom`, `error` or `compaction`, that says behind which item it came; one without a time, where
others have it, is in `metadata.extra.untimed_events`. The `usage` of a model call is at the last
item that it made: cached input is part of `input_tokens`.
Dropped on purpose: the text of an event that repeats an item, for it would be there twice; the
event stays, with what else it says. A `turn_context` like the one before it keeps its time only.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trace_assets.chat import UnknownMessageError
from trace_assets.formats import (
    Assembled,
    Converted,
    Format,
    Gather,
    Part,
    Refused,
    UnknownShapeError,
    no_record_alone,
)
from trace_assets.formats.codex.detection import detect
from trace_assets.formats.codex.telling import COLUMNS, Telling
from trace_assets.reading import Record, Shape

SHAPE = Shape(
    arrays=("items",), whole=("type", "payload", "role", "record_type"), first=("session",)
)


def key(record: Record, _context: Mapping[str, Any]) -> str | None:
    """The file: no line names its session but the first.

    Raises:
        UnknownShapeError: the record is no line of a rollout.
    """
    match record.value:
        case {"type": str()} | {"role": str()} | {"record_type": str()}:
            return record.place.file
        case {"id": _, "timestamp": _}:
            return record.place.file
        case _:
            raise UnknownShapeError("", "expected a line with a `type`, or an item with a `role`")


def assemble(parts: Sequence[Part]) -> Iterable[Assembled | Refused]:
    """One trace of all lines of a file."""
    told = Telling(parts)
    for number, part in enumerate(parts):
        try:
            told.add(part.record.value)
        except UnknownMessageError as error:
            message = f"its item is none that is known: {error}"
            told.refused.append(Refused(number, "unknown_shape", message, error.pointer))
    yield from told.refused
    numbers = sorted(set(range(len(parts))) - {each.part for each in told.refused})
    if not told.size:
        message = "it tells of a session of which no message is in the file"
        yield from (Refused(number, "no_conversation", message) for number in numbers)
        return
    yield Assembled(Converted(told.trace(), told.columns()), numbers)


FORMAT = Format(
    name="codex",
    spec_url="https://github.com/openai/codex",
    detect=detect,
    shape=SHAPE,
    convert=no_record_alone,
    columns=COLUMNS,
    docs=__doc__ or "",
    gather=Gather(key, assemble, is_by_file=True),
)
