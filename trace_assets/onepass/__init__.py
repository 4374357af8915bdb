"""Files to a dataset in one pass, without Dagster: the same pure code as the chain of assets."""

from collections.abc import Callable, Sequence
from typing import Any

from trace_assets.convert import LogFile, Seen
from trace_assets.enrich import Defaults
from trace_assets.garbage import rare_garbage_collection
from trace_assets.ledger import Ledger
from trace_assets.onepass.inputs import Input
from trace_assets.onepass.outcomes import (
    HEAD_BYTES,
    Lines,
    Manner,
    all_detected,
    convert_files,
    detected,
    hashed,
)
from trace_assets.onepass.outputs import Outputs, drafts
from trace_assets.package.manifest import manifest_bytes
from trace_assets.package.spec import spec_text
from trace_assets.rows import columns_for

__all__ = ["HEAD_BYTES", "Input", "Outputs", "convert", "described"]

_NOTHING_DECLARED = Defaults()


def described(input: Input, format: str | None) -> LogFile:
    """Hash a file and tell its format."""
    return hashed(detected(input, format))


def _tell_nobody(_: int) -> None:
    pass


def convert(
    inputs: Sequence[Input],
    outputs: Outputs,
    *,
    format: str | None = None,
    mapping: dict[str, Any] | None = None,
    defaults: Defaults = _NOTHING_DECLARED,
    workers: int = 1,
    report: Callable[[int], object] = _tell_nobody,
) -> Ledger:
    """Convert files into the five outputs; `report` hears how many bytes of input are done.

    Nothing of it depends on when, in which folder or with how many workers it runs: the same files
    under the same names give the same bytes.

    Raises:
        ConfigError: an output would write over an input.
        ChangedFileError: a file grew while it was read.
        WorkerError: a worker failed or died.
    """
    outputs.expect_apart_from(inputs)
    files = all_detected(inputs, format, mapping)
    manner = Manner(
        columns_for(sorted({one.log.format for one in files if one.log.format})), defaults
    )
    with drafts(outputs) as draft, Seen() as seen, rare_garbage_collection():
        lines = Lines(draft.dataset, draft.quarantine, draft.context)
        if workers == 1 or len(files) < 2:
            ledger = convert_files(files, lines, manner, seen=seen, report=report)
        else:
            from trace_assets.onepass.shards import (
                convert_in_shards,  # with it comes multiprocessing
            )

            ledger = convert_in_shards(
                files,
                lines,
                manner,
                seen=seen,
                workers=workers,
                folder=draft.folder,
                report=report,
            )
        ledger.check()
        draft.spec.write(spec_text(outputs.key).encode())
        draft.ledger.write(manifest_bytes(ledger.as_dict()))
    return ledger
