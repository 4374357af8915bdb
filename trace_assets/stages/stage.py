"""What all stages share: their versions, and doing nothing when nothing changed."""

import json
from collections.abc import Callable, Iterable
from functools import partial
from hashlib import sha256
from typing import Any

from trace_assets.artifacts import Artifact, Draft, Manifest
from trace_assets.errors import ConfigError, StoreError
from trace_assets.formats import formats
from trace_assets.garbage import rare_garbage_collection
from trace_assets.ledger import Ledger
from trace_assets.package.manifest import manifest_bytes
from trace_assets.stages.code import code_version


def version_of(*, code: str, inputs: dict[str, str], config: Any = None) -> str:
    """The version of an output: 16 hex digits of what it is made from and by which code."""
    made_from = {"code": code, "inputs": inputs, "config": config}
    return sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()[:16]


def code_of(names: Iterable[str]) -> dict[str, str]:
    """The fingerprint of each format's code, with all that it imports.

    Raises:
        ConfigError: a format is not known, or not any more.
    """
    known = formats()
    found: dict[str, str] = {}
    for name in sorted(set(names)):
        if name not in known:
            raise ConfigError(
                f"format {name!r} is not known; known: {', '.join(known)}; correct `format` in "
                "sources.yaml, or run raw_logs again where it was told by a format since removed"
            )
        found[name] = code_version(f"{formats.__module__}.{name}", known[name].convert.__module__)
    return found


def unless_done(
    output: Artifact,
    version: str,
    make: Callable[[Draft], dict[str, Any]],
    *,
    inputs: Iterable[tuple[Artifact, Manifest]] = (),
    confirm: Callable[[], None] | None = None,
) -> tuple[Manifest, bool]:
    """Replace an artifact by what `make` writes, unless it has this version already.

    `make` returns what the manifest says about the content. The second value tells whether anything
    was made.

    Raises:
        StoreError: an input was replaced meanwhile, by a run on newer data: nothing is committed,
            and a retry reads the newer data.
    """
    manifest = output.manifest()
    if manifest is not None and manifest.version == version and _is_whole(output, manifest):
        return manifest, False
    confirm = confirm or partial(expect_newest, tuple(inputs))
    with rare_garbage_collection(), output.replace(version, confirm=confirm) as draft:
        draft.about.update(make(draft))
    return output.expect(), True


def expect_newest(inputs: Iterable[tuple[Artifact, Manifest]]) -> None:
    """Check that what was read is what there is now.

    Raises:
        StoreError: an input was replaced since it was read; a retry can work.
    """
    for artifact, manifest in inputs:
        now = artifact.manifest()
        if now is None or now.digest != manifest.digest:
            raise StoreError(
                f"{artifact.store.uri(artifact.prefix)}: was replaced while it was read; this run "
                "keeps nothing, run it again",
                retryable=True,
            )


def ledger_of(manifest: Manifest) -> Ledger:
    """The ledger that a manifest carries."""
    return Ledger.from_dict(manifest.about["ledger"])


def write_ledger(draft: Draft, ledger: Ledger) -> None:
    """Write `ledger.json`, if it balances.

    Raises:
        UnbalancedLedgerError: a record was lost, by a defect of ours: nothing is committed.
    """
    ledger.check()
    with draft.create("ledger.json") as file:
        file.write(manifest_bytes(ledger.as_dict()))


def _is_whole(artifact: Artifact, manifest: Manifest) -> bool:
    """Whether all files are still there: somebody may have deleted one by hand."""
    listed = artifact.store.list(f"{artifact.prefix}/{manifest.version}/")
    sizes = {found.key: found.size for found in listed}
    return all(sizes.get(file.key) == file.size for file in manifest.files)
