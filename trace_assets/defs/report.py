"""What a person wants to see of a materialisation: counts, links, ledger, first problems."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from itertools import islice
from typing import Any

import dagster as dg
import msgspec

from trace_assets.artifacts import Artifact, Manifest
from trace_assets.ledger import HEADINGS
from trace_assets.stages.lines import lines_of
from trace_assets.stages.publish import Publication

Metadata = dict[str, Any]

_MOST_ROWS = 200
"""Of a table: the whole of it is in the manifest and in `ledger.json`."""

_MOST_PROBLEMS = 20


def common(artifact: Artifact, manifest: Manifest, *, made: bool) -> Metadata:
    """Links to what is at rest, and whether this run had to do anything."""
    uris = [(artifact.store.uri(file.key), file.size) for file in manifest.files]
    return {
        "dagster/uri": artifact.store.uri(f"{artifact.prefix}/"),
        "files": _table(
            [{"file": uri, "bytes": size} for uri, size in uris[:_MOST_ROWS]], file="string"
        ),
        "file_count": len(uris),
        "unchanged": not made,
    }


def rows(count: int) -> Metadata:
    """The number of rows, for the partition and as Dagster's own row count."""
    return {"dagster/row_count": count, "dagster/partition_row_count": count}


def column_schema(about: Mapping[str, Any]) -> Metadata:
    """The columns of a dataset."""
    types = {"trace": "Trace", "turns": "int", "messages": "int", "tool_calls": "int"}
    types |= {"tool_errors": "int", "input_tokens": "int", "output_tokens": "int"}
    types |= {
        "total_tokens": "int",
        "cost_usd": "float",
        "duration_s": "float",
        "text_share": "float",
        "tags": "list[string]",
    }
    types |= about.get("declared_columns", {})
    names = ("trace", *about["columns"])
    columns = [dg.TableColumn(name, types.get(name, "string")) for name in names]
    return {"dagster/column_schema": dg.TableSchema(columns)}


def ledger_table(ledger: Mapping[str, Any]) -> Metadata:
    """The ledger, a row per file and their sum."""
    names = ("records", *HEADINGS, "traces", "bytes")
    files = ledger["files"]
    named = [(f"all {len(files)} files", "", ledger)]
    named += [(file["file"], file["format"] or "", file) for file in files[:_MOST_ROWS]]
    lines = [
        {"file": file, "format": format, **{name: counts[name] for name in names}}
        for file, format, counts in named
    ]
    return {"ledger": _table(lines, file="string", format="string")}


def unknown_kinds(ledger: Mapping[str, Any]) -> Metadata:
    """The kinds that formats do not know, with their counts, if there are any."""
    lines = [
        {"file": file["file"], "format": file["format"] or "", "kind": kind, "count": count}
        for file in ledger["files"]
        for kind, count in file.get("unknown_kinds", {}).items()
    ]
    if not lines:
        return {}
    texts = dict.fromkeys(("file", "format", "kind"), "string")
    return {"unknown_kinds": _table(lines[:_MOST_ROWS], **texts)}


def text_read(about: Mapping[str, Any]) -> Metadata:
    """How much of the prose of a day was read, and the traces of which least was read."""
    read, total = about["ledger"]["text_read"], about["ledger"]["text_all"]
    unread, worst = about["text"]["unread"], about["text"]["worst"]
    share = f"{read / total:.1%} of {total:,} characters of prose" if total else "no prose"
    return {
        "description": f"{share} read; {unread} traces are tagged `unread_text`",
        "text_read": read,
        "text_all": total,
        "worst": _table(worst, text_share="float", trace_id="string", source_uri="string"),
    }


def why(reasons: Mapping[str, int]) -> str:
    """The reasons of quarantine after a sentence; they are codes of ours, no text of the log.

    >>> why({"not_json": 3, "empty_trace": 1}), why({})
    (': 3 not_json, 1 empty_trace', '')
    """
    counts = ", ".join(f"{count} {reason}" for reason, count in reasons.items())
    return counts and f": {counts}"


class _Problem(msgspec.Struct):
    """What is shown of a quarantined record: not the record, which may be large."""

    file: str
    record: int
    offset: int
    reason: str
    message: str


