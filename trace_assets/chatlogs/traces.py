"""Records of a chat log as traces: `key`, `identity`, `assemble` and `convert` of its formats.

Formats of one mechanism differ in whose words they tell a log by; what is then in it is told record
by record, for one log may hold several APIs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar

from trace_assets import chat
from trace_assets.chat import Piece, UnknownMessageError
from trace_assets.chatlogs import facts
from trace_assets.chatlogs.batches import of_batch
from trace_assets.chatlogs.exchange import (
    NoConversationError,
    beginning,
    exchange,
    has_answer,
)
from trace_assets.chatlogs.linking import batch_id, response_ids
from trace_assets.chatlogs.made import in_time, trace_of, trace_of_messages
from trace_assets.chatlogs.nodes import have_links, nodes_of
from trace_assets.chatlogs.reads import Read, assembled, read_parts, reason_of
from trace_assets.chatlogs.shapes import is_answer, is_message
from trace_assets.chatlogs.stored import linked, of_named_responses, of_responses
from trace_assets.chatlogs.streams import stream_of, streamed
from trace_assets.chatlogs.threads import opening, threads
from trace_assets.chatlogs.trees import is_header, marked_leaf, tree_of
from trace_assets.formats import (
    Assembled,
    Converted,
    Gather,
    Part,
    Refused,
    UnknownShapeError,
)
from trace_assets.reading import Record
from trace_assets.trace import build, marks

T = TypeVar("T")


def convert(record: Record, _context: Mapping[str, Any]) -> Converted:
    """A record that is a trace by itself: an answer of an API, with no request beside it."""
    trace_id = facts.own_id(record.value) or build.record_id(record.raw)
    return trace_of([_known(exchange, record.value)], trace_id, None)


def key(record: Record, _context: Mapping[str, Any]) -> str | None:
    """What the records of one conversation share: its id, its opening, or for messages the file."""
    value = record.value
    if (stream := stream_of(value)) is not None:
        return f"stream:{stream}:{record.place.file}"
    if is_lone_message(value):
        place, named = record.place, facts.conversation_of(value)
        document = place.fragment.rpartition("/")[0]
        return f"messages:{named}" if named else f"document:{document}:{place.file}"
    if is_header(value):
        return f"messages:{value['id']}"
    if isinstance(value, dict) and is_answer(value):
        return None
    return _key_of_exchange(value)


def _key_of_exchange(value: Any) -> str | None:
    """What a request, or a conversation in one record, shares with others of its conversation."""
    if (batch := batch_id(value)) is not None:
        return f"batch:{batch}"
    if (named := facts.conversation_of(value)) is not None:
        return f"conversation:{named}"
    if (ids := response_ids(value)).previous is not None:
        return f"response:{ids.own or ids.previous}"
    own = facts.own_id(value)
    if own is not None and not has_answer(value):
        return f"own:{own}"
    given = _known(beginning, value)
    return f"opening:{opening(given)}" if given else None


def links(record: Record) -> Sequence[str]:
    """The ids of the responses by which a record and others are one conversation."""
    value = record.value
    if not isinstance(value, dict) or is_answer(value):
        return ()
    own, previous, _ = response_ids(value)
    return [f"response:{name}" for name in (own, previous) if name is not None]


def identity(record: Record) -> str | None:
    """A record's bytes; two messages with the same bytes may both have been said."""
    is_part = is_lone_message(record.value) or stream_of(record.value) is not None
    return None if is_part else sha256(record.raw).hexdigest()


def is_lone_message(value: Any) -> bool:
    """Whether a record is one message of a conversation, and not a whole answer of an API."""
    return is_message(value) and not is_answer(value)


def assemble(parts: Sequence[Part]) -> Iterator[Assembled | Refused]:
    """The traces that the records of one key are."""
    first = parts[0].record.value
    if stream_of(first) is not None:
        yield from _of_events(parts)
        return
    if is_lone_message(first) or is_header(first):
        yield from _of_messages(parts)
        return
    reads, refused = read_parts(parts)
    if batch_id(first) is not None:
        yield from of_batch(parts, reads, refused)
        return
    yield from refused.values()
    if not reads:
        return
    is_whole = all(each.reason == "no_conversation" for each in refused.values())
    yield from _of_group(reads, () if is_whole else (marks.INCOMPLETE,))


def _of_group(reads: Sequence[Read], tags: Sequence[str]) -> Iterator[Assembled]:
    """The conversations of a group: its records share an id, a beginning, or linked responses."""
    if len({facts.conversation_of(read.record.value) for read in reads}) > 1:
        # Each call has an id of its own: the linked responses show the conversation.
        ids = [response_ids(read.record.value) for read in reads]
        chained = linked(ids)
        yield from of_responses(reads, ids, chained)
        reads = [read for place, read in enumerate(reads) if place not in chained]
    named: dict[str | None, list[Read]] = {}
    for read in reads:
        named.setdefault(facts.conversation_of(read.record.value), []).append(read)
    for name, members in named.items():
        if name is not None:
            yield from _of_named(members, name, tags)
        else:
            yield from _of_exchanges(members)


