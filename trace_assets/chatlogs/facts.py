"""What a record says about itself: its conversation, its model, its time."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from trace_assets import vocabulary
from trace_assets.chatlogs.keys import BODY, REQUEST, RESPONSE
from trace_assets.chatlogs.shapes import layers
from trace_assets.trace import build

_CONVERSATION = (
    "conversation_id",
    "conversationId",
    "session_id",
    "sessionId",
    "thread_id",
    "threadId",
    "chat_id",
    "chatId",
    "dialog_id",
    "dialogue_id",
    "litellm_session_id",
    "trace_id",
    "traceId",
    "litellm_trace_id",
)
"""The keys of what all calls of a conversation share, the surest first."""

_OWN = ("id", "uuid", "_id", "example_id", "sample_id", "traj_id")
"""The keys of a record's own id."""

_AROUND = frozenset(("metadata", *REQUEST, *BODY, "extra_body", "litellm_params"))
"""The keys of the objects that may hold these."""
_ANSWER = frozenset((*RESPONSE, *BODY))
_BODY = frozenset(BODY)
_DATED = _AROUND | _ANSWER

_TIME = (
    "timestamp",
    "created_at",
    "createdAt",
    "start_time",
    "startTime",
    "started_at",
    "request_time",
    "time",
    "ts",
    "date",
    "created",
    "create_time",
    "completed_at",
)
_TIMES = frozenset(_TIME)
_MODEL = ("model", "model_name", "model_id", "modelVersion", "modelId")
_AGENT = ("agent", "agent_name")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = 946_684_800, 4_102_444_800  # the years 2000 and 2100, in seconds


def conversation_of(record: Any) -> str | None:
    """The id that a record shares with the others of its conversation; None if it names none.

    >>> conversation_of({"metadata": {"session_id": 7}}), conversation_of({"id": "a"})
    ('7', None)
    """
    for layer in layers(record, _AROUND):
        match layer:
            case {"conversation": {"id": str(named)} | str(named)} if named:
                return named
            case _:
                pass
        if (found := _id(layer, _CONVERSATION)) is not None:
            return found
    return None


def own_id(record: Any) -> str | None:
    """The record's own id; None if it has none."""
    return _id(record, _OWN) if isinstance(record, dict) else None


def _id(layer: Mapping[str, Any], keys: Iterable[str]) -> str | None:
    for key in keys:
        value = layer.get(key)
        if value is None or value == "":  # nearly all are missing
            continue
        if isinstance(value, str | int) and not isinstance(value, bool):
            return str(value)
    return None


def model_of(record: Any) -> str | None:
    """The model that answered, else the one that was asked."""
    found = [name for layer in _by_answer(record) if (name := _text(layer, _MODEL))]
    return found[0] if found else None


def agent_of(record: Any) -> str | None:
    """The agent that a record names."""
    return _text(record, _AGENT) if isinstance(record, dict) else None


def _by_answer(record: Any) -> Iterator[dict[str, Any]]:
    """The response's layers, then those of the record and the request."""
    if isinstance(record, dict) and not _ANSWER.isdisjoint(record):
        for key in RESPONSE:
            yield from layers(record.get(key), _BODY)
    yield from layers(record, _AROUND)


def _text(layer: Mapping[str, Any], keys: Iterable[str]) -> str | None:
    for key in keys:
        match layer.get(key):
            case str(value) if value:
                return value
            case _:
                pass
    return None


def tags_of(record: Any) -> list[str]:
    """The tags that a record has: its own, those in its metadata, and those of its request."""
    return vocabulary.find_tags(*layers(record, _AROUND))


def time_of(record: Any) -> str | None:
    """When the record says that it happened: its own time, else its response's or request's."""
    for layer in layers(record, _DATED):
        for key in _TIME if not _TIMES.isdisjoint(layer) else ():
            if (stamp := stamp_of(layer.get(key))) is not None:
                return stamp
    return None


def stamp_of(value: Any) -> str | None:
    """A time stamp as the trace has it: text as it is, seconds or milliseconds since 1970 written.

    >>> stamp_of(1767323045), stamp_of(1767323045123), stamp_of(1767323045.5), stamp_of(12)
    ('2026-01-02T03:04:05Z', '2026-01-02T03:04:05.123Z', '2026-01-02T03:04:05.500Z', None)
    """
    if build.is_time(value):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    for unit in (1, 1000):
        if _FIRST <= value / unit < _LAST:
            return _written(round(value * 1000 / unit))
    return None


def _written(milliseconds: int) -> str:
    text = (_EPOCH + timedelta(milliseconds=milliseconds)).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00").removesuffix(".000") + "Z"


def error_of(record: Any) -> str | None:
    """What the record says went wrong, in words."""
    for layer in layers(record, _ANSWER):
        match layer.get("error"):
            case {"message": str(words)} | str(words) if words:
                return words
            case _:
                pass
    return None
