"""The trace that exchanges, or messages, are together."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from trace_assets import chat, vocabulary
from trace_assets.chat import tools
from trace_assets.chatlogs import facts
from trace_assets.chatlogs.exchange import Exchange, has_answer
from trace_assets.chatlogs.trees import tags_of
from trace_assets.formats import Converted
from trace_assets.spans.times import seconds, zones_agree
from trace_assets.trace import build, marks, moment

COLUMNS = ("conversation_id", "model_calls")
"""The columns that these formats add: the id that the log's records share, and how many answers of
a model the trace was told in."""

_OF_ANSWER = ("usage", "cost")
"""What is said of an answer also where it stands beside the response."""

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
    trace_id: str,
    named: str | None,
    conversation: chat.Conversation,
    *,
    branches: Sequence[Sequence[Any]] = (),
    headers: Sequence[dict[str, Any]] = (),
) -> Converted:
    """Build the trace of messages. Each keeps all keys of its record.

    Args:
        trace_id: the id of the trace.
        named: the id that the messages share.
        conversation: the messages of the conversation.
        branches: messages that are not on the path of the conversation.
        headers: records that say something about the conversation.
    """
    items = conversation.items()
    _name_usage(items)
    model = facts.model_of_items(items)
    metadata = {"trace_id": trace_id} | ({"model": model} if model else {}) | _clock(items)
    if (error := facts.error_of_items(items)) is not None:
        metadata["error"] = error
    metadata = marks.with_tags(metadata, [*facts.tags_of_items(items), *tags_of(branches)])
    extra: dict[str, Any] = {"branches": branches} if branches else {}
    for header in headers:
        extra = build.joined(header, extra, prefix="trace_")
    if extra:
        metadata["extra"] = extra
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
    """Build the trace of one conversation from one or more records.

    Args:
        exchanges: what the records say, in order.
        trace_id: the id of the trace.
        named: the id that the records share.
        folded: the conversation, if it is not that of requests that repeat their history.
        tags: warnings about the conversation.
    """
    folded = folded or _folded(exchanges)
    items = chat.items_of(trace_id, folded.pieces)
    said = [exchange.said for exchange in exchanges]
    extra = _Extra(exchanges[0].rest, items)
    for number, exchange in enumerate(exchanges):
        answer = _answer(items, folded.calls[number].outputs)
        stamp = facts.time_of(said[number]) if len(exchanges) > 1 else None
        extra.add(number, exchange, answer, stamp)
    _name_usage(items)
    _mark_incomplete(items, exchanges, folded)
    repeated = folded.repeated + sum(each.repeated for each in exchanges)
    metadata = _metadata(exchanges, said, trace_id, items)
    if "created_at" not in metadata:
        metadata |= _clock(items)
    branches = [branch for each in exchanges for branch in each.branches]
    warnings = [*tags, *tags_of(branches)]
    if "error" not in metadata and _lacks_answer(exchanges[-1], folded.pieces):
        warnings.append(marks.NO_ANSWER)
    metadata = marks.with_tags(metadata, [*facts.tags_of_items(items), *warnings])
    if told := extra.told(repeated, branches):
        metadata["extra"] = told
    trace = {"FORMAT": "open_responses", "items": items, "metadata": metadata}
    answers = sum(bool(each.made) for each in exchanges)
    return Converted(trace, {"conversation_id": named, "model_calls": answers or None})


def _lacks_answer(last: Exchange, pieces: Sequence[chat.Piece]) -> bool:
    """True if the last record has a place for an answer, and the conversation ends before one."""
    if last.made or not has_answer(last.said):
        return False
    match pieces[-1:]:
        case [chat.Said("user") | chat.Answered()]:
            return True
        case _:
            return False


def _clock(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """When messages say that they began, and how long they went on.

    What is written as text under `timestamp` is found later, in traces of all formats.
    """
    if any(isinstance(item.get("timestamp"), str) for item in items):
        return {}
    stamps = [stamp for item in items if (stamp := facts.own_time(item)) is not None]
    if not stamps or not zones_agree(stamps):
        return {}
    length = seconds(stamps[0], stamps[-1]) if len(stamps) > 1 else None
    return {"created_at": stamps[0]} | ({} if length is None else {"total_time": length})


def _name_usage(items: Sequence[dict[str, Any]]) -> None:
    """Give each item's tokens and cost the names under which they are summed."""
    for item in items:
        if facts.MEASURED.isdisjoint(item) and not facts.has_measured_metadata(item):
            continue
        if not facts.has_tokens(item.get("usage")):
            _name_tokens(item)
        cost = None if "cost" in item else facts.price_of(item)
        if cost is not None:
            item["cost"] = cost


def _name_tokens(item: dict[str, Any]) -> None:
    names = [name for name in vocabulary.USAGE if facts.has_tokens(item.get(name))]
    if names and "usage" not in item:
        item["usage"] = item.pop(names[0])
    elif usage := facts.spent(item, item).usage:
        given = {"usage": item.pop("usage")} if "usage" in item else {}
        item |= build.joined({"usage": usage}, given, prefix="original_")


