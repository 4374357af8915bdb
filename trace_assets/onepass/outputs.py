"""The five files of a conversion. The ledger comes last, with the hashes of the others."""

import os
import shutil
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from hashlib import file_digest
from pathlib import Path
from typing import BinaryIO, NamedTuple

from trace_assets.errors import ConfigError
from trace_assets.onepass.inputs import OUTPUT_ENDINGS, Input
from trace_assets.onepass.places import draft_folder, locked, remove_abandoned, take_places

_BUFFER_BYTES = 1 << 20


class Outputs:
    """Where a conversion writes."""

    def __init__(self, folder: Path, key: str) -> None:
        self.folder = folder
        self.key = key
        paths = [folder / f"{key}{ending}" for ending in OUTPUT_ENDINGS]
        self.dataset, self.spec, self.quarantine, self.context, self.ledger = paths

    def all(self) -> list[Path]:
        """Their paths, the dataset first."""
        return [self.dataset, self.spec, self.quarantine, self.context, self.ledger]

    def expect_apart_from(self, inputs: Sequence[Input]) -> None:
        """Raise ConfigError if a file is both read and written."""
        written = {os.path.realpath(path) for path in self.all()}
        for input in inputs:
            if os.path.realpath(input.path) in written:
                raise ConfigError(
                    f"{input.path}: is an input, and the conversion would write over it; "
                    "choose another --out or --key"
                )


class Drafts(NamedTuple):
    """The five files while they are written, in a hidden folder beside their places."""

    folder: Path
    """Other files may be put here; it goes when the conversion ends."""
    dataset: BinaryIO
    spec: BinaryIO
    quarantine: BinaryIO
    context: BinaryIO
    ledger: BinaryIO

    def hashes(self) -> dict[str, str]:
        """Hash the files that are written so far, all but the ledger, by name."""
        found: dict[str, str] = {}
        for file in (self.dataset, self.spec, self.quarantine, self.context):
            file.flush()
            path = Path(file.name)
            with path.open("rb") as stream:
                found[path.name] = file_digest(stream, "sha256").hexdigest()
        return found


@contextmanager
def drafts(outputs: Outputs) -> Iterator[Drafts]:
    """Write the outputs; they take their places together when the block ends without an error."""
    with together(outputs.all()) as (folder, files):
        yield Drafts(folder, *files)


@contextmanager
def together(paths: Sequence[Path]) -> Iterator[tuple[Path, list[BinaryIO]]]:
    """Write files of one folder, new or again: all appear when the block ends without an error.

    Yields a hidden folder, which is removed when the block ends, and the open files. If the
    process is killed while the files take their places, the last of them is missing, and the
    hidden folder stays until the next conversion has succeeded.
    """
    place, stem = paths[0].parent, paths[0].stem
    _expect_room(place, paths)
    place.mkdir(parents=True, exist_ok=True)
    if paths[-1].exists():
        remove_abandoned(place, stem)
    with draft_folder(place, stem) as folder:
        parts = [folder / path.name for path in paths]
        with _removed_on_error(folder), ExitStack() as stack:
            yield folder, [stack.enter_context(part.open("wb", _BUFFER_BYTES)) for part in parts]
        # A full disk would show when the files were closed: from here on they are only renamed.
        with _uninterrupted(), locked(place):
            take_places(parts, paths)
        shutil.rmtree(folder, ignore_errors=True)
    remove_abandoned(place, stem)


@contextmanager
def _removed_on_error(folder: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _expect_room(place: Path, paths: Sequence[Path]) -> None:
    if place.exists() and not place.is_dir():
        raise ConfigError(f"{place}: expected a folder to write to, found a file")
    for path in paths:
        if path.is_dir():
            raise ConfigError(f"{path}: expected a file or nothing to replace, found a folder")


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold signals back for a moment, so that no output is new beside one that is old."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals interrupt the main thread only
        return
    held: list[int] = []
    kinds = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(kind, lambda number, _: held.append(number)) for kind in kinds]
    try:
        yield
    finally:
        for kind, handler in zip(kinds, before, strict=True):
            signal.signal(kind, handler)
    for number in held[:1]:
        signal.raise_signal(number)
