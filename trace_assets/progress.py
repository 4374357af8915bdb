"""A progress bar on a terminal, and nothing at all elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm


@contextmanager
def progress(total: int, *, unit: str) -> Iterator["tqdm[object]"]:
    """Show how far a job is; `update(n)` moves it on. Bytes are shown as MB."""
    with tqdm(
        total=total,
        unit=unit,
        unit_scale=unit == "B",
        file=sys.stderr,
        disable=not sys.stderr.isatty(),
        leave=False,
    ) as bar:
        yield bar
