"""`trace-assets interactions`: a dataset as interactions, or a folder of interactions checked."""

import argparse
import sys
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from trace_assets.errors import ConfigError
from trace_assets.interactions.check import Report
from trace_assets.interactions.config import InteractionsConfig
from trace_assets.interactions.dataset import Rows
from trace_assets.interactions.folder import new_file, replaced
from trace_assets.interactions.layout import FOLDER
from trace_assets.interactions.load import check_folder
from trace_assets.interactions.write import write_all
from trace_assets.package.manifest import manifest_bytes
from trace_assets.printable import shown
from trace_assets.progress import progress
from trace_assets.reading.compression import open_plain


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.add_argument(
        "dataset",
        type=Path,
        metavar="DATASET",
        help="a dataset's rows (.jsonl); without --out, a folder of interactions to check",
    )
    parser.add_argument("--out", type=Path, help="the folder to write `interactions/` into")
    parser.add_argument("--per", choices=["turn", "trace"], help="what one interaction is")
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="YAML with `per` and `roles`, as under `interactions` in sources.yaml",
    )


def run(options: Any) -> int:
    """Run the command: 0 if something was written and holds, else 1.

    Raises:
        ConfigError: the configuration is wrong, or the output folder holds other files.
    """
    if options.out is None:
        return _told(check_folder(options.dataset), refused=0)
    config = _config(options.config, options.per)
    with (
        options.dataset.open("rb") as file,
        progress(options.dataset.stat().st_size, unit="B") as bar,
        replaced(options.out) as create,
        new_file(options.out / f"{FOLDER}.quarantine.jsonl") as quarantine,
    ):
        rows = Rows(open_plain(file), options.dataset.name, quarantine, bar.update)
        report = write_all(rows.each(), create, config=config)
    summary = {"traces": rows.count, "refused": rows.refused, **report.as_dict()}
    with new_file(options.out / f"{FOLDER}.report.json") as written:
        written.write(manifest_bytes(summary))
    return _told(report, refused=rows.refused)


def _told(report: Report, *, refused: int) -> int:
    _say(f"{report.interactions:,} interactions, {report.steps:,} steps, {report.groups:,} groups")
    if refused:
        _say(f"{refused:,} rows are no trace that holds: see {FOLDER}.quarantine.jsonl")
    for name, count in sorted(report.found.items()):
        _say(f"  {count:,} {name}")
    for finding in report.first[:10]:
        _say(f"  {finding}")
    return 0 if report.interactions and not report.errors else 1


def _say(line: str) -> None:
    sys.stdout.write(shown(line) + "\n")


def _config(path: Path | None, per: str | None) -> InteractionsConfig:
    fields: Any = {}
    try:
        if path is not None:
            fields = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        config = InteractionsConfig.model_validate(fields)
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not YAML: {error}") from error
    except ValidationError as error:
        problems = (
            f"{path}: {'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors()
        )
        raise ConfigError("\n".join(problems)) from error
    return config.model_copy(update={"per": per}) if per else config
