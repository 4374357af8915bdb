"""raw_logs: every file of a drop, byte for byte, with its sha256 and its format."""

from contextlib import closing
from shutil import copyfileobj
from typing import Any

from trace_assets.artifacts import Artifact, Draft, Manifest
from trace_assets.convert import LogFile, inspect
from trace_assets.convert.training_folder import without_training_parts
from trace_assets.drops import Drop, LeftOut, drops_in, files_of
from trace_assets.errors import NotFoundError, StoreError
from trace_assets.formats import formats
from trace_assets.reading.compression import open_plain
from trace_assets.reading.detection import detection_head
from trace_assets.stages.code import code_version
from trace_assets.stages.stage import code_of, unless_done, version_of
from trace_assets.store import Store, StoredObject

CODE = code_version(__name__)

_BLOCK_BYTES = 1 << 20


def fetch(
    inbox: Store,
    raw: Artifact,
    *,
    drop: Drop,
    format: str | None = None,
    mapping: dict[str, Any] | None = None,
    columns: dict[str, str] | None = None,
) -> tuple[Manifest, bool]:
    """Take a drop out of the inbox; whether anything had to be done.

    Raises:
        NotFoundError: the drop has no files.
        StoreError: a file changed while it was copied; a later run can take it.
    """
    left_out = LeftOut()
    files = list(files_of(inbox, drop, left_out))
    if not files:
        raise NotFoundError(f"{inbox.uri(drop.prefix)}: the drop has no files. {left_out}")
    (group,) = drops_in(files, left_out)
    # A file that no format knew may be known to one that was added or corrected since.
    config = [format, code_of([format] if format else formats())]
    if mapping is not None:
        config.append(mapping)
    if columns:
        config.append({"columns": columns})
    version = version_of(code=CODE, inputs={"drop": group.digest}, config=config)

    def make(draft: Draft) -> dict[str, Any]:
        logs = without_training_parts(
            [_fetch_file(inbox, file, draft, drop, format, mapping) for file in files]
        )
        logs = [log._replace(columns=columns or None) for log in logs]
        return {
            "files": [log._asdict() for log in logs],
            "origin": inbox.uri(drop.prefix),
            "fingerprint": group.fingerprint,
            "left_out": str(left_out),
        }

    def confirm() -> None:
        newest = next(drops_in(files_of(inbox, drop, LeftOut()), LeftOut()), None)
        if newest is None or newest.digest != group.digest:
            raise StoreError(
                f"{inbox.uri(drop.prefix)}: files were added or changed while the drop was copied; "
                "the old version is kept, run again when the drop is complete",
                retryable=True,
            )

    return unless_done(raw, version, make, confirm=confirm)


def _fetch_file(
    inbox: Store,
    file: StoredObject,
    draft: Draft,
    drop: Drop,
    format: str | None,
    mapping: dict[str, Any] | None,
) -> LogFile:
    name = file.key.removeprefix(drop.prefix)
    try:
        with closing(inbox.open(file.key)) as stream, draft.create(name) as copy:
            copyfileobj(stream, copy, _BLOCK_BYTES)
    except NotFoundError as error:
        raise _changed(inbox, file, "it was taken away") from error
    now = inbox.stat(file.key)
    if now is None or (now.size, now.version) != (file.size, file.version):
        raise _changed(inbox, file, "it changed")
    # Of the copy: its bytes are the ones that were hashed, whatever happens in the inbox.
    with closing(draft.store.open(draft.files[name].key)) as stored:
        start = detection_head(open_plain(stored))
    digest = draft.files[name].sha256
    return inspect(start, file=name, size=file.size, digest=digest, format=format, mapping=mapping)


def _changed(inbox: Store, file: StoredObject, what: str) -> StoreError:
    return StoreError(
        f"{inbox.uri(file.key)}: {what} while the drop was copied; the old version is kept, "
        "run again when the drop is complete",
        retryable=True,
    )
