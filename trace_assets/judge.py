"""Whether a converted line holds: it loads strictly in the Trace model and breaks no rule."""

from typing import Any, NamedTuple

import msgspec

from trace_assets.errors import InvalidTraceError
from trace_assets.rules import check
from trace_assets.trace import Trace, gate, load_json


class ConvertedRow(msgspec.Struct):
    """A converted line, taken apart; the trace is still bytes."""

    trace: msgspec.Raw
    trace_id: str
    format: str
    source_uri: str
    source_sha256: str
    place: tuple[int, int, int]
    """Number, offset and length of the record in its file."""
    columns: dict[str, Any]


class Verdict(NamedTuple):
    """What was found about one line."""

    row: ConvertedRow
    trace: Trace | None
    """None where it does not load in the model."""
    reason: str
    """Why the trace goes to quarantine: a rule's name, `invalid_trace`, or "" where it holds."""
    problems: list[str]
    """Every reason, in sentences."""
    warnings: list[str]
    """The names of the rules that the log itself bends."""


_ROW = msgspec.json.Decoder(ConvertedRow)


def judge(line: bytes) -> Verdict:
    """Hold one converted line against the model and the rules.

    The gate is fast and only ever wrong by refusing; a trace that it refuses is judged by the model
    itself, whose words the reason then has.
    """
    row = _ROW.decode(line)
    try:
        trace = _load(row.trace)
    except InvalidTraceError as error:
        return Verdict(row, None, "invalid_trace", error.problems, [])
    findings = check(trace)
    reasons = [finding for finding in findings if finding.quarantines]
    warnings = list(dict.fromkeys(one.rule for one in findings if not one.quarantines))
    reason = reasons[0].rule if reasons else ""
    return Verdict(row, trace, reason, [one.message for one in reasons], warnings)


def _load(trace: msgspec.Raw) -> Trace:
    try:
        return gate.decode(trace)
    except gate.RefusedError:
        return load_json(bytes(trace))
