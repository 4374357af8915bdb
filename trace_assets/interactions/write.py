"""Writing interactions: each into a directory of its own, and each looked at on its way."""

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from itertools import chain
from typing import IO

from trace_assets.interactions.assemble import Conversed, each_of
from trace_assets.interactions.check import Checker, Report
from trace_assets.interactions.config import InteractionsConfig
from trace_assets.interactions.layout import FOLDER, METADATA, STEPS, metadata_bytes, step_lines
from trace_assets.interactions.model import Interaction
from trace_assets.interactions.names import directory_of

Create = Callable[[str], AbstractContextManager[IO[bytes]]]
"""Opens a file for writing by its name below the place of the output; called from many threads."""

_THREADS = 8
_WAITING = 64
"""Interactions that may wait to be written: a bound on memory."""


def write_all(traces: Iterable[Conversed], create: Create, *, config: InteractionsConfig) -> Report:
    """Write the interactions of all traces, one trace in memory at a time; what was found."""
    waiting: deque[Future[None]] = deque()
    with Checker() as checker, ThreadPoolExecutor(_THREADS) as pool:
        for interaction in chain.from_iterable(each_of(traces, config=config)):
            directory = directory_of(interaction.id)
            # Two small files each: what takes long is waiting for the disk or the network.
            waiting.append(pool.submit(_write, interaction, f"{FOLDER}/{directory}", create))
            checker.add(directory, interaction)
            if len(waiting) > _WAITING:
                waiting.popleft().result()
        for written in waiting:
            written.result()
        return checker.finish()


def _write(interaction: Interaction, folder: str, create: Create) -> None:
    with create(f"{folder}/{METADATA}") as file:
        file.write(metadata_bytes(interaction))
    with create(f"{folder}/{STEPS}") as file:
        for line in step_lines(interaction):
            file.write(line)
