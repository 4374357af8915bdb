"""Whether a converted line holds: it loads strictly in the Trace model and breaks no rule."""

from typing import Any, NamedTuple

import msgspec

from trace_assets.rules import check
from trace_assets.trace import Trace, gate, problems


class ConvertedRow(msgspec.Struct, forbid_unknown_fields=True):
    """A converted line, read for judging: the trace as far as rules and facts need it."""

    trace: gate.TraceView
    trace_id: str
    format: str
    source_uri: str
    source_sha256: str
    place: tuple[int, int, int]
    """Number, offset and length of the record in its file."""
    columns: dict[str, Any]


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


_DECODER = msgspec.json.Decoder(ConvertedRow)


def judge(line: bytes) -> Verdict:
    """Hold one converted line against the model and the rules.

    The gate is fast and knows only yes; a line that it refuses is judged by the model itself, whose
    words the reason then has.
    """
    try:
        row = _DECODER.decode(line)
    except msgspec.ValidationError:
        return _second_opinion(line)
    findings = check(row.trace)
    reasons = [finding for finding in findings if finding.quarantines]
    warnings = list(dict.fromkeys(one.rule for one in findings if not one.quarantines))
    return Verdict(
        row, reasons[0].rule if reasons else "", [one.message for one in reasons], warnings
    )


def _second_opinion(line: bytes) -> Verdict:
    ...
