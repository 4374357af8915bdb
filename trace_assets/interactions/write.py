"""Writing interactions: each into a directory of its own, and each looked at on its way."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import IO

from trace_assets.interactions.assemble import Conversed, each_of
from trace_assets.interactions.check import Checker, Report
from trace_assets.interactions.config import InteractionsConfig
from trace_assets.interactions.layout import FOLDER, METADATA, STEPS, metadata_bytes, step_lines
from trace_assets.interactions.model import Interaction
from trace_assets.interactions.names import directory_of

Create = Callable[[str], AbstractContextManager[IO[bytes]]]
"""Opens a file for writing by its name below the place of the output."""


def write_all(traces: Iterable[Conversed], create: Create, *, config: InteractionsConfig) -> Report:
    """Write the interactions of all traces, one trace in memory at a time; what was found."""
    with Checker() as checker:
        for interactions in each_of(traces, config=config):
            for interaction in interactions:
                directory = directory_of(interaction.id)
                _write(interaction, f"{FOLDER}/{directory}", create)
                checker.add(directory, interaction)
        return checker.finish()


def _write(interaction: Interaction, folder: str, create: Create) -> None:
    with create(f"{folder}/{METADATA}") as file:
        file.write(metadata_bytes(interaction))
    with create(f"{folder}/{STEPS}") as file:
        for line in step_lines(interaction):
            file.write(line)
