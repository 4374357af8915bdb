"""From a source's enriched traces to its training set: four stages, each with an artifact."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from trace_assets.artifacts import Artifact, Draft, Manifest
from trace_assets.errors import NotFoundError
from trace_assets.package.manifest import manifest_bytes
from trace_assets.rows import row_place
from trace_assets.stages.aggregate import SUPERSEDED, Row, rows_of_days
from trace_assets.stages.code import code_version
from trace_assets.stages.lines import LineFile, line_file, lines_in
from trace_assets.stages.stage import unless_done, version_of
from trace_assets.training import steps
from trace_assets.training.bundle import write_bundle
from trace_assets.training.checks import Bundle, check
from trace_assets.training.given import GivenTest, load_test
from trace_assets.training.recipe import Recipe

CODE = code_version(__name__)

_PACKED = {steps.CONVERSATIONS, steps.OFF_THE_JOB, steps.LABELLED}
"""Files that no one but the next stage reads, as large as the traces themselves."""


def relevant_traces(
    days: Mapping[str, Artifact],
    output: Artifact,
    *,
    source: str,
    recipe: Recipe,
    teacher: steps.Teacher = steps.NO_TEACHER,
) -> tuple[Manifest, bool]:
    """Keep the traces of all days that are about the job, each once: the newest.

    Raises:
        NotFoundError: there is no day.
    """
    if not days:
        raise NotFoundError(f"{source}: no day of it has enriched traces yet; run one first")
    manifests = {date: days[date].expect() for date in sorted(days)}
    inputs = {date: manifest.digest for date, manifest in manifests.items()}
    config = [_told(recipe), teacher.name]
    pairs = [(days[date], manifest) for date, manifest in manifests.items()]

    def make(draft: Draft) -> dict[str, Any]:
        with rows_of_days(pairs) as rows:
            superseded = _list_superseded(rows(), draft)
            about = steps.relevant_traces(
                lambda: (_traced(line) for line, is_newest in rows() if is_newest),
                _into(draft),
                recipe,
                teacher.scorer,
            )
        return {**about, "superseded": superseded, "days": inputs}

    return unless_done(output, version_of(code=CODE, inputs=inputs, config=config), make)


def relabelled_examples(
    relevant: Artifact,
    output: Artifact,
    *,
    recipe: Recipe,
    teacher: steps.Teacher = steps.NO_TEACHER,
) -> tuple[Manifest, bool]:
    """Give each example its label."""
    source = relevant.expect()
    inputs = {"relevant_traces": source.digest}
    config = [_told(recipe), teacher.name]

    def make(draft: Draft) -> dict[str, Any]:
        conversations = _lines(relevant, steps.CONVERSATIONS, source)
        return steps.relabelled_examples(conversations, _into(draft), recipe, teacher)

    return unless_done(output, version_of(code=CODE, inputs=inputs, config=config), make)


def split(labelled: Artifact, output: Artifact, *, recipe: Recipe) -> tuple[Manifest, bool]:
    """Say of each trace where it goes."""
    source = labelled.expect()
    given = _given(recipe)
    version = version_of(
        code=CODE, inputs={"relabelled_examples": source.digest}, config=_config(recipe, given)
    )

    def make(draft: Draft) -> dict[str, Any]:
        lines = _lines(labelled, steps.LABELLED, source)
        return steps.split_traces(lines, _into(draft), recipe, given.rows if given else None)

    return unless_done(output, version, make)


def training_set(
    relevant: Artifact, labelled: Artifact, placed: Artifact, output: Artifact, *, recipe: Recipe
) -> tuple[Manifest, bool]:
    """Write the files of the platform, and what an upload of them would fail on."""
    source, places = labelled.expect(), placed.expect()
    scored = relevant.expect()
    before = {"relevant_traces": scored, "relabelled_examples": source, "split": places}
    given = _given(recipe)
    version = version_of(
        code=CODE,
        inputs={name: manifest.digest for name, manifest in before.items()},
        config=[_config(recipe, given), {name: each.about for name, each in before.items()}],
    )

    def make(draft: Draft) -> dict[str, Any]:
        where = steps.placed_of(_lines(placed, steps.SPLIT, places))
        made = write_bundle(
            lambda: steps.pairs_of(_lines(labelled, steps.LABELLED, source), where),
            _lines(relevant, steps.OFF_THE_JOB, scored),
            _into(draft),
            recipe,
            given,
        )
        found = check(Bundle(_reader(draft), recipe, given))
        about = {
            **{name: manifest.about for name, manifest in before.items()},
            "training_set": made,
            "checks": {name: each._asdict() for name, each in found.items()},
        }
        hashes = {file.name: file.sha256 for file in draft.files.values()}
        with draft.create("manifest.json") as file:
            file.write(manifest_bytes({**about, "recipe": _told(recipe), "sha256": hashes}))
        return about

    return unless_done(output, version, make)


def base_model_performance(
    labelled: Artifact,
    placed: Artifact,
    output: Artifact,
    *,
    recipe: Recipe,
    teacher: steps.Teacher = steps.NO_TEACHER,
) -> tuple[Manifest, bool]:
    """Hold the answers of the model that wrote the log against the labels of the test set."""
    source, places = labelled.expect(), placed.expect()
    inputs = {"relabelled_examples": source.digest, "split": places.digest}
    config = [_told(recipe), teacher.name]

    def make(draft: Draft) -> dict[str, Any]:
        where = steps.placed_of(_lines(placed, steps.SPLIT, places))
        lines = _lines(labelled, steps.LABELLED, source)
        return steps.performance(steps.tested_of(lines, where), _into(draft), recipe, teacher)

    return unless_done(output, version_of(code=CODE, inputs=inputs, config=config), make)


def _list_superseded(rows: Iterator[Row], draft: Draft) -> int:
    """Write down the rows that a newer one stands in for; how many there are."""
    count = 0
    with line_file(draft, SUPERSEDED) as file:
        for line, is_newest in rows:
            if not is_newest:
                file.write(row_place(line))
                count += 1
    return count


def _into(draft: Draft) -> Callable[[str], AbstractContextManager[LineFile]]:
    return lambda name: line_file(draft, f"{name}.zst" if name in _PACKED else name)


def _lines(artifact: Artifact, name: str, manifest: Manifest) -> Iterator[bytes]:
    if name in _PACKED:
        yield from lines_in(artifact, f"{name}.zst", manifest)
        return
    with artifact.open_seekable(name, manifest) as file:
        yield from file


def _reader(draft: Draft) -> Callable[[str], Iterator[bytes]]:
    """Reads the files of a version that is being written, as they came to rest."""

    def lines(name: str) -> Iterator[bytes]:
        with draft.store.open(draft.files[name].key) as file:
            yield from file

    return lines


def _traced(line: bytes) -> steps.Traced:
    row = msgspec.json.decode(line)
    return steps.Traced(row["trace"], row["trace_id"], row["source_uri"])


def _given(recipe: Recipe) -> GivenTest | None:
    return load_test(Path(recipe.local.test_set)) if recipe.local.test_set else None


def _config(recipe: Recipe, given: GivenTest | None) -> list[Any]:
    return [_told(recipe), given and sha256(given.content).hexdigest()]


def _told(recipe: Recipe) -> dict[str, Any]:
    return recipe.model_dump(mode="json")
