"""The requests, responses and errors of a batch, joined by `custom_id`.

OpenAI's Batch API writes them to three files: https://platform.openai.com/docs/guides/batch.
"""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from trace_assets.chatlogs import facts
from trace_assets.chatlogs.exchange import Exchange, has_answer
from trace_assets.chatlogs.reads import Read, assembled
from trace_assets.formats import Assembled, Part, Refused
from trace_assets.reading import Record
from trace_assets.trace import build


def of_batch(
    parts: Sequence[Part], reads: Sequence[Read], refused: dict[int, Refused]
) -> Iterator[Assembled | Refused]:
    """The requests with one `custom_id`, each with its response or its error."""
    requests = [read for read in reads if not read.exchange.made]
    responses = {read.parts[0]: read.exchange for read in reads if read.exchange.made}
    for number in refused.keys() if requests else ():
        if has_answer(parts[number].record.value) or "error" in parts[number].record.value:
            responses[number] = Exchange([], [], {}, parts[number].record.value)
    answered: set[int] = set()
    for number, response in sorted(responses.items()):
        found = _same_folder(requests, parts[number].record)
        if len(found) > 1 and not response.given:
            refused[number] = Refused(
                number, "ambiguous_request", f"{len(found)} requests have the same `custom_id`"
            )
            continue
        refused.pop(number, None)
        own: list[int] = [number]
        name = facts.own_id(parts[number].record.value)
        if found and not response.given:
            response = _joined(found[0].exchange, response)
            own = [*(set(found[0].parts) - answered), number]
            answered.update(found[0].parts)
        yield _alone(Read(own, parts[own[0]].record, response), name)
    yield from (_alone(read) for read in requests if answered.isdisjoint(read.parts))
    yield from refused.values()


def _same_folder(requests: Sequence[Read], record: Record) -> Sequence[Read]:
    """Return the requests in the folder of a response, or else all of them."""
    folder = PurePosixPath(record.place.file).parent
    near = [read for read in requests if PurePosixPath(read.record.place.file).parent == folder]
    return near or requests


def _joined(request: Exchange, response: Exchange) -> Exchange:
    """Join a request and its response from two records."""
    beside = {
        key: value
        for key, value in response.rest.items()
        if key not in request.rest or request.rest[key] != value
    }
    rest = build.joined(request.rest, beside, prefix="response_")
    return Exchange(request.given, response.made, response.told, rest)


def _alone(read: Read, name: str | None = None) -> Assembled:
    """A trace of one exchange."""
    return assembled([read], name or build.record_id(read.record.raw), None)
