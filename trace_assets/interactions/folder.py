"""Output on a disk that is replaced as a whole, or not at all."""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from trace_assets.errors import ConfigError
from trace_assets.interactions.layout import FOLDER, METADATA, STEPS
from trace_assets.interactions.write import Create

_FILES = {METADATA, STEPS}


@contextmanager
def replaced(out: Path) -> Generator[Create, None, None]:
    """Write `out/interactions` anew; an exception leaves what was there before.

    Raises:
        ConfigError: what is there holds other files than interactions, and so is not ours to
            replace.
    """
    final, part, old = (out / name for name in (FOLDER, f".{FOLDER}.part", f".{FOLDER}.old"))
    _check_is_ours(final)
    out.mkdir(parents=True, exist_ok=True)
    _remove(part)
    (part / FOLDER).mkdir(parents=True)

    @contextmanager
    def create(name: str) -> Generator[IO[bytes], None, None]:
        path = part / name
        path.parent.mkdir(exist_ok=True)
        with path.open("xb") as file:
            yield file

    try:
        yield create
        _remove(old)
        if final.exists():
            final.rename(old)
        (part / FOLDER).rename(final)
    finally:
        _remove(part)
    _remove(old)


@contextmanager
def new_file(path: Path) -> Generator[IO[bytes], None, None]:
    """Write a file that appears under its name only when it is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _check_is_ours(folder: Path) -> None:
    if not folder.exists():
        return
    for path in folder.iterdir() if folder.is_dir() else [folder]:
        names = {child.name for child in path.iterdir()} if path.is_dir() else {path.name}
        if not path.is_dir() or names - _FILES:
            other = path if not path.is_dir() else path / min(names - _FILES)
            raise ConfigError(
                f"{other}: is no file of an interaction, and the folder {folder} would be "
                "replaced; move it away, or name another folder with --out"
            )


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
