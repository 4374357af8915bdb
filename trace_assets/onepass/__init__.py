"""Files to a dataset in one pass, without Dagster: the same pure code as the chain of assets."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from trace_assets.convert import LogFile, Seen, expect_known
from trace_assets.custom_columns import checked
from trace_assets.enrich import Defaults
from trace_assets.garbage import rare_garbage_collection
from trace_assets.ledger import Ledger
from trace_assets.onepass.inputs import Input
from trace_assets.onepass.opening import all_detected, detected, opened
from trace_assets.onepass.outcomes import Lines, Manner, convert_files
from trace_assets.onepass.outputs import Outputs, drafts
from trace_assets.onepass.replacing import expect_replaceable
from trace_assets.package.manifest import manifest_bytes
from trace_assets.package.spec import spec_text
from trace_assets.rows import columns_for

__all__ = ["Input", "Outputs", "convert", "described"]

_NOTHING_DECLARED = Defaults()


def described(input: Input, format: str | None) -> LogFile:
    """Hash a file and tell its format."""
    with opened(detected(input, format)) as (_, log):
        return log


def _tell_nobody(_: int) -> None:
    pass


def convert(
    inputs: Sequence[Input],
    outputs: Outputs,
    *,
    format: str | None = None,
    mapping: dict[str, Any] | None = None,
    columns: Mapping[str, str] | None = None,
    defaults: Defaults = _NOTHING_DECLARED,
    workers: int = 1,
    overwrite: bool = False,
    report: Callable[[int], object] = _tell_nobody,
) -> Ledger:
    """Convert files into the five outputs; `report` hears how many bytes of input are done.

    `columns` adds columns to the rows, by name: each has the path of its values in the records.

    Nothing of it depends on when, in which folder or with how many workers it runs: the same files
    under the same names give the same bytes.

    Raises:
        ConfigError: the format is not known; a column cannot have its name; an output would write
            over an input; or, without `overwrite`, it would replace the dataset of other files.
        ChangedFileError: a file was written to or replaced while it was read.
        WorkerError: a worker failed or died.
    """
    expect_known(format)
    outputs.expect_apart_from(inputs)
    if not overwrite:
        expect_replaceable(outputs, inputs)
    declared = checked(columns or {})
    files = all_detected(inputs, format, mapping, declared or None)
    found = sorted({one.log.format for one in files if one.log.format})
    manner = Manner(columns_for(found, declared), defaults)
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
        draft.ledger.write(manifest_bytes({"outputs": draft.hashes(), **ledger.as_dict()}))
    return ledger
