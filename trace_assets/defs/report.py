"""What a person wants to see of a materialisation: counts, links, ledger, first problems."""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any

import dagster as dg

from trace_assets.artifacts import Artifact, Manifest
from trace_assets.errors import StoreError, TraceAssetsError
from trace_assets.ledger import HEADINGS
from trace_assets.stages.publish import Publication

Metadata = dict[str, Any]

RETRY = dg.RetryPolicy(
    max_retries=3, delay=2, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.FULL
)
"""For what a retry can cure: a network, a server, a file that was still growing."""


@contextmanager
def failing_clearly() -> Iterator[None]:
    """Turn an error that no retry can cure into a Failure that Dagster does not retry."""
    try:
        yield
    except StoreError as error:
        if error.retryable:
            raise
        raise dg.Failure(description=str(error), allow_retries=False) from error
    except TraceAssetsError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error


def common(artifact: Artifact, manifest: Manifest, *, made: bool) -> Metadata:
    """Links to what is at rest, and whether this run had to do anything."""
    files = [
        f"- `{text_of(artifact.store.uri(file.key))}` ({file.size:,} bytes)"
        for file in manifest.files
    ]
    return {
        "dagster/uri": artifact.store.uri(f"{artifact.prefix}/"),
        "files": dg.MetadataValue.md("\n".join(files[:50])),
        "unchanged": not made,
    }


def rows(count: int) -> Metadata:
    """The number of rows, for the partition and as Dagster's own row count."""
    return {"dagster/row_count": count, "dagster/partition_row_count": count}


def column_schema(names: Iterable[str]) -> Metadata:
    """The columns of a dataset."""
    types = {"trace": "Trace", "turns": "int", "messages": "int", "tool_calls": "int"}
    types |= {"tool_errors": "int", "input_tokens": "int", "output_tokens": "int"}
    types |= {
        "total_tokens": "int",
        "cost_usd": "float",
        "duration_s": "float",
        "tags": "list[string]",
    }
    columns = [dg.TableColumn(name, types.get(name, "string")) for name in ("trace", *names)]
    return {"dagster/column_schema": dg.TableSchema(columns)}


def ledger_table(ledger: Mapping[str, Any]) -> Metadata:
    """The ledger, a row per file and their sum."""
    names = ("records", *HEADINGS, "traces", "bytes")
    files = ledger["files"][:200]
    lines = [{"file": "all files", "format": "", **{name: ledger[name] for name in names}}]
    lines += [
        {
            "file": file["file"],
            "format": file["format"] or "",
            **{name: file[name] for name in names},
        }
        for file in files
    ]
    return {"ledger": dg.MetadataValue.table([dg.TableRecord(line) for line in lines], _SCHEMA)}


_SCHEMA = dg.TableSchema(
    [dg.TableColumn("file", "string"), dg.TableColumn("format", "string")]
    + [dg.TableColumn(name, "int") for name in ("records", *HEADINGS, "traces", "bytes")]
)


def first_problems(problems: Sequence[Mapping[str, Any]], reasons: Mapping[str, int]) -> Metadata:
    """Why records are in quarantine: how many for which reason, and the first of them in words."""
    if not reasons:
        return {"problems": dg.MetadataValue.md("No record is in quarantine.")}
    counts = [f"- **{text_of(reason)}**: {count:,}" for reason, count in reasons.items()]
    table = ["| file | record | at byte | reason | message |", "|---|---|---|---|---|"]
    table += [
        f"| {text_of(row['file'])} | {row['record']} | {row['offset']} | {text_of(row['reason'])} "
        f"| {text_of(row['message'])} |"
        for row in problems
    ]
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
    records = [
        dg.TableRecord(
            {
                "file": log["file"],
                "format": log["format"] or "unknown",
                "evidence": log["evidence"],
                "bytes": log["size"],
                "sha256": log["sha256"],
            }
        )
        for log in logs[:200]
    ]
    types = {"bytes": "int"}
    names = ("file", "format", "evidence", "bytes", "sha256")
    schema = dg.TableSchema([dg.TableColumn(name, types.get(name, "string")) for name in names])
    return {"logs": dg.MetadataValue.table(records, schema), "log_files": len(logs)}


def published(publication: Publication) -> dg.MaterializeResult:
    """The result of a publication."""
    links = "\n".join(f"- `{text_of(uri)}`" for uri in publication.files)
    return dg.MaterializeResult(
        data_version=dg.DataVersion(publication.digest),
        metadata={
            "dagster/uri": publication.uri,
            "files": dg.MetadataValue.md(links),
            "files_sent": publication.sent,
        },
    )
