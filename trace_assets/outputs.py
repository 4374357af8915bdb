"""The five files of a conversion: all of them appear, or none."""

import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from trace_assets.errors import ConfigError
from trace_assets.inputs import OUTPUT_ENDINGS, Input

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


@contextmanager
def drafts(outputs: Outputs) -> Iterator[Drafts]:
    """Write the outputs; they take their places together when the block ends without an error."""
    _expect_room(outputs)
    outputs.folder.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{outputs.key}.", suffix=".part", dir=outputs.folder))
    try:
        parts = [folder / path.name for path in outputs.all()]
        with ExitStack() as stack:
            files = [stack.enter_context(part.open("wb", _BUFFER_BYTES)) for part in parts]
            yield Drafts(folder, *files)
        # A full disk would show when the files were closed: from here on they are only renamed.
        with _uninterrupted():
            for part, path in zip(parts, outputs.all(), strict=True):
                part.replace(path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _expect_room(outputs: Outputs) -> None:
    if outputs.folder.exists() and not outputs.folder.is_dir():
        raise ConfigError(f"{outputs.folder}: expected a folder to write to, found a file")
    for path in outputs.all():
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
