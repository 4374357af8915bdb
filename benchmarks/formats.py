"""How fast each format is read, and how much memory it takes: `python -m benchmarks.formats`.

The largest logs of each format, one JSON document a line, are repeated under fresh ids: those of
the corpus named by TRACE_ASSETS_CORPUS where it has some, else the format's fixtures. A table stays
a table. MB of input per CPU second of the command, its start less; and what became of the records,
for a log whose copies were told to be copies would measure nothing.
"""

import argparse
import atexit
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from itertools import count, islice
from pathlib import Path

import msgspec

from benchmarks.measure import Cost, cost_of, median_cost
from trace_assets import Trace, traces_in
from trace_assets.formats import formats
from trace_assets.onepass.inputs import Input
from trace_assets.onepass.opening import detected

FIXTURES = Path(__file__).parent.parent / "tests" / "formats" / "fixtures"
TARGET = 30
LOGS = 8
"""How many logs are mixed: one alone may be all image, or all small lines."""
A_TRACE_A_FILE = ("claude_code", "codex")
_KEYED = rb'"[A-Za-z_.]*(?:[iI]d|ID|uuid|Uuid)"\s*:\s*"([^"\\]{6,80})"'
_UUID = rb"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
_ID = re.compile(_KEYED + b"|" + _UUID)
_HEX = re.compile(rb"[0-9a-f-]{16,}")
_WORD = re.compile(rb"[A-Za-z0-9_.:-]{6,80}")
_DIGIT = re.compile(rb"[0-9]")  # `"id": "system"` is none to replace everywhere
_PROSE = re.compile(rb"[A-Za-z ,]{12,}")
_JSON = (".json", ".jsonl", ".ndjson")
_TABLES = (".csv", ".tsv")


def main() -> None:
    """Measure every format."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, nargs="+", default=[10, 100])
    parser.add_argument("--format", help="only this one")
    parser.add_argument("--keep", type=Path, help="only write the logs, into this folder")
    options = parser.parse_args()
    loaded = "from trace_assets.formats import formats; import trace_assets.cli; formats()"
    start = median_cost([sys.executable, "-c", loaded])
    for name in formats():
        if options.format not in (None, name):
            continue
        if options.keep:
            options.keep.mkdir(parents=True, exist_ok=True)
            write_repeated(name, options.keep, options.megabytes[0])
        else:
            print(_line(name, options.megabytes, start), flush=True)


def _line(name: str, sizes: list[float], start: Cost) -> str:
    told, counts = f"{name:16}", {}
    for megabytes in sizes:
        with tempfile.TemporaryDirectory() as folder:
            big = write_repeated(name, Path(folder), megabytes)
            size = sum(path.stat().st_size for path in (big, *big.glob("*")) if path.is_file())
            out = Path(folder) / "out"
            command = [sys.executable, "-m", "trace_assets", "convert", str(big)]
            cost = cost_of([*command, "--out", str(out), "--format", name, "--key", "big"])
            counts = json.loads((out / "big.ledger.json").read_bytes())
        speed = size / 1e6 / max(cost.cpu_s - start.cpu_s, 0.001)
        told += f"{megabytes:5.0f} MB: {speed:4.0f} MB/s, peak {cost.peak_mb:4.0f} MB;"
    became = ("records", "traces", "duplicate", "quarantined")
    return f"{told}  " + ", ".join(f"{counts[word]} {word}" for word in became)


def write_repeated(name: str, folder: Path, megabytes: float) -> Path:
    """Write a format's logs over and over, each time with other ids; the file, or the folder."""
    logs = logs_of(name)
    if name in A_TRACE_A_FILE:
        return _write_files([lines_of(log) for log in logs], folder / name, megabytes)
    head, body = b"", b"".join(lines_of(log) for log in logs)
    is_table = logs[0].suffix in _TABLES
    if is_table:
        head, _, body = logs[0].read_bytes().partition(b"\n")
        head, body = head + b"\n", body.rstrip(b"\n") + b"\n"
    big = folder / f"{name}{logs[0].suffix if is_table else '.jsonl'}"
    with big.open("wb") as file:
        file.write(head)
        for text in repeated(body):
            file.write(text)
            if file.tell() >= megabytes * 1e6:
                break
    return big


