"""What a span is, however its exporter wrote it."""

from typing import Any, Literal, NamedTuple

from trace_assets.formats.otlp.values import Attributes
from trace_assets.spans import Time


class Happened(NamedTuple):
    """An event of a span, or a log record that names a span."""

    name: str
    time: Time
    attributes: Attributes


class Raw(NamedTuple):
    """A span as its log has it, in one spelling."""

    trace_id: str
    id: str
    parent_id: str
    name: str
    start: Time
    end: Time
    attributes: Attributes
    events: list[Happened]
    error: str | None
    """Why it failed; "" where the status does not say why."""
    rest: dict[str, Any]
    """Every other field of the span: kind, links, status ..."""
    resource: Attributes
    """Who sent it; empty where the log does not say."""


class Log(NamedTuple):
    """A log record: something that happened in a span which is a record of its own."""

    trace_id: str
    span_id: str
    what: Happened
    resource: Attributes


Kind = Literal["model", "tool", "agent", "other"]
"""What a span did: called a model, ran a tool, was the work of one agent, or anything else."""


def failure(status: dict[str, Any]) -> str | None:
    """Take the reason of a failure out of a status: "" if it gives none, None if it did not fail.

    >>> status = {"code": 2, "message": "no such order"}
    >>> failure(status), status
    ('no such order', {'code': 2})
    >>> failure({"code": "STATUS_CODE_ERROR"}), failure({"code": 1, "message": "all well"})
    ('', None)
    """
    code = next((status[key] for key in _CODES if key in status), None)
    if code != 2 and not (isinstance(code, str) and code.upper().endswith("ERROR")):
        return None
    for key in ("message", "description"):
        if isinstance(status.get(key), str) and status[key]:
            return status.pop(key)
    return ""


_CODES = ("code", "status_code", "statusCode")
