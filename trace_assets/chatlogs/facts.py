"""What a record says about itself: its conversation, its model, its time."""

from collections.abc import Iterator, Sequence
from math import fsum
from typing import Any, NamedTuple, cast

from trace_assets import vocabulary
from trace_assets.chat import tools
from trace_assets.chatlogs.keys import BODY, REQUEST, RESPONSE
from trace_assets.chatlogs.shapes import layers
from trace_assets.trace import build

_CONVERSATION = (
    *(name for name in vocabulary.CONVERSATION if name not in ("group_id", "groupId")),
    *vocabulary.SESSION,
    "trace_id",
    "traceId",
    "litellm_trace_id",
)
"""The keys of what all calls of a conversation share, the surest first. The answers to one prompt
that training compares share a group's id."""

_OWN = ("id", "uuid", "_id", "example_id", "sample_id", "traj_id")
"""The keys of a record's own id."""

_AROUND = frozenset(("metadata", "message", *REQUEST, *BODY, "extra_body", "litellm_params"))
"""The keys of the objects that may hold these."""
_ANSWER = frozenset((*RESPONSE, *BODY))
_BODY = frozenset(BODY)
_DATED = _AROUND | _ANSWER
_LOGGED = frozenset(("metadata", "hidden_params", "usage_object", "meta"))
"""The keys of the objects in which a logger keeps what it measured."""

_TIMES = frozenset(vocabulary.TIME)
_MODEL = (*vocabulary.MODEL, "request_model", "ai_model")
_MODEL_INFO = ("modelInfo", "model_info", "metadata")
_MODEL_OF_ITEM = frozenset((*_MODEL, *_MODEL_INFO))
_AGENT = ("agent", "agent_name")


def conversation_of(record: Any) -> str | None:
    """The id that a record shares with the others of its conversation; None if it names none.

    >>> conversation_of({"metadata": {"session_id": 7}}), conversation_of({"id": "a"})
    ('7', None)
    """
    for layer in layers(record, _AROUND):
        match layer:
            case {"conversation": {"id": str(named)} | str(named)} if named:
                return named
            case {"conv": {"id": str(named)}} if named:
                return named
            case _:
                pass
        if (found := vocabulary.find_id(layer, _CONVERSATION)) is not None:
            return found
    return None


def own_id(record: Any) -> str | None:
    """The record's own id; None if it has none."""
    return vocabulary.find_id(record, _OWN)


def model_of(record: Any) -> str | None:
    """The model that answered, else the one that was asked."""
    found = (vocabulary.find_text(layer, _MODEL) for layer in _by_answer(record))
    return next(filter(None, found), None)


def model_of_items(items: Sequence[dict[str, Any]]) -> str | None:
    """The model that messages themselves name.

    >>> model_of_items([{"type": "message", "modelInfo": {"modelId": "m"}}])
    'm'
    """
    for item in items:
        if _MODEL_OF_ITEM.isdisjoint(item):
            continue
        for layer in (item, *(item.get(name) for name in _MODEL_INFO)):
            if (found := vocabulary.find_text(layer, _MODEL)) is not None:
                return found
    return None


def agent_of(record: Any) -> str | None:
    """The agent that a record names."""
    return vocabulary.find_text(record, _AGENT)


def _by_answer(record: Any) -> Iterator[dict[str, Any]]:
    """The response's layers, then those of the record and the request."""
    if isinstance(record, dict) and not _ANSWER.isdisjoint(record):
        for key in RESPONSE:
            yield from layers(record.get(key), _BODY)
    yield from layers(record, _AROUND)


def tags_of(record: Any) -> list[str]:
    """The tags that a record has: its own, those in its metadata, and those of its request."""
    found = layers(record, _AROUND)
    requested = [{"tags": layer["request_tags"]} for layer in found if "request_tags" in layer]
    return vocabulary.find_tags(*found, *requested)


def tags_of_items(items: Sequence[dict[str, Any]]) -> list[str]:
    """The tags that messages have themselves: beside their content, and in their metadata.

    >>> tags_of_items([{"tags": ["a"]}, {"metadata": {"tags": ["b", "a"]}}])
    ['a', 'b']
    """
    tagged = [item for item in items if not _TAGGED.isdisjoint(item)]
    return vocabulary.find_tags(
        *(layer for item in tagged for layer in (item, item.get("metadata")))
    )


