"""What an earlier conversion left at the places of the outputs, and whether it may be replaced."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from trace_assets.errors import ConfigError
from trace_assets.onepass.inputs import Input
from trace_assets.onepass.outputs import Outputs
from trace_assets.onepass.places import drafts_of

_SHOWN = 3


def expect_replaceable(outputs: Outputs, inputs: Sequence[Input]) -> None:
    """Raise ConfigError if the outputs were made from files with other names.

    A conversion that was killed while its outputs took their places left no ledger. The folder
    with its drafts has the names of its inputs.
    """
    present = [path for path in outputs.all() if path.exists()]
    if not present:
        return
    wanted = frozenset(input.name for input in inputs)
    earlier = [names for path in _ledgers(outputs) if (names := _names_in(path)) is not None]
    if wanted in earlier:
        return
    origin = (
        f"was made from other files ({_shown(earlier[0] - wanted or earlier[0])})"
        if earlier
        else "is there already, and no ledger says from which files it was made"
    )
    raise ConfigError(
        f"{present[0]}: {origin}; choose another --key or --out, or replace it with --overwrite"
    )


def _ledgers(outputs: Outputs) -> Iterator[Path]:
    if outputs.ledger.exists():
        yield outputs.ledger
        return
    for folder in drafts_of(outputs.folder, outputs.key):
        yield folder / outputs.ledger.name


def _names_in(ledger: Path) -> frozenset[str] | None:
    """Read the names of the inputs of a conversion. Returns None if the file is no ledger."""
    try:
        value = json.loads(ledger.read_bytes())
    except (ValueError, FileNotFoundError):
        return None
    match value:
        case {"files": [*files]}:
            return frozenset(str(file["file"]) for file in files if _has_name(file))
        case _:
            return None


def _has_name(file: object) -> bool:
    return isinstance(file, dict) and "file" in file


def _shown(names: Iterable[str]) -> str:
    each = sorted(names)
    return ", ".join(each[:_SHOWN]) + (" ..." if len(each) > _SHOWN else "") or "no file"
