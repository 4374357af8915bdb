"""The command line: the same pure code without Dagster, and two commands for its instance."""

import argparse
import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from trace_assets.convert import claims, likely_tool
from trace_assets.custom_columns import from_arguments
from trace_assets.errors import ConfigError, TraceAssetsError
from trace_assets.formats import Claim, Format, formats
from trace_assets.ledger import Ledger
from trace_assets.onepass import Outputs, convert
from trace_assets.onepass.inputs import Input, inputs_of, stem_of
from trace_assets.package.spec import checked_key, key_of_name
from trace_assets.places import Places
from trace_assets.printable import shown
from trace_assets.progress import progress
from trace_assets.reading.compression import open_plain
from trace_assets.reading.detection import detection_head

OK, NOTHING, USAGE = 0, 1, 2
"""Exit codes: something was written; nothing was; the command or what it names was wrong."""

PROBLEMS = 1
"""The dataset is not, or is not even after its repair, what its readers accept."""

INTERRUPTED, PIPE_CLOSED, ENDED = 130, 141, 143
"""Exit codes of a shell's own: 128 and the number of the signal."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    gc.freeze()  # what was imported stays: the collector need not look at it, at the exit either
    given = sys.argv[1:] if arguments is None else list(arguments)
    options = _parser(given[0] if given else None).parse_args(given)
    command: Callable[[Any], int] = options.command
    try:
        with _ended_like_interrupted():
            return command(options)
    except BrokenPipeError:
        # Who read the output has seen enough; Python would complain once more at its own exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except (TraceAssetsError, OSError) as error:
        _note(f"error: {_sentence(error)}")
        return USAGE
    except _EndedError:
        return ENDED
    except KeyboardInterrupt:
        _note("interrupted; what this command writes is as it was before")
        return INTERRUPTED


class _EndedError(BaseException):
    """The process was asked to end."""


@contextmanager
def _ended_like_interrupted() -> Iterator[None]:
    """Clean up when the process is asked to end, as it would be when it is interrupted."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only there can a signal be handled
        return

    def end(*_: object) -> NoReturn:
        raise _EndedError

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _sentence(error: Exception) -> str:
    """What went wrong, with the file first, as all our errors have it."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{os.fspath(error.filename)}: {error.strerror}"
    return str(error)


def _convert(options: Any) -> int:
    inputs = inputs_of(options.paths, note=_note)
    key = checked_key(options.key) if options.key else _key_from(options.paths[0])
    outputs = Outputs(options.out, key)
    size = sum(input.path.stat().st_size for input in inputs)
    format = None if options.format == "auto" else options.format
    if options.mapping and format not in (None, "csv"):
        raise ConfigError(f"--mapping is for the format csv, found --format {format}")
    mapping = _mapping_of(options.mapping) if options.mapping else None
    with progress(size, unit="B") as bar:
        ledger = convert(
            inputs,
            outputs,
            format=format,
            mapping=mapping,
            columns=from_arguments(options.column),
            workers=options.workers,
            overwrite=options.overwrite,
            report=bar.update,
        )
    _print_summary(ledger, outputs)
    if ledger.total("traces"):
        return OK
    if ledger.total("records"):
        _note(f"no trace was written; {outputs.quarantine} says why of each record")
    return NOTHING


def _mapping_of(path: Path) -> dict[str, Any]:
    from trace_assets.declared_mapping import load_mapping  # most conversions need no pydantic

    return load_mapping(path).told()


def _key_from(path: Path) -> str:
    resolved = path.resolve()
    stem = resolved.name if path.is_dir() else stem_of(resolved.name)
    return key_of_name(stem, full_name=resolved.name)


def _print_summary(ledger: Ledger, outputs: Outputs) -> None:
    counts = ledger.as_dict()
    headings = ("converted", "merged", "duplicate", "filtered", "quarantined")
    sums = ", ".join(f"{counts[name]:,} {name}" for name in headings if counts[name])
    _say(f"{counts['records']:,} records: {sums or 'none'}")
    for reason, count in counts["reasons"].items():
        _say(f"  {count:,} in quarantine: {reason}")
    for path in outputs.all():
        _say(f"{path}")
    _note_training_parts(ledger)


def _note_training_parts(ledger: Ledger) -> None:
    """Name the files that are parts of training data, and the command that takes them."""
    parts = [file for file in ledger.files if file.left_out]
    for file in parts:
        _note(f"{file.file}: no log: {file.left_out} of training data; left out")
    if parts:
        _note("`trace-assets training-set` takes them: --job-description, --config and --test")


def _detect(options: Any) -> int:
    inputs = inputs_of(options.paths, note=_note)
    verdicts = [_verdict(input) for input in inputs]
    return OK if verdicts and all(verdicts) else NOTHING


def _verdict(input: Input) -> bool:
    """Say what a file's format is; whether there is exactly one."""
    with input.path.open("rb") as file:
        start = detection_head(open_plain(file))
    found = claims(start)
    strongest = [pair for pair in found if pair[1].strength == found[0][1].strength]
    if not found:
        tool = likely_tool(start)
        seen = f"unknown; looks like {tool}, which no format reads yet" if tool else "unknown"
        verdict = f"{seen}; known formats: {', '.join(formats())}"
    elif len(strongest) > 1:
        verdict = f"ambiguous, name one by --format: {'; '.join(map(_claim, strongest))}"
    else:
        runner_up = _claim(found[1]) if len(found) > 1 else "none"
        verdict = f"{found[0][0].name}: {found[0][1].evidence}; runner-up: {runner_up}"
    _say(f"{input.name}: {verdict}")
    return len(strongest) == 1