_TAGGED = frozenset((*vocabulary.TAGS, "metadata"))

_SETTINGS = frozenset(
    (
        *_AROUND,
        "model_parameters",
        "optional_params",
        "kwargs",
        "invocation_params",
        "config",
        "toolConfig",
        "parameters",
    )
)
"""The keys of the objects that may hold the tools of a request."""


_TOOLS = frozenset(tools.NAMES)


def tools_of(told: dict[str, Any], rest: dict[str, Any]) -> list[tools.Function]:
    """The tools that a model was offered, as its request says, or else as its response repeats.

    >>> tools_of({}, {"request": {"functions": [{"name": "f", "parameters": {}}]}})
    [{'type': 'function', 'function': {'name': 'f', 'parameters': {}}}]
    """
    requests = [each for key, each in rest.items() if key not in _SETTINGS and key not in RESPONSE]
    for places in ([rest], requests, [told]):
        defined = [
            layer[name]
            for place in places
            for layer in layers(place, _SETTINGS)
            if not _TOOLS.isdisjoint(layer)
            for name in tools.NAMES
            if name in layer
        ]
        if defined and (found := tools.functions_of(*defined)):
            return found
    return []


def time_of(record: Any) -> str | None:
    """When the record says that it happened: its own time, else its response's or request's."""
    for layer in layers(record, _DATED):
        for key in vocabulary.TIME if not _TIMES.isdisjoint(layer) else ():
            if (stamp := stamp_of(layer.get(key))) is not None:
                return stamp
    return None


def own_time(item: dict[str, Any]) -> str | None:
    """When a message says that it was written.

    >>> own_time({"role": "user", "ts": 1767323045})
    '2026-01-02T03:04:05Z'
    """
    if _TIMES.isdisjoint(item):
        return None
    stamps = (stamp_of(item.get(key)) for key in vocabulary.TIME)
    return next((stamp for stamp in stamps if stamp is not None), None)


def stamp_of(value: Any) -> str | None:
    """A time stamp as the trace has it: text as it is, seconds or milliseconds since 1970 written.

    >>> stamp_of(1767323045), stamp_of(1767323045123), stamp_of(1767323045.5), stamp_of(12)
    ('2026-01-02T03:04:05Z', '2026-01-02T03:04:05.123Z', '2026-01-02T03:04:05.500Z', None)
    """
    if build.is_time(value):
        return value
    return vocabulary.time_of_number(value)


class Spent(NamedTuple):
    """What a call used; None if the record does not say."""

    usage: dict[str, int]
    """Tokens, under the names of the trace."""
    cost: float | None
    """US dollars."""


def spent(told: dict[str, Any], rest: dict[str, Any]) -> Spent:
    """What a call used, as its response says, or else as its logger says.

    >>> spent({"usage": {"prompt_tokens": 9, "completion_tokens": 2}}, {"response_cost": 0.5})
    Spent(usage={'input_tokens': 9, 'output_tokens': 2}, cost=0.5)
    >>> spent({}, {"cost": 3, "cost_currency": "USD", "req_units": 8, "res_units": 1})
    Spent(usage={'input_tokens': 8, 'output_tokens': 1}, cost=0.03)
    """
    logged, own = layers(rest, _LOGGED), layers(told, _BODY)
    tokens = next((found for found in map(_tokens, (*own, *logged)) if found), {})
    prices = map(_cost, (*logged, *own))
    return Spent(tokens, next((price for price in prices if price is not None), None))


_PRICED_IN = _BODY | {"metadata"}


def price_of(item: dict[str, Any]) -> float | None:
    """The cost that an item or a response says, in US dollars."""
    prices = map(_cost, layers(item, _PRICED_IN))
    return next((price for price in prices if price is not None), None)


def total(each: Sequence[Spent]) -> dict[str, float]:
    """The sum over calls, under the names of the columns; without what no call says.

    >>> total([Spent({"input_tokens": 2}, 0.5), Spent({"input_tokens": 3}, None)])
    {'input_tokens': 5, 'cost_usd': 0.5}
    """
    found: dict[str, float] = {}
    for name in _NAMES:
        counts = [spent.usage[name] for spent in each if name in spent.usage]
        if counts:
            found[name] = sum(counts)
    prices = [spent.cost for spent in each if spent.cost is not None]
    return found | ({"cost_usd": fsum(prices)} if prices else {})


