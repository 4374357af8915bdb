"""The trace that exchanges, or messages, are together."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from trace_assets import chat
from trace_assets.chatlogs import facts
from trace_assets.chatlogs.exchange import Exchange
from trace_assets.formats import Converted
from trace_assets.spans.times import seconds, zones_agree
from trace_assets.trace import build, moment

COLUMNS = ("conversation_id", "model_calls")
"""The columns that these formats add: the id that the log's records share, and how many answers of
a model the trace was told in."""

_OF_ANSWER = ("usage", "cost")
"""What is said of an answer also where it stands beside the response."""

_USAGE = ("usage_metadata", "usageMetadata", "token_usage")

NO_HISTORY = "no_history"
"""The tag of a trace that begins after a response that is not in the log."""

T = TypeVar("T")


def in_time(values: Sequence[T], records: Sequence[Any]) -> list[T]:
    """Values by the time of their records, if all say when they were; else as they stand."""
    stamps = [facts.time_of(record) for record in records]
    told = [stamp for stamp in stamps if stamp is not None]
    if len(told) < len(stamps) or not zones_agree(told):
        return list(values)
    order = sorted(range(len(told)), key=lambda place: moment(told[place]))
    return [values[place] for place in order]


def trace_of_messages(
    trace_id: str, named: str | None, conversation: chat.Conversation
) -> Converted:
    """The trace of messages, which keep all that a record says of each."""
    items = conversation.items()
    _name_usage(items)
    metadata = {"trace_id": trace_id, **_clock(items)}
    trace = {"FORMAT": "open_responses", "items": items, "metadata": metadata}
    return Converted(trace, {"conversation_id": named, "model_calls": None})


def trace_of(
    exchanges: Sequence[Exchange],
    trace_id: str,
    named: str | None,
    *,
    folded: chat.Folded | None = None,
    tags: Sequence[str] = (),
) -> Converted:
    """The trace of one conversation, told in one or more records.

    Args:
        exchanges: what the records say, in order.
        trace_id: the id of the trace.
        named: the id that the records share.
        folded: the conversation, if it is not that of requests that repeat their history.
        tags: warnings about the conversation.
    """
    folded = folded or _folded(exchanges)
    items = chat.items_of(trace_id, folded.pieces)
    extra = _Extra(exchanges[0].rest, items)
    for number, exchange in enumerate(exchanges):
        answer = _answer(items, folded.calls[number].outputs)
        stamp = facts.time_of(exchange.said) if len(exchanges) > 1 else None
        extra.add(number, exchange, answer, stamp)
    _name_usage(items)
    repeated = folded.repeated + sum(each.repeated for each in exchanges)
    metadata = _metadata(exchanges, trace_id)
    if "created_at" not in metadata:
        metadata |= _clock(items)
    if tags:
        metadata["tags"] = [*tags]
    if said := extra.told(repeated):
        metadata["extra"] = said
    trace = {"FORMAT": "open_responses", "items": items, "metadata": metadata}
    answers = sum(bool(each.made) for each in exchanges)
    return Converted(trace, {"conversation_id": named, "model_calls": answers or None})


def _clock(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """When messages say that they began, and how long they went on, where that is no text.

    What is written as text under `timestamp` is found later, in traces of all formats.
    """
    stamps = [
        stamp
        for item in items
        if isinstance(item.get("timestamp"), int | float)
        and (stamp := facts.stamp_of(item["timestamp"])) is not None
    ]
    if not stamps:
        return {}
    length = seconds(stamps[0], stamps[-1]) if len(stamps) > 1 else None
    return {"created_at": stamps[0]} | ({} if length is None else {"total_time": length})


def _name_usage(items: Sequence[dict[str, Any]]) -> None:
    """Give what an answer used the name under which it is counted, whatever its API calls it."""
    for item in items:
        for name in _USAGE:
            if name in item and "usage" not in item:
                item["usage"] = item.pop(name)


def _folded(exchanges: Sequence[Exchange]) -> chat.Folded:
    """The pieces of all exchanges, each once; a conversation that is told once repeats nothing."""
    if len(exchanges) > 1:
        return chat.fold(chat.ModelCall(each.given, each.made) for each in exchanges)
    given, made = exchanges[0].given, exchanges[0].made
    outputs = list(range(len(given), len(given) + len(made)))
    return chat.Folded([*given, *made], [chat.FoldedCall([], outputs)], 0)


def _answer(items: Sequence[dict[str, Any]], outputs: Sequence[int]) -> int | None:
    """Which item the response's own words belong to: the first that is no reasoning."""
    for number in outputs:
        match items[number]:
            case {"content": [{"type": "reasoning_text" | "summary_text"}, *_]}:
                pass
            case _:
                return number
    return outputs[0] if outputs else None


