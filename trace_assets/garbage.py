"""When Python looks for garbage that is a cycle: hardly ever, while records pass through."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def rare_garbage_collection() -> Iterator[None]:
    """Look for cycles rarely: records are trees and freed without it.

    Not `gc.freeze` as well: what it passes by is not looked at soon after either, and a process
    that makes partition after partition would grow by what Dagster leaves behind.
    """
    before = gc.get_threshold()
    gc.set_threshold(200_000, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
