"""`trace-assets training-set`: a dataset as a training set."""

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from hashlib import file_digest
from pathlib import Path
from typing import IO, Any

import msgspec

from trace_assets.errors import ConfigError
from trace_assets.interactions.dataset import Rows
from trace_assets.package.manifest import manifest_bytes
from trace_assets.printable import shown
from trace_assets.progress import progress
from trace_assets.reading.compression import open_plain
from trace_assets.training import steps
from trace_assets.training.bundle import write_bundle
from trace_assets.training.checks import CHECKS, Bundle, Finding, blockers, check
from trace_assets.training.given import GivenTest, load_test
from trace_assets.training.recipe import Recipe, load_recipe, recipe_of_files
from trace_assets.training.teaching import teacher_from

MANIFEST = "manifest.json"
QUARANTINE = "quarantine.jsonl"
"""Rows of the dataset that are no trace that holds."""

_ASIDE = ".traces.jsonl"
_OURS = {
    *("relevant_traces", "relabelled_examples", "split", "base_model_performance"),
    *("traces", "dataset"),
    *(MANIFEST, QUARANTINE, "provenance.jsonl", "left_out.jsonl"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    parser.description = (
        "Write a dataset as a training set: DIR/traces to upload to distil labs, and DIR/dataset "
        "with rows for train and test made here. Where TRACE_ASSETS_TEACHER_URL names an endpoint, "
        "its models score, relabel and judge; else all labels are the log's own."
    )
    parser.add_argument("dataset", type=Path, metavar="DATASET", help="a dataset's rows (.jsonl)")
    parser.add_argument(
        "--recipe",
        type=Path,
        metavar="FILE",
        help="YAML with `job_description` and `config`, as under `training` in sources.yaml",
    )
    parser.add_argument(
        "--job-description",
        type=Path,
        metavar="FILE",
        help="with --config, in place of --recipe: the `job_description.json` of an upload",
    )
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="the `config.yaml` or `config.json` of an upload",
    )
    parser.add_argument(
        "--out", required=True, type=Path, metavar="DIR", help="the folder to write"
    )
    parser.add_argument(
        "--test",
        type=Path,
        metavar="FILE",
        help="a curated test set (.jsonl or .csv) to use as it is",
    )


def run(options: Any) -> int:
    """Run the command: 0 if the platform would take what was written, else 1.

    Raises:
        ConfigError: recipe, test set or environment is wrong, or the folder holds other files.
        TeacherError: the teacher of the environment cannot be used.
    """
    recipe = _recipe_from(options)
    given = load_test(options.test) if options.test else None
    with _replaced(options.out) as folder, teacher_from(os.environ, recipe) as teacher:
        about = _Run(folder, recipe, given, teacher).make(options.dataset)
    return _told(about, options.out)


def _recipe_from(options: Any) -> Recipe:
    match options.recipe, options.job_description, options.config:
        case Path() as recipe, None, None:
            return load_recipe(recipe)
        case None, Path() as job_description, Path() as config:
            return recipe_of_files(job_description, config)
        case _:
            raise ConfigError(
                "expected --recipe FILE, or --job-description FILE and --config FILE; found "
                + (", ".join(_given(options)) or "none of them")
            )


def _given(options: Any) -> list[str]:
    names = {"--recipe": "recipe", "--job-description": "job_description", "--config": "config"}
    return [flag for flag, name in names.items() if getattr(options, name)]


class _Run:
    """One after the other, the steps that the assets take; each in a folder of its own."""

    def __init__(
        self, folder: Path, recipe: Recipe, given: GivenTest | None, teacher: steps.Teacher
    ) -> None:
        self._folder = folder
        self._teacher = teacher
        self._recipe = recipe
        self._given = given

    def make(self, dataset: Path) -> dict[str, Any]:
        """Write everything; what the manifest says."""
        recipe, given = self._recipe, self._given
        about: dict[str, Any] = {}
        rows = self._read(dataset)
        relevant = steps.relevant_traces(
            self._traces, self._into("relevant_traces"), recipe, self._teacher.scorer
        )
        about["relevant_traces"] = {**rows, **relevant}
        conversations = self._lines(f"relevant_traces/{steps.CONVERSATIONS}")
        about["relabelled_examples"] = steps.relabelled_examples(
            conversations, self._into("relabelled_examples"), recipe, self._teacher
        )
        labelled = f"relabelled_examples/{steps.LABELLED}"
        about["split"] = steps.split_traces(
            self._lines(labelled), self._into("split"), recipe, given.rows if given else None
        )
        placed = steps.placed_of(self._lines(f"split/{steps.SPLIT}"))
        about["base_model_performance"] = steps.performance(
            steps.tested_of(self._lines(labelled), placed),
            self._into("base_model_performance"),
            recipe,
            self._teacher,
        )
        about["training_set"] = write_bundle(
            lambda: steps.pairs_of(self._lines(labelled), placed),
            self._lines(f"relevant_traces/{steps.OFF_THE_JOB}"),
            self._into(""),
            recipe,
            given,
        )
        found = check(Bundle(self._lines, recipe, given))
        about["checks"] = {name: each._asdict() for name, each in found.items()}
        self._write_manifest({**about, "recipe": recipe.model_dump(mode="json")})
        return about

    def _read(self, dataset: Path) -> dict[str, int]:
        """Set the rows aside that are traces that hold; the others are in quarantine, whole."""
        create = self._into("")
        with (
            dataset.open("rb") as file,
            progress(dataset.stat().st_size, unit="B") as bar,
            create(QUARANTINE) as quarantine,
            create(_ASIDE) as aside,
        ):
            rows = Rows(open_plain(file), dataset.name, quarantine, bar.update)
            for each in rows.each():
                aside.write(msgspec.json.encode(each[:3]) + b"\n")
        return {"rows": rows.count + rows.refused, "quarantined": rows.refused}

    def _traces(self) -> Iterator[steps.Traced]:
        for line in self._lines(_ASIDE):
            trace, trace_id, source_uri = msgspec.json.decode(line)
            yield steps.Traced(trace, trace_id, source_uri)

    def _lines(self, name: str) -> Iterator[bytes]:
        with (self._folder / name).open("rb") as file:
            yield from file

    def _into(self, step: str) -> Callable[[str], AbstractContextManager[IO[bytes]]]:
        def create(name: str) -> AbstractContextManager[IO[bytes]]:
            path = self._folder / step / name
            path.parent.mkdir(parents=True, exist_ok=True)
            return path.open("xb")

        return create

    def _write_manifest(self, about: dict[str, Any]) -> None:
        (self._folder / _ASIDE).unlink()
        files = (path for path in self._folder.rglob("*") if path.is_file())
        about["sha256"] = {
            path.relative_to(self._folder).as_posix(): _sha256_of(path) for path in sorted(files)
        }
        (self._folder / MANIFEST).write_bytes(manifest_bytes(about))


def _told(about: dict[str, Any], out: Path) -> int:
    made, checks = about["training_set"], about["checks"]
    traces = about["relevant_traces"]["traces"]
    _say(", ".join(f"{count:,} {name}" for name, count in traces.items() if count))
    labelled = about["relabelled_examples"]
    _say(f"{labelled['labels']['total']:,} labels by {labelled['labelled_by']}")
    _say(", ".join(f"{count:,} rows in {name}" for name, count in made["rows"].items()))
    for step in ("relevant_traces", "split", "training_set"):
        for reason, count in about[step]["left_out"].items():
            _say(f"  {step}: {count:,} left out: {reason}")
    for doubt, count in about["relevant_traces"]["uncertain"].items():
        _say(f"  relevant_traces: {count:,} kept because the score cannot tell: {doubt}")
    for reason, count in made["would_leave_out"].items():
        _say(f"  traces: {count:,} in the upload that the filters here would leave out: {reason}")
    if quarantined := about["relevant_traces"]["quarantined"]:
        _say(f"  {quarantined:,} rows of the dataset are no trace that holds: see {QUARANTINE}")
    found = {name: Finding(**each) for name, each in checks.items()}
    for name, each in found.items():
        if each.problems:
            verdict = "an upload would fail" if CHECKS[name].blocking else "worth a look"
            _say(f"  {name} ({verdict}): {each.problems:,}; {each.first[0]}")
    _say(f"{out / MANIFEST}")
    return 1 if blockers(found) else 0


def _say(line: str) -> None:
    sys.stdout.write(shown(line) + "\n")


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


@contextmanager
def _replaced(out: Path) -> Iterator[Path]:
    """Write a folder anew; an exception leaves what was there before.

    Raises:
        ConfigError: what is there is no training set, and so is not ours to replace.
    """
    part, old = (out.with_name(f".{out.name}.{suffix}") for suffix in ("part", "old"))
    if out.exists() and not (out.is_dir() and (not any(out.iterdir()) or _is_ours(out))):
        raise ConfigError(
            f"{out}: is no training set, and would be replaced; move it away, or name another "
            "folder with --out"
        )
    for stale in (part, old):
        shutil.rmtree(stale, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        yield part
        if out.exists():
            out.rename(old)
        part.rename(out)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    """Whether a folder holds a training set, and nothing that somebody put beside it."""
    names = {path.name for path in folder.iterdir()}
    return MANIFEST in names and names <= _OURS
