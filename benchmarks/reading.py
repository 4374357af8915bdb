"""How fast and in how much memory logs are read: conversations, spans and rows.

Run as `python -m benchmarks.reading`; it prints MB/s of decompressed bytes, and multiples of
a floor that every pipeline pays: `orjson.loads` and `dumps` of each record. Figures move with
the machine; ratios are what to compare. `TRACE_ASSETS_CORPUS` may name a folder of real logs
to draw records from; `--huge` adds the memory of a 1 GB file.
"""

import argparse
import bz2
import csv
import gzip
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import orjson

from trace_assets.reading import (
    Broken,
    Item,
    Record,
    Shape,
    open_plain,
    read_records,
    read_table,
)

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SHAPE = Shape(
    arrays=("simulations", "resourceSpans/*/scopeSpans/*/spans"),
    first=("info", "resourceSpans/*/resource", "resourceSpans/*/scopeSpans/*/scope"),
)
REPEATS = 5
"""A measurement is the best of so many."""

READ_ALONE = """
import sys
from pathlib import Path
from benchmarks.reading import read_file
for item in read_file(Path(sys.argv[1])):
    pass
status = Path("/proc/self/status").read_text()
print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
"""
"""A process of its own; its own peak, not `ru_maxrss`, which starts at that of its parent."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--huge", action="store_true", help="also read a file of 1 GB")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure_speed(Path(folder))
        measure_spans(Path(folder))
        measure_rows(Path(folder))
        for size in [100, 1000] if arguments.huge else [100]:
            measure_memory(Path(folder), size)


def measure_speed(folder: Path) -> None:
    """Array, lines and compressed files of the same records."""
    records = real_records() or [conversation(turns=60, seed=seed) for seed in range(100)]
    mean = sum(len(json.dumps(record)) for record in records) // len(records)
    print(f"records of {mean / 1000:.0f} kB on average")
    plain = write_document(folder / "array.json", records, 50 << 20, indent=2)
    report("array, indented", plain, floor(plain))
    report("array, compact", write_document(folder / "compact.json", records, 50 << 20))
    small = [conversation(turns=1, seed=seed) for seed in range(1000)]
    report("lines of 0.5 kB", write_lines(folder / "small.jsonl", small, 20 << 20))
    report("lines of records", write_lines(folder / "large.jsonl", records, 50 << 20))
    for name, compress in [("gz", gzip.compress), ("zst", zstd.compress), ("bz2", bz2.compress)]:
        path = folder / f"array.json.{name}"
        path.write_bytes(compress(plain.read_bytes()[: 200 << 20]))
        report(f"array, indented, {name}", path, floor(plain), plain.stat().st_size)


def measure_spans(folder: Path) -> None:
    """Exports of spans: one per line, and one for all of them."""
    for count in (1, 20, 200):
        path = write_lines(folder / f"spans{count}.jsonl", exports(count), 30 << 20)
        report(f"exports of {count} spans", path)
    path = folder / "spans.json"
    path.write_text(json.dumps(export(range(15_000)), indent=2))
    report("one export, indented", path)


def measure_rows(folder: Path) -> None:
    """Rows of CSV beside the reader of the standard library, which tells no places."""
    for name, answer in [
        ("plain", "So far no news. " * 20),
        ("quoted", 'So far "no\nnews". ' * 20),
    ]:
        path = folder / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["id", "time", "user", "model", "question", "answer", "cost"])
            for number in range(60_000):
                question = f"Is order {number} late?"
                writer.writerow([number, "2026-01-02", "u", "m", question, answer, 0.25])
        elapsed_s = best(lambda path=path: read_to_end(path))
        floor_s = best(lambda path=path: read_with_csv(path))
        speed = path.stat().st_size / elapsed_s / 1e6
        print(f"rows, {name:18} {speed:7.0f} MB/s   {elapsed_s / floor_s:5.2f} x csv.DictReader")


def read_with_csv(path: Path) -> None:
    """Read every row as the standard library does."""
    with path.open(encoding="utf-8", newline="") as stream:
        for _ in csv.DictReader(stream):
            pass


def report(what: str, path: Path, floor_s: float | None = None, size: int | None = None) -> None:
    """Print the speed of one file; the floor and the size are those of its plain bytes."""
    size = size or path.stat().st_size
    floor_s = floor_s or floor(path)
    elapsed_s = best(lambda: read_to_end(path))
    speed = size / elapsed_s / 1e6
    print(f"{what:24} {speed:7.0f} MB/s   {elapsed_s / floor_s:5.2f} x the floor")


def floor(path: Path) -> float:
    """Seconds that loading and dumping each record takes, given its bytes."""
    with path.open("rb") as stream:
        raws = [
            item.raw
            for item in read_records(stream, file=path.name, shape=SHAPE)
            if isinstance(item, Record)
        ]

    def load_and_dump() -> None:
        for raw in raws:
            orjson.dumps(orjson.loads(raw))

    return best(load_and_dump)


def measure_memory(folder: Path, megabytes: int) -> None:
    """The peak of a process that does nothing but read, beside one that only imports."""
    size = megabytes * 10**6
    records = [conversation(turns=60, seed=seed) for seed in range(100)]
    spans = [span(number) for number in range(100)]
    empty = folder / "empty.json"
    empty.write_bytes(b"")
    start = peak_mb(empty)
    for what, path in [
        ("document", write_document(folder / "big.json", records, size, indent=2)),
        ("one export", write_export(folder / "big.export.json", spans, size)),
        ("lines of exports", write_lines(folder / "big.jsonl", exports(20), size)),
        ("rows", write_rows(folder / "big.csv", size)),
    ]:
        print(f"{what}, {megabytes} MB: peak {peak_mb(path):.0f} MB, of which start {start:.0f} MB")
        path.unlink()


def peak_mb(path: Path) -> float:
    """The peak of resident memory, interpreter and imports included."""
    command = [sys.executable, "-c", READ_ALONE, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    return int(done.stdout) / 1024


def read_to_end(path: Path) -> None:
    """Read every record."""
    for item in read_file(path):
        assert not isinstance(item, Broken)


def best(work: Callable[[], None]) -> float:
    """The seconds of the fastest run."""
    times: list[float] = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def conversation(*, turns: int, seed: int) -> dict[str, object]:
    """A simulation like those of an agent benchmark."""
    messages: list[dict[str, object]] = []
    for turn in range(turns):
        text = f"Could you check order #W{seed}{turn}? It's “late”: {'so far, no news. ' * 9}\n"
        arguments = {"order_id": f"#W{seed}{turn}", "fields": ["status", "address"], "depth": 2}
        call = {"id": f"call_{seed}_{turn}", "name": "get_order", "arguments": arguments}
        messages.append(
            {
                "role": "assistant" if turn % 2 else "user",
                "content": text,
                "tool_calls": [call],
                "turn_idx": turn,
                "timestamp": "2026-01-02T03:04:05.678901",
                "cost": 0.00123 * turn,
                "usage": {"completion_tokens": 40 + turn, "prompt_tokens": 3000 + seed},
            }
        )
    return {"id": f"simulation-{seed}", "task_id": str(seed), "messages": messages, "trial": 0}


def span(number: int) -> dict[str, object]:
    """A span of a chat, as OpenTelemetry exports it."""
    said = [{"role": "user", "parts": [{"type": "text", "content": "Is it “late”?\n" * 60}]}]
    return {
        "traceId": f"{number:032x}",
        "spanId": f"{number:016x}",
        "name": "chat",
        "startTimeUnixNano": "1700000000000000000",
        "attributes": [
            {"key": "gen_ai.request.model", "value": {"stringValue": "m"}},
            {"key": "gen_ai.usage.input_tokens", "value": {"intValue": str(number)}},
            {"key": "gen_ai.input.messages", "value": {"stringValue": json.dumps(said)}},
        ],
        "status": {"code": 1},
    }


def export(numbers: Sequence[int]) -> dict[str, object]:
    """Spans in what encloses them."""
    name = {"key": "service.name", "value": {"stringValue": "bot"}}
    scope = {"scope": {"name": "s", "version": "1"}, "spans": [span(n) for n in numbers]}
    return {"resourceSpans": [{"resource": {"attributes": [name]}, "scopeSpans": [scope]}]}


def exports(count: int) -> list[object]:
    """Some exports of so many spans each."""
    return [export(range(start, start + count)) for start in range(0, 20 * count, count)]


def real_records() -> list[object]:
    """Some simulations of the corpus, if there is one."""
    corpus = os.environ.get("TRACE_ASSETS_CORPUS")
    paths = sorted(Path(corpus).glob("tau2bench/**/*.json")) if corpus else []
    found: Iterator[object] = (
        item.value
        for path in paths
        if path.stat().st_size > 10**6
        for item in read_file(path)
        if isinstance(item, Record)
    )
    return list(itertools.islice(found, 500))


def read_file(path: Path) -> Iterator[Item]:
    """Every item of a file."""
    with path.open("rb") as stream:
        if path.suffix == ".csv":
            yield from read_table(open_plain(stream), file=path.name)
        else:
            yield from read_records(open_plain(stream), file=path.name, shape=SHAPE)


def write_document(
    path: Path, records: Sequence[object], size: int, indent: int | None = None
) -> Path:
    """A document of about `size` bytes, with what the format needs first behind its records."""
    texts = [json.dumps(record, indent=indent) for record in records]
    between = ",\n    " if indent else ", "
    if indent:
        texts = [text.replace("\n", "\n    ") for text in texts]
    with path.open("w", encoding="utf-8") as stream:
        stream.write(
            '{\n  "info": {"agent": "a"},\n  "simulations": [\n    '
            if indent
            else '{"info": {"agent": "a"}, "simulations": ['
        )
        stream.write(texts[0])
        for text in itertools.cycle(texts):
            stream.write(between + text)
            if stream.tell() > size:
                break
        stream.write("\n  ]\n}\n" if indent else "]}")
    return path


def write_export(path: Path, spans: Sequence[object], size: int) -> Path:
    """One export of about `size` bytes."""
    texts = [json.dumps(span) for span in spans]
    with path.open("w", encoding="utf-8") as stream:
        stream.write('{"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {}, "spans": [')
        stream.write(texts[0])
        for text in itertools.cycle(texts):
            stream.write(",\n" + text)
            if stream.tell() > size:
                break
        stream.write("]}]}]}")
    return path


def write_rows(path: Path, size: int) -> Path:
    """Rows with a cell of JSON each, of about `size` bytes."""
    cell = json.dumps(conversation(turns=4, seed=1)).replace('"', '""')
    with path.open("w", encoding="utf-8") as stream:
        stream.write("id,trace\n")
        for number in itertools.count():
            stream.write(f'{number},"{cell}"\n')
            if stream.tell() > size:
                break
    return path


def write_lines(path: Path, records: Sequence[object], size: int) -> Path:
    """The same, one record per line."""
    lines = [json.dumps(record) + "\n" for record in records]
    with path.open("w", encoding="utf-8") as stream:
        for line in itertools.cycle(lines):
            stream.write(line)
            if stream.tell() > size:
                break
    return path


if __name__ == "__main__":
    main()
