"""When Python looks for garbage that is a cycle: hardly ever, while records pass through."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def rare_garbage_collection() -> Iterator[None]:
    """Look for cycles rarely, and not among what was there before.

    Records are trees and freed without it; the modules of Dagster alone, looked at again and again,
    take a tenth of a stage's time.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(200_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