def _of_named(reads: Sequence[Read], named: str, tags: Sequence[str]) -> Iterator[Assembled]:
    """The conversation of the records with one id."""
    reads = in_time(reads, [read.exchange.said for read in reads])
    ids = [response_ids(read.record.value) for read in reads]
    if any(each.is_stateful for each in ids):
        yield from of_named_responses(reads, ids, named, tags)
    else:
        yield assembled(reads, named, named, tags=tags)


def _of_exchanges(reads: Sequence[Read]) -> Iterator[Assembled]:
    """The conversations of records that share no id of a conversation."""
    ids = [response_ids(read.record.value) for read in reads]
    if chained := linked(ids):
        yield from of_responses(reads, ids, chained)
        reads = [read for place, read in enumerate(reads) if place not in chained]
    yield from _of_threads(reads)


def _of_threads(reads: Sequence[Read]) -> Iterator[Assembled]:
    """The conversations of requests that repeat their history."""
    taken: set[str] = set()
    exchanges = [read.exchange for read in reads]
    for thread in threads(exchanges) if reads else ():
        members = [reads[place] for place in thread]
        lead = members[0]
        own = None if has_answer(lead.record.value) else facts.own_id(lead.record.value)
        if own is None or own in taken:
            own = build.record_id(lead.record.raw)
        taken.add(own)
        yield assembled(members, own, None)


def _of_messages(parts: Sequence[Part]) -> Iterator[Assembled | Refused]:
    """One conversation of messages that are a record each."""
    said: list[_Message] = []
    headers: list[int] = []
    for number, part in enumerate(parts):
        if is_header(part.record.value):
            headers.append(number)
            continue
        try:
            said.append(_Message(number, part.record, chat.pieces(part.record.value)))
        except UnknownMessageError as error:
            yield from _refused(parts, number, error)
            return
    if not said:
        missing = NoConversationError("", "a conversation without its messages")
        yield from _refused(parts, 0, missing)
        return
    marked = next((marked_leaf(parts[number].record.value) for number in headers), None)
    said = in_time(said, [each.record.value for each in said])
    values = [each.record.value for each in said]
    try:
        tree = tree_of(nodes_of(values), marked) if have_links(values) else None
    except UnknownMessageError as error:
        yield from _refused(parts, said[0].part, error)
        return
    path = said if tree is None else [said[place] for place in tree.path]
    branches = [[said[place] for place in branch] for branch in tree.branches] if tree else []
    yield _conversation(path, branches, [parts[number].record for number in headers], headers)


class _Message(NamedTuple):
    """A part that is one message."""

    part: int
    record: Record
    pieces: list[Piece]


def _conversation(
    path: Sequence[_Message],
    branches: Sequence[Sequence[_Message]],
    headers: Sequence[Record],
    numbers: Sequence[int],
) -> Assembled:
    named = facts.conversation_of(path[0].record.value)
    trace_id = named or build.record_id(b"\n".join(each.record.raw for each in path))
    conversation = chat.Conversation(trace_id)
    for each in path:
        conversation.add(*each.pieces)
    converted = trace_of_messages(
        trace_id,
        named,
        conversation,
        branches=[[each.record.value for each in branch] for branch in branches],
        headers=[header.value for header in headers],
    )
    others = [each.part for branch in branches for each in branch]
    return Assembled(converted, [*(each.part for each in path), *others, *numbers])


def _refused(parts: Sequence[Part], number: int, error: UnknownMessageError) -> Iterator[Refused]:
    """All messages of a conversation of which one cannot be read: without it the others mislead."""
    place = parts[number].record.place.uri
    for other in range(len(parts)):
        if other == number:
            yield Refused(other, reason_of(error), str(error), error.pointer)
        else:
            message = f"a message of its conversation cannot be read: {place}: {error}"
            yield Refused(other, reason_of(error), message)


def _of_events(parts: Sequence[Part]) -> Iterator[Assembled | Refused]:
    """A trace for each answer that was streamed."""
    for answer, events in streamed([part.record.value for part in parts]):
        try:
            read = exchange(answer)
        except UnknownMessageError as error:
            yield from (Refused(number, reason_of(error), str(error)) for number in events)
            continue
        raw = b"\n".join(parts[number].record.raw for number in events)
        read = read._replace(rest={**read.rest, "streamed_events": len(events)})
        yield Assembled(
            trace_of([read], facts.own_id(answer) or build.record_id(raw), None), events
        )


def _known(read: Callable[[Any], T], value: Any) -> T:
    try:
        return read(value)
    except UnknownMessageError as error:
        raise UnknownShapeError(error.pointer, str(error), reason=reason_of(error)) from error


GATHER = Gather(key=key, assemble=assemble, identity=identity, links=links)
