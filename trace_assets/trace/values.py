"""What every part of a trace is made of: open and closed models, statuses, timestamps, JSON.

Validation is strict: `"5"` is no integer and `True` no number. Values are JSON-ready, so that a
trace means the same whether it comes from bytes, from decoded JSON or from Python.
"""

import math
import re
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from trace_assets.trace.moments import is_moment

Status = Literal["in_progress", "completed", "incomplete"]


class MessageStatus(StrEnum):
    """The statuses of a message, by the SDK's name."""

    in_progress = "in_progress"
    completed = "completed"
    incomplete = "incomplete"


class FunctionCallStatus(StrEnum):
    """The statuses of a function call, by the SDK's name."""

    in_progress = "in_progress"
    completed = "completed"
    incomplete = "incomplete"


class FunctionCallOutputStatusEnum(StrEnum):
    """The statuses of a function call's output, by the SDK's name."""

    in_progress = "in_progress"
    completed = "completed"
    incomplete = "incomplete"


class MessageRole(StrEnum):
    """The roles of a message, by the SDK's name."""

    user = "user"
    assistant = "assistant"
    system = "system"
    developer = "developer"


SYNTHETIC_MESSAGE_STATUS = MessageStatus.completed
"""The status of a message that a program made for a conversation, by the SDK's name."""

MAX_DEPTH = 150
"""How deep free-form JSON may nest. pydantic's JSON reader stops at 200 and its writer at 255, so
that a deeper value could be loaded but never saved."""


class Closed(BaseModel, frozen=True, extra="forbid", strict=True, allow_inf_nan=False):
    """A model with no room for unknown keys."""

    model_config = ConfigDict(
        # Only what the gate refuses meets a model: most runs never need one. Built at import, with
        # docstrings read from the sources, they would take 90 ms, as long as converting 25 MB.
        defer_build=True,
        # any bound on length makes pydantic refuse lone surrogates, which nothing can write
        str_min_length=0,
    )


def absent() -> Any:
    """Return the field of an optional key: null when it is missing, not written when it is null."""
    return Field(default=None, exclude_if=_is_none)


def _is_none(value: object) -> bool:
    return value is None


# --- JSON ------------------------------------------------------------------------------------


def check_json(value: Any) -> Any:
    """Return a free-form value as it is, if JSON can hold it and give the same value back.

    Refused: NaN and infinities (writers turn them into null), lone surrogates, keys that are no
    strings, tuples and other Python types, nesting beyond `MAX_DEPTH`.
    """
    pending: list[tuple[Any, int]] = [(value, 0)]
    while pending:
        part, depth = pending.pop()
        if depth > MAX_DEPTH:
            raise _not_json(f"is nested deeper than {MAX_DEPTH} levels")
        pending.extend((child, depth + 1) for child in _children(part))
    return value


def _children(part: Any) -> Iterator[Any]:
    match part:
        case dict():
            yield from _keys(cast("dict[object, Any]", part))
            yield from cast("dict[object, Any]", part).values()
        case list():
            yield from cast("list[Any]", part)
        case _:
            _check_scalar(part)


def _keys(part: dict[object, Any]) -> Iterator[str]:
    for key in part:
        if not isinstance(key, str):
            raise _not_json(f"has the key {key!r}, which is no string")
        yield key


def _check_scalar(part: object) -> None:
    match part:
        case str():
            if not part.isascii() and _SURROGATE.search(part):
                raise _not_json("holds a lone surrogate, which UTF-8 cannot write")
        case float():
            if not math.isfinite(part):
                raise _not_json(f"holds {part!r}, which JSON cannot write")
        case None | bool() | int():
            pass
        case _:
            raise _not_json(f"holds a {type(part).__name__}, which is no JSON value")


_SURROGATE = re.compile("[\ud800-\udfff]")


def _not_json(problem: str) -> PydanticCustomError:
    return PydanticCustomError("json", "{found}", {"found": problem})


Json = Annotated[Any, AfterValidator(check_json)]
"""Any JSON value, kept as it is."""

JsonObject = dict[str, Json]


class Open(Closed, frozen=True, extra="allow"):
    """A model that keeps the keys it does not know, in the order they came, nulls included."""

    __pydantic_extra__: JsonObject = Field(init=False)  # pyright: ignore[reportIncompatibleVariableOverride] pydantic checks the values by it


def extra(part: object, name: str) -> Any:
    """Return an unknown key of an item or content part, or None if it is not there.

    >>> from trace_assets.trace.items import FunctionCallOutput
    >>> output = FunctionCallOutput.model_validate(
    ...     {"id": "o", "call_id": "c", "output": "", "status": "incomplete", "error": "boom"}
    ... )
    >>> extra(output, "error"), extra(output, "cost")
    ('boom', None)
    """
    return getattr(part, name, None)


# --- time ------------------------------------------------------------------------------------


def check_timestamp(text: str) -> str:
    """Return a timestamp as it was written, if it names a moment."""
    if not is_moment(text):
        raise PydanticCustomError("timestamp", "expected an ISO 8601 date and time")
    return text


def _written(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


Timestamp = Annotated[str, BeforeValidator(_written), AfterValidator(check_timestamp)]
"""A moment as its log wrote it: text, so that no digit or zone is lost. `moment` reads it.

Epoch numbers are refused: whether one counts seconds or milliseconds is a guess.
A Python datetime is taken and written in ISO 8601."""
