"""What all stages share: their versions, and doing nothing when nothing changed."""

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from trace_assets.artifacts import Artifact, Draft, Manifest
from trace_assets.errors import NotFoundError
from trace_assets.ledger import Ledger


def version_of(*, code: str, inputs: dict[str, str], config: Any = None) -> str:
    """The version of an output: 16 hex digits of what it is made from and by which code."""
    made_from = {"code": code, "inputs": inputs, "config": config}
    return sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()[:16]


def unless_done(
    output: Artifact, version: str, make: Callable[[Draft], dict[str, Any]]
) -> tuple[Manifest, bool]:
    """Replace an artifact by what `make` writes, unless it has this version already.

    `make` returns what the manifest says about the content. The second value tells whether anything
    was made.
    """
    manifest = output.manifest()
    if manifest is not None and manifest.version == version and output.is_whole():
        return manifest, False
    with output.replace(version) as draft:
        draft.about.update(make(draft))
    return output.require(), True


def required(artifact: Artifact) -> Manifest:
    """The manifest of an input.

    Raises:
        NotFoundError: the stage before this one has not run.
    """
    manifest = artifact.manifest()
    if manifest is None:
        raise NotFoundError(f"{artifact.uri}: nothing there yet: materialise this asset first")
    return manifest


def ledger_of(manifest: Manifest) -> Ledger:
    """The ledger that a manifest carries."""
    return Ledger.from_dict(manifest.about["ledger"])
