"""From values and bytes to traces, with every problem on a line of its own."""

from collections.abc import Callable

from pydantic import ValidationError

from trace_assets.errors import InvalidTraceError
from trace_assets.trace.complaints import lines
from trace_assets.trace.model import Trace


def load(value: object) -> Trace:
    """Return the trace that a decoded JSON value is.

    Raises:
        InvalidTraceError: it is none; see `problems`.
    """
    return _load(lambda: Trace.model_validate(value))


def load_json(data: bytes) -> Trace:
    """Return the trace that a JSON text is.

    Raises:
        InvalidTraceError: it is no JSON, or no trace.
    """
    return _load(lambda: Trace.model_validate_json(data))


def problems(value: object) -> list[str]:
    """Return what keeps a decoded JSON value from being a trace; empty if it is one.

    >>> problems({"items": [], "metadata": {"total_tokens": "5"}})
    ['metadata.total_tokens: expected an integer, found the string "5"']
    """
    try:
        load(value)
    except InvalidTraceError as error:
        return error.problems
    return []


def _load(validate: Callable[[], Trace]) -> Trace:
    try:
        return validate()
    except ValidationError as error:
        raise InvalidTraceError(lines(error, known=Trace.model_fields)) from error
