"""The lines at rest: a trace as it was converted, and the row of a dataset.

Every line is one JSON object in ASCII: a raw U+2028, U+2029 or U+0085 would break the row for the
readers that split text with `str.splitlines`, the SDK's preview among them. A later stage copies
the bytes of `items` and `events` instead of building them again.
"""

import codecs
from collections.abc import Iterable
from json.encoder import encode_basestring_ascii
from typing import Any, NamedTuple

import msgspec

from trace_assets import enrich
from trace_assets.columns import BASE
from trace_assets.convert import Quarantined, Row, repaired
from trace_assets.formats import formats
from trace_assets.guards import Findings
from trace_assets.judge import Judgement, Verdict
from trace_assets.reading import Context, Place
from trace_assets.trace.build import encode


def converted_line(row: Row) -> bytes:
    """A trace as its format made it, with the place of its record; ends in a newline."""
    place = row.place
    value = {
        "trace": row.trace,
        "trace_id": row.trace["metadata"]["trace_id"],
        "format": row.format,
        "source_uri": place.uri,
        "source_sha256": row.sha256,
        "place": place,
        "columns": row.columns,
        "findings": row.findings._asdict(),
    }
    if row.merged:
        value["merged"] = [source.place for source in row.merged]
    return to_ascii(encode(value)) + b"\n"


class _Placed(msgspec.Struct):
    place: Place
    merged: list[Place] = []


_PLACED = msgspec.json.Decoder(_Placed)


def places_of(line: bytes) -> list[Place]:
    """The places of the records that a converted line was made from, its own first."""
    row = _PLACED.decode(line)
    return [row.place, *row.merged]


def quarantine_line(quarantined: Quarantined) -> bytes:
    """A quarantine row; ends in a newline."""
    return to_ascii(encode(quarantined.as_dict())) + b"\n"


def context_line(context: Context) -> bytes:
    """What a file says once for all its records; ends in a newline."""
    value = {"file": context.file, "pointer": context.pointer, "value": context.value}
    if context.repairs:
        value["repairs"] = repaired(context.repairs)
    return to_ascii(encode(value)) + b"\n"


def columns_for(format_names: Iterable[str], declared: Iterable[str] = ()) -> list[str]:
    """The columns of a dataset with traces of these formats, after `trace`, in order."""
    of_formats = [name for format in format_names for name in formats()[format].columns]
    return list(dict.fromkeys([*BASE, *of_formats, *enrich.COLUMNS, *declared]))


class Enriched(NamedTuple):
    """A dataset row, and what was found out about its trace."""

    line: bytes
    columns: dict[str, Any]
    facts: enrich.Facts


_PARTS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_METADATA = msgspec.json.Decoder(dict[str, Any])


def enriched_line(
    verdict: Verdict,
    *,
    source: str | None,
    date: str | None,
    defaults: enrich.Defaults,
    names: Iterable[str],
) -> Enriched:
    """The dataset row of a converted line that holds; items and events are copied, not rebuilt."""
    row = verdict.row
    assert verdict.trace is not None  # noqa: S101 - the line holds
    findings = Findings(**row.findings)
    facts = enrich.facts_of(
        verdict.trace,
        defaults=defaults,
        warnings=[*verdict.warnings, *findings.tags],
        text_share=findings.text_share,
    )
    known = {
        "trace_id": row.trace_id,
        "source": source,
        "date": date,
        "format": row.format,
        "source_uri": row.source_uri,
        "source_sha256": row.source_sha256,
        **row.columns,
        **facts.columns,
    }
    columns = {name: known.get(name) for name in names}
    trace: dict[str, bytes | msgspec.Raw] = {**row.trace}
    metadata = _METADATA.decode(trace["metadata"])
    trace["metadata"] = to_ascii(encode(enrich.filled(metadata, facts)))
    members = b",".join(b'"%s":%s' % (key.encode(), value) for key, value in trace.items())
    line = b'{"trace":{%s},%s\n' % (members, to_ascii(encode(columns))[1:])
    return Enriched(line, columns, facts)


def dataset_line(
    row: Row, judgement: Judgement, *, defaults: enrich.Defaults, names: Iterable[str]
) -> bytes:
    """The dataset row of a trace that holds: `enriched_line`, byte for byte, but written once."""
    assert judgement.trace is not None  # noqa: S101 - it holds
    facts = enrich.facts_of(
        judgement.trace,
        defaults=defaults,
        warnings=[*judgement.warnings, *row.findings.tags],
        text_share=row.findings.text_share,
    )
    trace, metadata = row.trace, row.trace["metadata"]
    known = {
        "trace_id": metadata["trace_id"],
        "format": row.format,
        "source_uri": row.place.uri,
        "source_sha256": row.sha256,
        **row.columns,
        **facts.columns,
    }
    line: dict[str, Any] = {"trace": {**trace, "metadata": enrich.filled(metadata, facts)}}
    for name in names:
        line[name] = known.get(name)
    return to_ascii(encode(line)) + b"\n"


def to_ascii(data: bytes) -> bytes:
    r"""JSON with every character above ASCII as a \u escape; the value does not change.

    >>> to_ascii('"caf\u00e9 \u2014 \U0001f600"'.encode()).decode()
    '"caf\\u00e9 \\u2014 \\ud83d\\ude00"'
    """
    if data.isascii():
        return data
    # Read as Latin-1, where a byte is a character, because that is a mere copy: only the bytes
    # above ASCII, which come in whole UTF-8 characters, are looked at again.
    return data.decode("latin-1").encode("ascii", "trace_assets.json_escape")


class _Escapes(dict[str, str]):
    """Runs of UTF-8 bytes, read as Latin-1, to their escapes; the short ones are remembered."""

    def __missing__(self, run: str) -> str:
        escaped = encode_basestring_ascii(run.encode("latin-1").decode())[1:-1]
        if len(run) <= 4 and len(self) < 10_000:
            self[run] = escaped
        return escaped


_ESCAPES = _Escapes()


def _escape(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)  # noqa: S101 - the codec raises no other when encoding
    return _ESCAPES[error.object[error.start : error.end]], error.end


codecs.register_error("trace_assets.json_escape", _escape)


class _Identified(msgspec.Struct):
    trace_id: str


_IDENTIFIED = msgspec.json.Decoder(_Identified)


def row_id(line: bytes) -> str:
    """The trace id of a dataset row."""
    return _IDENTIFIED.decode(line).trace_id


def row_place(line: bytes) -> bytes:
    """Which trace a dataset row holds, and where it comes from, as a line of its own."""
    parts = _PARTS.decode(line)
    names = ("trace_id", "date", "source_uri")
    return b"{%s}\n" % b",".join(b'"%s":%s' % (name.encode(), parts[name]) for name in names)


def with_columns(line: bytes, names: Iterable[str]) -> bytes:
    """A dataset row with these columns after `trace`, null where it has none; values are copied."""
    parts = _PARTS.decode(line)
    columns = b"".join(b',"%s":%s' % (name.encode(), parts.get(name, b"null")) for name in names)
    return b'{"trace":' + parts["trace"] + columns + b"}\n"