def _write_files(bodies: list[bytes], folder: Path, megabytes: float) -> Path:
    folder.mkdir()
    written = 0
    for number, texts in enumerate(zip(*map(repeated, bodies), strict=True)):
        for body, text in enumerate(texts):
            (folder / f"{body}-{number:06d}.jsonl").write_bytes(text)
            written += len(text)
        if written >= megabytes * 1e6:
            break
    return folder


def logs_of(name: str) -> list[Path]:
    """The largest logs of a format; of the format that reads tables, the largest table."""
    corpus = os.environ.get("TRACE_ASSETS_CORPUS")
    if name == "trace":
        return [_dataset()]
    endings = _TABLES if name == "csv" else _JSON
    for folder in [Path(corpus)] if corpus else []:
        found = [path for path in _logs_in(folder).get(name, []) if path.suffix in endings]
        if endings is _TABLES:  # one whose columns nobody knows gives no trace
            found = list(islice(filter(_has_traces, found), 1))
        if found:
            return found[:LOGS]
    return [path for path in _logs_in(FIXTURES)[name] if path.suffix in endings][:LOGS]


def _has_traces(log: Path) -> bool:
    return any(isinstance(found, Trace) for found in traces_in(log))


@cache
def _dataset() -> Path:
    """A dataset of our own: what the format `trace` reads."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    log = str(logs_of("tau2bench")[0])
    cost_of(
        [
            sys.executable,
            "-m",
            "trace_assets",
            "convert",
            log,
            "--key",
            "rows",
            "--out",
            str(folder),
        ]
    )
    return folder / "rows.jsonl"


@cache
def _logs_in(folder: Path) -> dict[str, list[Path]]:
    """The files below a folder by their formats, the largest first."""
    found: dict[str, list[Path]] = {}
    files = [path for path in folder.rglob("*") if path.suffix in _JSON + _TABLES]
    for path in sorted(files, key=lambda path: (-path.stat().st_size, path)):
        format = detected(Input(path, path.name), None).log.format
        found.setdefault(format or "", []).append(path)
    return found


def lines_of(log: Path) -> bytes:
    """A JSON log as JSON Lines: of an array each element, of a document the whole."""
    content = log.read_bytes()
    try:
        document = msgspec.json.decode(content, type=msgspec.Raw)
    except msgspec.DecodeError:
        return content.rstrip(b"\n") + b"\n"  # it is in lines already
    is_array = bytes(document).startswith(b"[")
    several = msgspec.json.decode(document, type=list[msgspec.Raw]) if is_array else [document]
    return b"".join(msgspec.json.format(bytes(one), indent=-1) + b"\n" for one in several)


def repeated(body: bytes) -> Iterator[bytes]:
    """The text, every id in it another one each time, and the same wherever it stands."""
    found = {one for pair in _ID.findall(body) for one in pair}
    ids = {one for one in found if _WORD.fullmatch(one) and _DIGIT.search(one)}
    nameless = [ids.isdisjoint(_WORD.findall(line)) for line in body.splitlines(keepends=True)]
    for number in count():
        fresh = {one: _fresh(one, number) for one in ids}
        text = _WORD.sub(lambda match, fresh=fresh: fresh.get(match[0], match[0]), body)
        lines = zip(text.splitlines(keepends=True), nameless, strict=True)
        yield b"".join(_reworded(line, number) if alone else line for line, alone in lines)


def _reworded(line: bytes, number: int) -> bytes:
    """A line without an id, its longest prose begun with a word of its own."""
    prose = max(_PROSE.findall(line), key=len, default=b"")
    return line.replace(prose, b"no %06x %s" % (number, prose), 1) if prose else line


def _fresh(one: bytes, number: int) -> bytes:
    """Another id of the same kind."""
    if not _HEX.fullmatch(one):
        return b"%s-%06x" % (one, number)
    digits = iter(sha256(b"%s %d" % (one, number)).hexdigest() * 2)
    return bytes(byte if byte == ord("-") else ord(next(digits)) for byte in one)


if __name__ == "__main__":
    main()
