"""`manifest.json`: what a dataset holds, where it comes from, and the hashes of its files."""

import json
from typing import Any

FORMAT_VERSION = 1
"""The version of the layout of `manifest.json`, `ledger.json` and reports."""


def manifest_bytes(about: dict[str, Any]) -> bytes:
    """Canonical JSON with the `format_version`: the same content gives the same bytes."""
    versioned = {"format_version": FORMAT_VERSION, **about}
    return json.dumps(versioned, indent=2, sort_keys=True).encode() + b"\n"
