"""Real logs, where there is a folder of them: nothing breaks, and places are right."""

import csv
import io
import json
import os
from pathlib import Path

import pytest

from tests.reading.reading import broken
from trace_assets.reading import (
    Broken,
    Context,
    Record,
    Shape,
    open_members,
    open_plain,
    read_records,
    read_table,
)

CORPUS = os.environ.get("TRACE_ASSETS_CORPUS")
SIMULATIONS = Shape(arrays=("simulations",), whole=("messages",), first=("info",))

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not CORPUS, reason="TRACE_ASSETS_CORPUS is not set"),
]


@pytest.mark.parametrize("shape", [Shape(), SIMULATIONS])
def test_every_simulation_of_the_corpus_is_read_as_the_standard_library_reads_it(
    shape: Shape,
) -> None:
    paths = sorted(Path(CORPUS or "").glob("tau2bench/**/*.json"))
    assert paths
    for path in paths:
        with path.open("rb") as stream:
            items = list(read_records(open_plain(stream), file=path.name, shape=shape))
        assert not broken(items), path
        content = path.read_bytes()
        for item in items:
            if not isinstance(item, Context):
                assert content[item.place.offset :].startswith(item.raw)
            assert json.loads(item.raw) == getattr(item, "value", None)
        document = json.loads(content)
        if shape.arrays and isinstance(document, dict) and "simulations" in document:
            records = [item.value for item in items if isinstance(item, Record)]
            assert records == document["simulations"]


SPANS = Shape(
    arrays=("resourceSpans/*/scopeSpans/*/spans",),
    first=("resourceSpans/*/resource", "resourceSpans/*/scopeSpans/*/scope"),
)


def test_every_span_of_the_corpus_is_read_as_the_standard_library_reads_it() -> None:
    found = 0
    for path in sorted(Path(CORPUS or "").glob("otel/**/*.json*")):
        content = path.read_bytes()
        if b'"resourceSpans"' not in content[:100]:
            continue
        try:
            documents = [json.loads(content)]
        except json.JSONDecodeError:
            documents = [json.loads(line) for line in content.split(b"\n") if line.strip()]
        items = list(read_records(io.BytesIO(content), file=path.name, shape=SPANS))
        assert not broken(items), path
        spans = [
            span
            for document in documents
            for resource in document["resourceSpans"]
            for scope in resource["scopeSpans"]
            for span in scope["spans"]
        ]
        assert [item.value for item in items if isinstance(item, Record)] == spans
        found += len(spans)
    assert found > 100


def test_every_table_of_the_corpus_is_read_as_the_standard_library_reads_it() -> None:
    paths = sorted(Path(CORPUS or "").glob("**/*.csv"))
    assert paths
    limit = csv.field_size_limit(1 << 30)
    try:
        for path in paths:
            with path.open("rb") as stream:
                header, *rows = read_table(stream, file=path.name)
            assert isinstance(header, Context)
            with path.open(encoding="utf-8-sig", newline="") as text:
                expected = [row for row in csv.reader(text) if row]
            assert header.value["header"] == expected[0]
            values = [row.value for row in rows if isinstance(row, Record) and not row.repairs]
            assert [list(value.values()) for value in values] == expected[1:]
    finally:
        csv.field_size_limit(limit)


def test_every_archive_of_the_corpus_holds_readable_logs() -> None:
    paths = sorted(Path(CORPUS or "").glob("**/*.eval"))
    assert paths
    for path in paths:
        with path.open("rb") as stream:
            names: list[str] = []
            for member in open_members(stream):
                names.append(member.name)
                items = list(read_records(open_plain(member.stream), file=member.name))
                assert items, (path, member.name)
                assert not any(isinstance(item, Broken) for item in items), (path, member.name)
        assert "header.json" in names, path