_COUNTED = frozenset(
    (*vocabulary.INPUT_TOKENS, *vocabulary.OUTPUT_TOKENS, *vocabulary.USAGE, "req_units")
)
_PRICED = frozenset((*vocabulary.COST, *vocabulary.USAGE))
MEASURED = _COUNTED | _PRICED
"""One of these keys is in every object that says what a call used."""


def has_measured_metadata(item: dict[str, Any]) -> bool:
    """Whether the metadata of a message says what its call used."""
    metadata = item.get("metadata")
    return isinstance(metadata, dict) and not MEASURED.isdisjoint(cast("dict[str, Any]", metadata))


def has_tokens(usage: Any) -> bool:
    """Whether a value is a usage object with a count of tokens."""
    return isinstance(usage, dict) and (
        vocabulary.input_tokens(usage) is not None or vocabulary.output_tokens(usage) is not None
    )


def _tokens(layer: dict[str, Any]) -> dict[str, int]:
    if _COUNTED.isdisjoint(layer):
        return {}
    usage = layer.get("usage")
    if has_tokens(usage):  # as in most responses
        found = (vocabulary.input_tokens(usage), vocabulary.output_tokens(usage))
    elif "req_units" in layer:  # Portkey's
        units = (layer["req_units"], layer.get("res_units"))
        found = tuple(map(vocabulary.count, units))
    else:
        found = vocabulary.find_tokens(layer)[:2]
    return {name: count for name, count in zip(_NAMES, found, strict=True) if count is not None}


_NAMES = ("input_tokens", "output_tokens")


def _cost(layer: dict[str, Any]) -> float | None:
    if _PRICED.isdisjoint(layer):
        return None
    match layer:
        case {"cost": cents, "cost_currency": "USD", "req_units": _}:  # Portkey's, in cents
            price = vocabulary.price(cents)
            return None if price is None else price / 100
        case _:
            return vocabulary.find_cost(layer)


def error_of(record: Any, *, is_answered: bool) -> str | None:
    """What the record says went wrong, in words.

    >>> error_of({"error_str": "too many requests"}, is_answered=False)
    'too many requests'
    >>> error_of({"response": {"status_code": 0, "body": {}}}, is_answered=False)
    'the response has the status 0'
    """
    found = layers(record, _FAILED)
    for layer in found:
        for key in _ERROR if not _ERRORS.isdisjoint(layer) else ():
            if words := _words_of_error(layer.get(key)):
                return words
    statuses = (layer[key] for layer in found for key in _STATUS if key in layer)
    failed = [] if is_answered else [each for each in statuses if _is_failure(each)]
    return f"the response has the status {failed[0]}" if failed else None


def error_of_items(items: Sequence[dict[str, Any]]) -> str | None:
    """What the last failed message of the model says went wrong.

    >>> error_of_items([{"role": "assistant", "errorMessage": "overloaded"}])
    'overloaded'
    """
    for item in reversed(items):
        if item.get("role") == "assistant" and not _ERRORS.isdisjoint(item):
            found = (_words_of_error(item.get(key)) for key in _ERROR)
            if (words := next(filter(None, found), None)) is not None:
                return words
    return None


_FAILED = _ANSWER | {"metadata"}
_ERROR = ("error", "error_str", "error_message", "errorMessage", "error_information", "exception")
_ERRORS = frozenset(_ERROR)
_STATUS = (
    "status_code",
    "response_status_code",
    "response_status",
    "statusCode",
    "http_status",
    "status",
)


def _words_of_error(value: Any) -> str | None:
    match value:
        case str(words) if words.strip():
            return words
        case {"message": str(words)} | {"error_message": str(words)} if words:
            return words
        case {"error": {"message": str(words)} | str(words)} if words:
            return words
        case {"code": str(words)} | {"type": str(words)} | {"error_class": str(words)} if words:
            return words
        case _:
            return None


def _is_failure(status: Any) -> bool:
    match status:
        case bool():
            return False
        case int():
            return status == 0 or status >= 400
        case str():
            return status.lower() in ("failure", "failed", "error")
        case _:
            return False
