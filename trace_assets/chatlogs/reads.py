"""Records as exchanges, and exchanges as traces."""

from collections.abc import Sequence
from typing import NamedTuple

from trace_assets import chat
from trace_assets.chat import UnknownMessageError
from trace_assets.chatlogs.exchange import Exchange, NoConversationError, exchange
from trace_assets.chatlogs.made import trace_of
from trace_assets.chatlogs.requests import NoRequestError
from trace_assets.formats import Assembled, Part, Refused
from trace_assets.reading import Record


class Read(NamedTuple):
    """What one record says, or a request and its response that are two records."""

    parts: Sequence[int]
    record: Record
    exchange: Exchange


def read_parts(parts: Sequence[Part]) -> tuple[list[Read], dict[int, Refused]]:
    """The records that can be read as exchanges, and the others by their places."""
    reads: list[Read] = []
    refused: dict[int, Refused] = {}
    for number, part in enumerate(parts):
        try:
            reads.append(Read([number], part.record, exchange(part.record.value)))
        except UnknownMessageError as error:  # its opening was a conversation's
            refused[number] = Refused(number, reason_of(error), str(error), error.pointer)
    return reads, refused


def assembled(
    reads: Sequence[Read],
    trace_id: str,
    named: str | None,
    *,
    folded: chat.Folded | None = None,
    tags: Sequence[str] = (),
) -> Assembled:
    """The trace of one conversation, with the records that it is made of."""
    exchanges = [read.exchange for read in reads]
    converted = trace_of(exchanges, trace_id, named, folded=folded, tags=tags)
    return Assembled(converted, [part for read in reads for part in read.parts])


def reason_of(error: UnknownMessageError) -> str:
    """The code under which a record with this error is quarantined."""
    match error:
        case NoConversationError():
            return "no_conversation"
        case NoRequestError():
            return "no_request"
        case _:
            return "unknown_shape"