def _claim(pair: tuple[Format, Claim]) -> str:
    return f"{pair[0].name} ({pair[1].evidence})"


def _formats(_: Any) -> int:
    for format in formats().values():
        summary = format.docs.splitlines()[0]
        _say(f"{format.name:18} {summary}\n{'':18} {format.spec_url}")
    return OK


def _lint(options: Any) -> int:
    from trace_assets.lint import lint  # the other commands start without it

    found = lint(options.dataset, repair=options.repair, say=_say)
    _say(f"{options.dataset}: {found.rows:,} rows, {found.problems:,} problems")
    for rule, count in found.warnings.most_common():
        _say(f"  {count:,} rows with a warning: {rule}")
    if options.repair:
        _say(f"{options.repair}: {found.repaired:,} rows repaired, {found.left:,} problems left")
    return PROBLEMS if found.left else OK


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


def _scrub(options: Any) -> int:
    from trace_assets.stages.scrub import scrub
    from trace_assets.store import store_at

    place = options.store or Places.of(os.environ).store
    artifacts = files = size = damaged = 0
    for found in scrub(store_at(place)):
        artifacts, files, size = artifacts + 1, files + found.files, size + found.size
        damaged += len(found.problems)
        for problem in found.problems:
            _say(f"damaged: {found.name}: {problem}")
    _say(f"{place}: {artifacts:,} artifacts, {files:,} files, {size:,} bytes; {damaged:,} damaged")
    return PROBLEMS if damaged else OK


def _say(line: str) -> None:
    sys.stdout.write(shown(line) + "\n")


def _note(line: str) -> None:
    """Tell the person at the terminal what is no part of the answer."""
    sys.stderr.write(f"trace-assets: {shown(line)}\n")


def _count(text: str) -> int:
    """Read a number of processes."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, found {text!r}")
    return int(text)


class _Parser(argparse.ArgumentParser):
    """Shows what was given wrongly without its credentials and control characters."""

    def error(self, message: str) -> NoReturn:
        super().error(shown(message))


def _parser(chosen: str | None) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="trace-assets",
        description="Raw agent logs in, a validated trace dataset out; nothing is lost in silence.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("convert", help="convert logs into a dataset")
    command.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files and folders")
    command.add_argument("--format", default="auto", choices=["auto", *formats()])
    command.add_argument(
        "--mapping",
        type=Path,
        metavar="FILE",
        help="YAML that says which columns of a flat log say what, for --format csv",
    )
    command.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="NAME=PATH",
        help="a column with a value of the record, such as tier=metadata.customer_tier; repeatable",
    )
    command.add_argument("--key", help="the dataset's key; default: from the first path's name")
    command.add_argument("--out", required=True, type=Path, help="the folder to write to")
    command.add_argument(
        "--overwrite",
        action="store_true",
        help="replace a dataset of this key that was made from other files",
    )
    command.add_argument(
        "--workers", type=_count, default=1, metavar="N", help="processes to convert with"
    )
    command.set_defaults(command=_convert)

    command = commands.add_parser("detect", help="tell the format of logs, and why")
    command.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    command.set_defaults(command=_detect)

    command = commands.add_parser("formats", help="list the formats that are read")
    command.set_defaults(command=_formats)

    command = commands.add_parser("lint", help="hold a dataset against what its readers accept")
    command.add_argument("dataset", type=Path, metavar="DATASET", help="a file of JSON lines")
    command.add_argument(
        "--repair",
        type=Path,
        metavar="OUT",
        help="write the dataset with the types, roles and FORMAT that its rows leave unsaid",
    )
    command.set_defaults(command=_lint)

    _add_commands_of_the_instance(commands)
    for name, (module, summary) in _APART.items():
        command = commands.add_parser(name, help=summary)
        if name == chosen:
            apart = import_module(module)
            apart.add_arguments(command)
            command.set_defaults(command=apart.run)
    return parser


def _add_commands_of_the_instance(commands: Any) -> None:
    command = commands.add_parser("backfill", help="materialise many days in this process")
    command.add_argument("--source", nargs="+", help="default: every source in the inbox")
    command.add_argument("--from", dest="first", help="the first day; default: the oldest drop")
    command.add_argument("--to", help="the last day; default: the newest drop")
    command.set_defaults(command=_backfill)

    command = commands.add_parser("scrub", help="read the whole store again; name what is damaged")
    command.add_argument("--store", help="a folder or an s3:// prefix; default: TRACE_ASSETS_STORE")
    command.set_defaults(command=_scrub)

    command = commands.add_parser("prune", help="trim the history of runs")
    command.add_argument("--keep-days", type=_count, required=True, metavar="N")
    command.set_defaults(command=_prune)


_APART = {
    "interactions": (
        "trace_assets.interactions.command",
        "write a dataset as interactions for annotation, or check a folder of them",
    ),
    "training-set": (
        "trace_assets.training.command",
        "write a dataset as a training set for distil labs",
    ),
}
"""Commands that load what the others do not need, only when they are chosen."""


if __name__ == "__main__":
    sys.exit(main())
