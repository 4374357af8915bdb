"""Spans and log records inside the events of Amazon CloudWatch Logs.

Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_OutputLogEvent.html
(`events`), `logEvents` of a subscription, and the `results` of a query of Logs Insights. The
message of an event is text with the JSON of one span or log record.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from trace_assets.formats.otlp import flat_logs, records
from trace_assets.formats.otlp.values import opened

_LISTS = ("events", "logEvents", "results")
_MESSAGES = ("message", "@message")


class Message(NamedTuple):
    """What one event says, and where."""

    pointer: str
    """Inside the record, without the first slash."""
    value: Any
    """The span or the log record; None for anything else."""
    rest: Any
    """The event without its message if that is a span or a log record, else the whole event."""


def is_wrapped(value: Any) -> bool:
    """True if a value is an event, or a page of events, and the first one has a span or a record.

    >>> is_wrapped({"events": [{"message": '{"traceId": "1", "spanId": "2", "name": "run"}'}]})
    True
    >>> is_wrapped({"events": [{"message": "started"}]}), is_wrapped({"message": "{}"})
    (False, False)
    """
    return any(message.value is not None for message in messages(value))


def messages(value: Any) -> Iterator[Message]:
    """The messages of an event or of a page of events."""
    if not isinstance(value, dict):
        return
    page = cast("dict[str, Any]", value)
    if (message := _message("", page)) is not None:
        yield message
        return
    for key in _LISTS:
        events = page.get(key)
        if isinstance(events, list):
            for number, event in enumerate(cast("list[Any]", events)):
                where = f"{key}/{number}"
                yield _message(where, event) or Message(where, None, event)


def beside(value: dict[str, Any]) -> dict[str, Any]:
    """What a page has besides its events."""
    lists = {key for key in _LISTS if isinstance(value.get(key), list)}
    return {key: each for key, each in value.items() if key not in lists}


def _message(where: str, event: Any) -> Message | None:
    """The message of an event that is a span or a log record."""
    match event:
        case {**fields}:
            for key in _MESSAGES:
                if (value := _telemetry(fields.get(key))) is not None:
                    rest = {name: each for name, each in fields.items() if name != key}
                    return Message(f"{where}/{key}".removeprefix("/"), value, rest)
            return None
        case [*pairs]:
            return _in_pairs(where, pairs)
        case _:
            return None


def _in_pairs(where: str, pairs: list[Any]) -> Message | None:
    """The same for the result of a query of Logs Insights, which is a list of fields."""
    for number, pair in enumerate(pairs):
        match pair:
            case {"field": "@message", "value": text, **more} if not more:
                value = _telemetry(text)
            case _:
                value = None
        if value is not None:
            rest = [*pairs[:number], *pairs[number + 1 :]]
            return Message(f"{where}/{number}/value", value, rest)
    return None


def _telemetry(message: Any) -> dict[str, Any] | None:
    """The span or the log record in a message."""
    value = opened(message)
    if not isinstance(value, dict):
        return None
    record = cast("dict[str, Any]", value)
    is_log = records.is_log(record) or flat_logs.is_log(record)
    return record if is_log or records.is_span(record) else None