def _metadata(exchanges: Sequence[Exchange], trace_id: str) -> dict[str, Any]:
    records = [exchange.said for exchange in exchanges]
    known = {
        "trace_id": trace_id,
        "tags": list(dict.fromkeys(tag for each in records for tag in facts.tags_of(each))) or None,
        "agent": next(filter(None, map(facts.agent_of, records)), None),
        "model": next(filter(None, map(facts.model_of, records)), None),
        "created_at": facts.time_of(records[0]),
        "error": next(filter(None, map(facts.error_of, records)), None),
    }
    return {key: value for key, value in known.items() if value is not None}


class _Extra:
    """What the records say beside their messages, each thing once."""

    def __init__(self, rest: Mapping[str, Any], items: Sequence[dict[str, Any]]) -> None:
        self.items = items
        self.rest = dict(rest)
        self.calls: list[dict[str, Any]] = []
        """What no item can hold: of calls that made nothing new."""
        self.taken: set[int] = set()

    def add(self, number: int, exchange: Exchange, answer: int | None, stamp: str | None) -> None:
        """Add what is said of one call, to its answer where it has one of its own."""
        rest = dict(exchange.rest) if number else self.rest
        told = exchange.told
        if answer is not None and answer not in self.taken:
            own = {key: rest.pop(key) for key in _OF_ANSWER if key in rest and key not in told}
            told = {**told, **own}
        new = {} if not number else _differing(self.rest, rest)
        if answer is None or answer in self.taken:
            told = {**({"response": told} if told else {}), **new}
            if told:
                self.calls.append({"call": number, **told})
            return
        self.taken.add(answer)
        item = self.items[answer]
        said = told if not new else {**told, "call": new}
        item |= build.joined(item, said, prefix="response_")
        if stamp is not None:
            item.setdefault("timestamp", stamp)

    def told(self, repeated: int) -> dict[str, Any]:
        """Everything, under `metadata.extra`."""
        ours: dict[str, Any] = {}
        if self.calls:
            ours["calls"] = self.calls
        if repeated:
            ours["repeated_history"] = repeated
        return build.joined(self.rest, ours, prefix="trace_")


def _differing(first: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """What one record says otherwise than the first, two levels deep: settings of requests repeat.

    >>> _differing({"a": 1, "request": {"b": 2, "c": 3}}, {"a": 1, "request": {"b": 2, "c": 4}})
    {'request': {'c': 4}}
    """
    found: dict[str, Any] = {}
    for key, value in other.items():
        match first.get(key), value:
            case {**one}, {**two}:
                if new := {name: each for name, each in two.items() if not _same(one, name, each)}:
                    found[key] = new
            case _ if not _same(first, key, value):
                found[key] = value
            case _:
                pass
    return found


def _same(one: Mapping[str, Any], key: str, value: Any) -> bool:
    """Whether a value stands under the key already; 1, 1.0 and true are three values."""
    if key not in one or type(one[key]) is not type(value) or one[key] != value:
        return False
    return isinstance(value, str | int | float | None) or build.encode(one[key]) == build.encode(
        value
    )
