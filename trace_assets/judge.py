"""Whether a converted trace holds: it loads strictly in the Trace model and breaks no rule.

The gate is fast and only ever wrong by refusing; a trace that it refuses is judged by the model
itself, whose words the reason then has.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from trace_assets.errors import InvalidTraceError
from trace_assets.rules import check
from trace_assets.trace import gate
from trace_assets.trace.build import encode

if TYPE_CHECKING:
    from trace_assets.trace import Trace


class ConvertedRow(msgspec.Struct):
    """A converted line, taken apart; the parts of the trace are still bytes."""

    trace: dict[str, msgspec.Raw]
    trace_id: str
    format: str
    source_uri: str
    source_sha256: str
    columns: dict[str, Any]
    findings: dict[str, Any] = {}
    """What the guards found: the fields of `guards.Findings`."""


class Judgement(NamedTuple):
    """What was found about one trace."""

    trace: "Trace | None"
    """None where it does not load in the model."""
    reason: str
    """Why the trace goes to quarantine: a rule's name, `invalid_trace`, or "" where it holds."""
    problems: list[str]
    """Every reason, in sentences."""
    warnings: list[str]
    """The names of the rules that the log itself bends."""


class Verdict(NamedTuple):
    """A converted line, and the judgement of its trace."""

    row: ConvertedRow
    trace: "Trace | None"
    reason: str
    problems: list[str]
    warnings: list[str]


_ROW = msgspec.json.Decoder(ConvertedRow)


def judge(line: bytes) -> Judgement:
    """Judge a line that `converted_line` wrote."""
    try:
        trace = gate.decode_row(line)
    except gate.RefusedError:
        return _by_the_model(encode(_ROW.decode(line).trace))
    return _by_the_rules(trace)


def judge_again(line: bytes) -> Verdict:
    """Judge a line that was found to hold, and take it apart.

    The rules tell anew which of them the log bends; they need no more than an outline.
    """
    row = _ROW.decode(line)
    try:
        trace = gate.decode_outline(line)
    except gate.RefusedError:
        return Verdict(row, *_by_the_model(encode(row.trace)))
    return Verdict(row, *_by_the_rules(trace))


def judge_value(trace: dict[str, Any]) -> Judgement:
    """Judge a trace that a format has just made, as `judge` judges its line."""
    try:
        view = gate.convert(trace)
    except gate.RefusedError:
        return _by_the_model(encode(trace))
    return _by_the_rules(view)


def _by_the_model(trace: bytes) -> Judgement:
    from trace_assets.trace.loading import load_json  # most runs never need the models

    try:
        return _by_the_rules(load_json(trace))
    except InvalidTraceError as error:
        return Judgement(None, "invalid_trace", error.problems, [])


def _by_the_rules(trace: "Trace") -> Judgement:
    findings = check(trace)
    if not findings:
        return Judgement(trace, "", [], [])
    reasons = [finding for finding in findings if finding.quarantines]
    warnings = list(dict.fromkeys(one.rule for one in findings if not one.quarantines))
    reason = reasons[0].rule if reasons else ""
    return Judgement(trace, reason, [one.message for one in reasons], warnings)
