"""The command line: the same pure code without Dagster, and two commands for its instance."""

import argparse
import gc
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from trace_assets.convert import claims
from trace_assets.errors import TraceAssetsError
from trace_assets.formats import formats
from trace_assets.ledger import Ledger
from trace_assets.onepass import HEAD_BYTES, Input, Outputs, convert
from trace_assets.package.spec import dataset_key
from trace_assets.progress import progress
from trace_assets.reading.compression import head, open_plain

OK, NOTHING, USAGE = 0, 1, 2
"""Exit codes: something was written; nothing was; the command was wrong."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    gc.freeze()  # what was imported stays: the collector need not look at it, at the exit either
    parser = _parser()
    options = parser.parse_args(arguments)
    command: Callable[[Any], int] = options.command
    try:
        return command(options)
    except (TraceAssetsError, OSError) as error:
        sys.stderr.write(f"trace-assets: {error}\n")
        return USAGE


def inputs_of(paths: Sequence[Path]) -> list[Input]:
    """The files that paths name, folders walked, in the order of their names.

    A file is named by its path below the folder that was given, with the folder's own name; so the
    rows are the same wherever the folder lies.

    Raises:
        FileNotFoundError: there is no such path.
    """
    found: list[Input] = []
    for path in paths:
        if path.is_dir():
            files = sorted(
                file for file in path.rglob("*") if _is_log(file.relative_to(path), file)
            )
            base = path.resolve().name
            found += [Input(file, f"{base}/{file.relative_to(path).as_posix()}") for file in files]
        elif path.exists():
            found.append(Input(path, path.name))
        else:
            raise FileNotFoundError(f"{path}: there is no such file or folder")
    return found


def _is_log(name: Path, file: Path) -> bool:
    return file.is_file() and not any(part.startswith(".") for part in name.parts)


def _convert(options: Any) -> int:
    inputs = inputs_of(options.paths)
    key = dataset_key(options.key or _key_from(options.paths[0]))
    outputs = Outputs(options.out, key)
    size = sum(input.path.stat().st_size for input in inputs)
    format = None if options.format == "auto" else options.format
    with progress(size, unit="B") as bar:
        ledger = convert(inputs, outputs, format=format, report=bar.update)
    _print_summary(ledger, outputs)
    return OK if ledger.total("traces") else NOTHING


def _key_from(path: Path) -> str:
    stem = path.resolve().name.split(".")[0]
    return "".join(char if char.isascii() and char.isalnum() else "-" for char in stem) or "dataset"


def _print_summary(ledger: Ledger, outputs: Outputs) -> None:
    counts = ledger.as_dict()
    headings = ("converted", "merged", "duplicate", "filtered", "quarantined")
    sums = ", ".join(f"{counts[name]:,} {name}" for name in headings if counts[name])
    _say(f"{counts['records']:,} records: {sums or 'none'}")
    for reason, count in counts["reasons"].items():
        _say(f"  {count:,} in quarantine: {reason}")
    for path in outputs.all():
        _say(f"{path}")


def _detect(options: Any) -> int:
    unclear = False
    for input in inputs_of(options.paths):
        with input.path.open("rb") as file:
            found = claims(head(open_plain(file), HEAD_BYTES))
        if not found:
            _say(f"{input.name}: unknown; known formats: {', '.join(formats())}")
        elif len(found) > 1 and found[0][1].strength == found[1][1].strength:
            equal = [pair for pair in found if pair[1].strength == found[0][1].strength]
            names = "; ".join(f"{format.name} ({claim.evidence})" for format, claim in equal)
            _say(f"{input.name}: ambiguous: {names}")
        else:
            runner_up = f"{found[1][0].name} ({found[1][1].evidence})" if len(found) > 1 else "none"
            format, claim = found[0]
            _say(f"{input.name}: {format.name}: {claim.evidence}; runner-up: {runner_up}")
            continue
        unclear = True
    return NOTHING if unclear else OK


def _formats(_: Any) -> int:
    for format in formats().values():
        summary = format.docs.splitlines()[0]
        _say(f"{format.name:18} {summary}\n{'':18} {format.spec_url}")
    return OK


def _backfill(options: Any) -> int:
    # Dagster is loaded for the commands that need it alone: it takes most of a second.
    from trace_assets.definitions import defs
    from trace_assets.defs.backfill import backfill

    with progress(0, unit="partitions") as bar:
        result = backfill(
            defs, sources=options.source, first=options.first, last=options.to, bar=bar, say=_say
        )
    _say(json.dumps(result.as_dict()))
    return OK if result.done and not result.failed else NOTHING


def _prune(options: Any) -> int:
    from trace_assets.defs.prune import prune

    _say(f"{prune(keep_days=options.keep_days)} runs deleted from the history")
    return OK


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="trace-assets",
        description="Raw agent logs in, a validated trace dataset out; nothing is lost in silence.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("convert", help="convert logs into a dataset")
    command.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files and folders")
    command.add_argument("--format", default="auto", choices=["auto", *formats()])
    command.add_argument("--key", help="the dataset's key; default: from the first path's name")
    command.add_argument("--out", required=True, type=Path, help="the folder to write to")
    command.set_defaults(command=_convert)

    command = commands.add_parser("detect", help="tell the format of logs, and why")
    command.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    command.set_defaults(command=_detect)

    command = commands.add_parser("formats", help="list the formats that are read")
    command.set_defaults(command=_formats)

    command = commands.add_parser("backfill", help="materialise many days in this process")
    command.add_argument("--source", nargs="+", help="default: every source in the inbox")
    command.add_argument("--from", dest="first", help="the first day; default: the oldest drop")
    command.add_argument("--to", help="the last day; default: the newest drop")
    command.set_defaults(command=_backfill)

    command = commands.add_parser("prune", help="trim the history of runs")
    command.add_argument("--keep-days", type=int, required=True)
    command.set_defaults(command=_prune)
    return parser


if __name__ == "__main__":
    sys.exit(main())