def first_problems(artifact: Artifact, reasons: Mapping[str, int]) -> Metadata:
    """Why records are in quarantine: how many for which reason, and the first of them in words."""
    if not reasons:
        return {"problems": dg.MetadataValue.md("No record is in quarantine.")}
    counts = [f"- **{text_of(reason)}**: {count:,}" for reason, count in reasons.items()]
    table = ["| file | record | at byte | reason | message |", "|---|---|---|---|---|"]
    for line in islice(lines_of(artifact, "quarantine", artifact.expect()), _MOST_PROBLEMS):
        row = msgspec.json.decode(line, type=_Problem)
        table.append(
            f"| {text_of(row.file)} | {row.record} | {row.offset} | {text_of(row.reason)} "
            f"| {text_of(row.message)} |"
        )
    return {"problems": dg.MetadataValue.md("\n".join([*counts, "", *table]))}


def text_of(value: str) -> str:
    """A text of the log as plain text in Markdown: nothing in it is markup, a link or code."""
    flat = " ".join(value.split())[:300]
    return "".join(f"&#{ord(char)};" if char in _MARKUP else escape(char) for char in flat)


_MARKUP = frozenset("\\`*_{}[]()<>#+-!|~$&:@")


def turns_picture(distribution: Mapping[str, int]) -> Metadata:
    """How many traces have how many turns, as a small bar chart."""
    counts = {int(turns): count for turns, count in distribution.items()}
    if not counts:
        return {}
    picture = b64encode(_bars(counts).encode()).decode()
    return {
        "turns": dg.MetadataValue.md(f"![turns per trace](data:image/svg+xml;base64,{picture})")
    }


def _bars(counts: Mapping[int, int]) -> str:
    shown = sorted(counts)[:40]
    top = max(counts.values())
    bars = [
        f'<rect x="{20 + 22 * n}" y="{100 - 80 * counts[turns] / top:.1f}" width="18" '
        f'height="{80 * counts[turns] / top:.1f}" fill="#4f43dd"/>'
        f'<text x="{29 + 22 * n}" y="114" font-size="10" text-anchor="middle">{turns}</text>'
        f'<text x="{29 + 22 * n}" y="{96 - 80 * counts[turns] / top:.1f}" font-size="9" '
        f'text-anchor="middle">{counts[turns]}</text>'
        for n, turns in enumerate(shown)
    ]
    width = max(40 + 22 * len(shown), 160)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="134" '
        f'font-family="sans-serif">{"".join(bars)}'
        '<text x="20" y="130" font-size="10" fill="#666">turns per trace</text></svg>'
    )


def files_table(logs: Sequence[Mapping[str, Any]]) -> Metadata:
    """The files of a drop: what each is, and how that was told."""
    lines = [
        {
            "file": log["file"],
            "format": log["format"] or "unknown",
            "evidence": log["evidence"],
            "bytes": log["size"],
            "sha256": log["sha256"],
        }
        for log in logs[:_MOST_ROWS]
    ]
    texts = dict.fromkeys(("file", "format", "evidence", "sha256"), "string")
    return {"logs": _table(lines, **texts), "log_files": len(logs)}


def not_taken(left_out: str) -> Metadata:
    """The files that lie in a drop's folder and are no part of it, if there are any."""
    return {"left_out": dg.MetadataValue.text(left_out)} if left_out else {}


def published(publication: Publication) -> Metadata:
    """What is at the target, and how much of it had to be sent."""
    return {
        "dagster/uri": publication.uri,
        "files": _table([{"file": uri} for uri in publication.files], file="string"),
        "files_sent": publication.sent,
    }


def _table(lines: Sequence[Mapping[str, Any]], **types: str) -> dg.TableMetadataValue:
    """A table; its cells are shown as they are, so that nothing in them is markup."""
    names = list(lines[0]) if lines else list(types)
    columns = [dg.TableColumn(name, types.get(name, "int")) for name in names]
    records = [dg.TableRecord(dict(line)) for line in lines]
    return dg.MetadataValue.table(records, dg.TableSchema(columns))
