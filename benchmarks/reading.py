"""How fast and in how much memory logs are read.

Run as `python -m benchmarks.reading`; it prints MB/s of decompressed bytes, and multiples of
a floor that every pipeline pays: `orjson.loads` and `dumps` of each record. Figures move with
the machine; ratios are what to compare. `TRACE_ASSETS_CORPUS` may name a folder of real logs
to draw records from; `--huge` adds the memory of a 1 GB file.
"""

import argparse
import bz2
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

from trace_assets.reading import Broken, Record, Shape, open_plain, read_records

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SHAPE = Shape(arrays=("simulations",), first=("info",))
REPEATS = 5
"""A measurement is the best of so many."""

READ_ALONE = """
import sys
from pathlib import Path
from trace_assets.reading import Shape, open_plain, read_records
with open(sys.argv[1], "rb") as stream:
    for item in read_records(open_plain(stream), file="f", shape=Shape(arrays=("simulations",))):
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
    records = [conversation(turns=60, seed=seed) for seed in range(100)]
    path = write_document(folder / "big.json", records, megabytes * 10**6, indent=2)
    empty = folder / "empty.json"
    empty.write_bytes(b"")
    print(f"{megabytes} MB: peak {peak_mb(path):.0f} MB, of which start {peak_mb(empty):.0f} MB")


def peak_mb(path: Path) -> float:
    """The peak of resident memory, interpreter and imports included."""
    command = [sys.executable, "-c", READ_ALONE, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
    return int(done.stdout) / 1024


def read_to_end(path: Path) -> None:
    """Read every record."""
    with path.open("rb") as stream:
        for item in read_records(open_plain(stream), file=path.name, shape=SHAPE):
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


def read_file(path: Path) -> Iterator[object]:
    """Every item of a file."""
    with path.open("rb") as stream:
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
