"""Codex rollouts: the items of a session as the model was given and made them, and what happened.

Source: the files that Codex writes to `~/.codex/sessions/<year>/<month>/<day>/rollout-*.jsonl`,
https://github.com/openai/codex, `codex-rs/protocol/src/protocol.rs` (`RolloutLine`).
Observed: lines `{timestamp, type, payload}` with `session_meta`, `turn_context`, `response_item`,
`event_msg`, `compacted` and later ones like `world_state`; older files with bare items behind a
line `{id, timestamp, instructions}`; one document `{session, items}`; a list of lines. Events
repeat items for display, with and without their text. `token_count` comes after each model call,
in some files before its items or with a total only, and again without a new call. A file is a
session: lines name none.
The file of a fork or of a sub-agent can begin with a copy of its parent's lines, up to its own
first turn. Copied lines use no tokens and give no times. The copies in a sub-agent's file are in
`metadata.extra.inherited`; those in the file of a user's fork are items with `inherited`, because
the user goes on from them. The id of a fork is the last UUID in the file's name.
Turns that `thread_rolled_back` takes back are in `metadata.extra.branches`, with their tokens.
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
from itertools import pairwise
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
from trace_assets.formats.codex.kinds import KINDS, KNOWN_KINDS
from trace_assets.formats.codex.rollout import COLUMNS, Rollout
from trace_assets.formats.codex.session import session_starts
from trace_assets.reading import Record, Shape

__all__ = ["FORMAT", "KNOWN_KINDS"]

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
    """One trace of all lines of a file, or several if rollouts were joined to one file."""
    starts = [*session_starts(parts), len(parts)]
    for begin, end in pairwise(starts):
        yield from _assembled(parts, range(begin, end))


def _assembled(parts: Sequence[Part], lines: range) -> Iterable[Assembled | Refused]:
    rollout = Rollout(parts[lines.start : lines.stop])
    for number in lines:  # a rollout counts its own lines
        try:
            rollout.add(number - lines.start, parts[number].record.value)
        except UnknownMessageError as error:
            message = f"its item is of no known shape: {error}"
            rollout.refused.append(Refused(number, "unknown_shape", message, error.pointer))
    yield from rollout.refused
    numbers = sorted(set(lines) - {each.part for each in rollout.refused})
    if not rollout.size:
        message = "the file has no message of its session"
        yield from (Refused(number, "no_conversation", message) for number in numbers)
        return
    yield Assembled(Converted(rollout.trace(), rollout.columns()), numbers)


FORMAT = Format(
    name="codex",
    spec_url="https://github.com/openai/codex",
    detect=detect,
    shape=SHAPE,
    convert=no_record_alone,
    columns=COLUMNS,
    docs=__doc__ or "",
    gather=Gather(key, assemble, is_by_file=True),
    kinds=KINDS,
)
