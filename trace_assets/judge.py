"""Whether a converted line holds: it loads strictly in the Trace model and breaks no rule."""

from typing import Any, NamedTuple

import msgspec

from trace_assets.errors import InvalidTraceError
from trace_assets.rules import check
from trace_assets.trace import gate, load_json


class ConvertedRow(msgspec.Struct):
    """A converted line, read as far as rules and facts need it."""

    trace: gate.TraceView
    """The trace as the gate sees it; a `Trace` where the gate had refused what the model takes."""
    trace_id: str
    format: str
    source_uri: str
    source_sha256: str
    place: tuple[int, int, int]
    """Number, offset and length of the record in its file."""
    columns: dict[str, Any]


class _Unread(msgspec.Struct):
    trace: msgspec.Raw


class Verdict(NamedTuple):
    """What was found about one line."""

    row: ConvertedRow | None
    """None where the trace does not load in the model."""
    reason: str
    """Why the trace goes to quarantine: a rule's name, `invalid_trace`, or "" where it holds."""
    problems: list[str]
    """Every reason, in sentences."""
    warnings: list[str]
    """The names of the rules that the log itself bends."""


_ROW = msgspec.json.Decoder(ConvertedRow)
_UNREAD = msgspec.json.Decoder(_Unread)
_COLUMNS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def judge(line: bytes) -> Verdict:
    """Hold one converted line against the model and the rules.

    The gate is fast and only ever wrong by refusing; a line that it refuses is judged by the model
    itself, whose words the reason then has.
    """
    try:
        row = _ROW.decode(line)
    except msgspec.ValidationError:
        try:
            row = _slowly(line)
        except InvalidTraceError as error:
            return Verdict(None, "invalid_trace", error.problems, [])
    findings = check(row.trace)
    reasons = [finding for finding in findings if finding.quarantines]
    warnings = list(dict.fromkeys(one.rule for one in findings if not one.quarantines))
    reason = reasons[0].rule if reasons else ""
    return Verdict(row, reason, [one.message for one in reasons], warnings)


def _slowly(line: bytes) -> ConvertedRow:
    trace = load_json(bytes(_UNREAD.decode(line).trace))
    others = {name: msgspec.json.decode(raw) for name, raw in _COLUMNS.decode(line).items()}
    return ConvertedRow(**{**others, "trace": trace})
