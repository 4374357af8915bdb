"""A progress bar on a terminal, and nothing at all elsewhere."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Bar(Protocol):
    """What a job tells about how far it is."""

    total: float | None

    def update(self, n: float, /) -> object:
        """Move on by `n`."""
        ...


class _NoBar:
    total: float | None = None

    def update(self, _: float, /) -> object:
        return None


@contextmanager
def progress(total: int, *, unit: str) -> Iterator[Bar]:
    """Show how far a job is; `update(n)` moves it on. Bytes are shown as MB."""
    if not sys.stderr.isatty():
        yield _NoBar()
        return
    from tqdm import tqdm  # loads much of the standard library, and few runs have a terminal

    columns, rows = _size_if_unknown()
    with tqdm(
        total=total,
        unit=unit,
        unit_scale=unit == "B",
        file=sys.stderr,
        leave=False,
        ncols=columns,
        nrows=rows,
    ) as bar:
        yield bar


def _size_if_unknown() -> tuple[int, int] | tuple[None, None]:
    """Columns and rows for the terminals that say they have none, as in some containers."""
    known = os.get_terminal_size(sys.stderr.fileno()).columns
    return (None, None) if known else (80, 24)
