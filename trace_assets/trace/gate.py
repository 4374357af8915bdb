"""The fast way in: what the gate takes is a trace, at a fraction of the cost of building one.

A View has the attributes and the lookups of a Trace, so that code written for one runs on the
other. What the gate refuses is not thereby wrong: `load_json` has the last word, and says why.

    try:
        trace = gate.decode(line)
    except gate.RefusedError:
        trace = load_json(line)

The gate takes nothing that the models refuse, with one exception: free-form JSON nested deeper than
`MAX_DEPTH`, and for `convert` also what no JSON decoder returns (NaN, lone surrogates) inside it.
"""

from typing import TYPE_CHECKING, cast

import msgspec

from trace_assets.errors import TraceAssetsError
from trace_assets.trace.outline import Outline
from trace_assets.trace.rows import RawRow, join, split
from trace_assets.trace.views import KNOWN_EXTRAS, TraceView, check

if TYPE_CHECKING:
    from trace_assets.trace.model import Trace

__all__ = [
    "KNOWN_EXTRAS",
    "RawRow",
    "RefusedError",
    "View",
    "convert",
    "decode",
    "decode_outline",
    "decode_row",
    "join",
    "split",
]


class RefusedError(TraceAssetsError, ValueError):
    """The gate cannot vouch for a value; the models may still take it."""


if TYPE_CHECKING:
    View = Trace
else:
    View = TraceView
"""What the gate returns. For a type checker it is a Trace, as it has the same attributes, `type`
and `role` among them, and the lookups; it is no instance of the models, and cannot be dumped."""


class _Row(msgspec.Struct):
    trace: View


class _OutlinedRow(msgspec.Struct):
    trace: Outline


_row_decoder = msgspec.json.Decoder(_Row, dec_hook=check)
_outline_decoder = msgspec.json.Decoder(_OutlinedRow, dec_hook=check)

_FAILURES = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


def decode(line: bytes | msgspec.Raw) -> View:
    """Return a view of one trace in JSON, all of which has been looked at.

    Raises:
        RefusedError: the bytes are no JSON, or nothing the gate can vouch for.
    """
    try:
        return convert(msgspec.json.decode(line))
    except _FAILURES as error:
        raise RefusedError(str(error)) from error


def decode_row(line: bytes) -> View:
    """Return a view of the trace of a row that our own encoder wrote, in half the time.

    The law does not hold here: unknown keys are skipped, and what is no UTF-8 or no finite number
    in them is not seen. The encoder writes neither.

    Raises:
        RefusedError: the bytes are no row, or nothing the gate can vouch for.
    """
    try:
        return _row_decoder.decode(line).trace
    except _FAILURES as error:
        raise RefusedError(str(error)) from error


def decode_outline(line: bytes) -> View:
    """Return what rules and facts ask of the trace of a row that has passed `decode_row`.

    Raises:
        RefusedError: it cannot have passed.
    """
    try:
        return cast("View", _outline_decoder.decode(line).trace)
    except _FAILURES as error:
        raise RefusedError(str(error)) from error


def convert(value: object) -> View:
    """Return a view of one trace that a JSON decoder has read, sharing its free-form parts.

    Raises:
        RefusedError: it is nothing the gate can vouch for.
    """
    try:
        return msgspec.convert(value, View, dec_hook=check)
    except _FAILURES as error:
        raise RefusedError(str(error)) from error