def _mark_incomplete(
    items: Sequence[dict[str, Any]], exchanges: Sequence[Exchange], folded: chat.Folded
) -> None:
    """Mark the last item of each response that the API says is incomplete."""
    for exchange, call in zip(exchanges, folded.calls, strict=True):
        if _status_of(exchange) == "incomplete" and call.outputs:
            last = items[call.outputs[-1]]
            if "status" in last:
                last["status"] = "incomplete"


def _status_of(exchange: Exchange) -> Any:
    """The status of a response of the Responses API; its keys may stand among the request's."""
    match exchange.rest:
        case {"object": "response", "status": str(status)}:
            return status
        case _:
            return exchange.told.get("status")


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


def _metadata(
    exchanges: Sequence[Exchange],
    records: Sequence[dict[str, Any]],
    trace_id: str,
    items: Sequence[dict[str, Any]],
) -> dict[str, Any]:
    """Collect the metadata of a trace from the records, which are all that the exchanges say."""
    models = filter(None, map(facts.model_of, records))
    errors = list(map(_error_of, exchanges, records))
    known = {
        "trace_id": trace_id,
        "tags": list(dict.fromkeys(tag for each in records for tag in facts.tags_of(each))) or None,
        "agent": next(filter(None, map(facts.agent_of, records)), None),
        "model": next(models, None) or facts.model_of_items(items),
        "created_at": facts.time_of(records[0]),
        "error": next(filter(None, reversed(errors)), None) or facts.error_of_items(items),
    }
    return {key: value for key, value in known.items() if value not in (None, [])}


def _error_of(exchange: Exchange, record: dict[str, Any]) -> str | None:
    is_answered = bool(exchange.made) or not has_answer(record)
    return facts.error_of(record, is_answered=is_answered)


class _Extra:
    """What the records say beside their messages, each thing once."""

    def __init__(self, rest: Mapping[str, Any], items: Sequence[dict[str, Any]]) -> None:
        self.items = items
        self.rest = dict(rest)
        self.calls: list[dict[str, Any]] = []
        """What no item can hold: of calls that made nothing new."""
        self.taken: set[int] = set()
        self.spent: list[facts.Spent] = []
        """What calls used that have no item of their own."""
        self.tools: list[list[tools.Function]] = []
        """What each call was offered."""
        self.reported: dict[str, float] = {}
        """The totals for the whole conversation, from the last record without an answer."""

    def add(self, number: int, exchange: Exchange, answer: int | None, stamp: str | None) -> None:
        """Add what is said of one call, to its answer where it has one of its own."""
        rest = dict(exchange.rest) if number else self.rest
        told = exchange.told
        spent = facts.spent(told, exchange.rest)
        self.tools.append(facts.tools_of(told, exchange.rest))
        if answer is not None and answer not in self.taken:
            own = {key: rest.pop(key) for key in _OF_ANSWER if key in rest and key not in told}
            told = {**told, **own}
        new = {} if not number else _differing(self.rest, rest)
        if answer is None or answer in self.taken:
            told = {**({"response": told} if told else {}), **new}
            if told:
                self.calls.append({"call": number, **told})
            if exchange.made or _error_of(exchange, exchange.said) is not None:
                self.spent.append(spent)
            else:
                self.reported |= facts.total([spent])
            return
        self.taken.add(answer)
        item = self.items[answer]
        said = told if not new else {**told, "call": new}
        item |= build.joined(item, _named(said, spent), prefix="response_")
        if stamp is not None:
            item.setdefault("timestamp", stamp)

    def told(self, repeated: int, branches: list[list[Any]]) -> dict[str, Any]:
        """Everything, under `metadata.extra`."""
        ours: dict[str, Any] = {"branches": branches} if branches else {}
        if self.calls:
            ours["calls"] = self.calls
        if repeated:
            ours["repeated_history"] = repeated
        if used := facts.total(self.spent):
            ours["usage_without_item"] = used
        if self.reported:
            ours["reported_usage"] = self.reported
        offered = tools.functions_of(*self.tools)
        return build.joined(_with_tools(self.rest, offered), ours, prefix="trace_")


def _with_tools(rest: dict[str, Any], offered: list[tools.Function]) -> dict[str, Any]:
    """What the record says, with all tools as functions under `tools`.

    Definitions in the same form are moved there; others stay where they are, too.
    """
    if not offered or rest.get("tools") == offered:
        return rest
    kept = {key: _without_tools(value, offered) for key, value in rest.items()}
    return build.joined({"tools": offered}, kept, prefix="original_")


def _without_tools(settings: Any, offered: list[tools.Function]) -> Any:
    match settings:
        case {"tools": same, **others} if same == offered:
            return others
        case _:
            return settings


def _named(said: dict[str, Any], spent: facts.Spent) -> dict[str, Any]:
    """What is said of a call, with its tokens and its cost under the names that are summed."""
    own: dict[str, Any] = {}
    if spent.usage and not facts.has_tokens(said.get("usage")) and not facts.spent(said, {}).usage:
        own["usage"] = spent.usage
    if spent.cost is not None and vocabulary.find_cost(said) != spent.cost:
        own["cost"] = spent.cost
    return build.joined(own, said, prefix="original_") if own else said


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
