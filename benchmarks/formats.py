"""How fast each format is read, and how much memory it takes: `python -m benchmarks.formats`.

A log of each format is repeated under fresh ids: of the corpus named by TRACE_ASSETS_CORPUS where
it has one, else the format's fixture. MB of input per CPU second of the command, its start less.
"""

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import Cost, cost_of
from trace_assets.formats import formats
from trace_assets.inputs import Input
from trace_assets.outcomes import detected

FIXTURES = Path(__file__).parent.parent / "tests" / "formats" / "fixtures"
TARGET = 30
_ID = re.compile(
    rb'"[A-Za-z_.]*(?:[iI]d|ID|uuid|Uuid)"\s*:\s*"([^"\\]{6,80})"'
    rb"|([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
)
_LINES = (".jsonl", ".ndjson", ".csv", ".tsv")


class Speed(NamedTuple):
    """How one format was read."""

    format: str
    log: str
    megabytes: float
    cost: Cost


def main() -> None:
    """Measure every format that has a log in lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--format", help="only this one")
    options = parser.parse_args()
    start = cost_of([sys.executable, "-c", "import trace_assets.cli"])
    for name in formats():
        if options.format in (None, name):
            _print(name, options.megabytes, start)


def _print(name: str, megabytes: float, start: Cost) -> None:
    log = log_of(name)
    if log is None:
        print(f"{name:16} {'skipped':>8}  no log in lines to repeat")
        return
    with tempfile.TemporaryDirectory() as folder:
        big = Path(folder) / f"big{log.suffix}"
        size = write_repeated(log, big, megabytes)
        out = str(Path(folder) / "out")
        command = [sys.executable, "-m", "trace_assets", "convert", str(big), "--out", out]
        cost = cost_of([*command, "--format", name])
    speed = size / 1e6 / max(cost.cpu_s - start.cpu_s, 0.001)
    print(
        f"{name:16} {speed:5.0f} MB/s  at least {TARGET}  "
        f" peak {cost.peak_mb:4.0f} MB   {log.name}",
        flush=True,
    )


def log_of(name: str) -> Path | None:
    """The largest log in lines that this format reads."""
    corpus = os.environ.get("TRACE_ASSETS_CORPUS")
    folders = [Path(corpus)] if corpus else []
    for folder in (*folders, FIXTURES / name):
        files = [path for path in folder.rglob("*") if path.suffix in _LINES and path.is_file()]
        for path in sorted(files, key=lambda path: -path.stat().st_size):
            if detected(Input(path, path.name), None).log.format == name:
                return path
    return None


def write_repeated(log: Path, big: Path, megabytes: float) -> int:
    """Write a log over and over, each time with other ids; the bytes written."""
    content = log.read_bytes().rstrip(b"\n") + b"\n"
    head, body = b"", content
    if log.suffix in (".csv", ".tsv"):
        head, _, body = content.partition(b"\n")
        head += b"\n"
    written = 0
    with big.open("wb") as file:
        file.write(head)
        for text in _repeated(body):
            file.write(text)
            written += len(text)
            if written >= megabytes * 1e6:
                return written
    return written


def _repeated(body: bytes) -> Iterator[bytes]:
    """The text, every id in it changed in its last digits, the same way wherever it stands."""
    ids = {one for pair in _ID.findall(body) for one in pair if one}
    anywhere = re.compile(b"|".join(re.escape(one) for one in sorted(ids, key=len)[::-1]) or rb"$^")
    for number in count():
        mark = b"%06x" % number
        yield anywhere.sub(lambda match, mark=mark: match[0][: -len(mark)] + mark, body)


if __name__ == "__main__":
    main()
