"""`manifest.json`: what a dataset holds, where it comes from, and the hashes of its files."""

import json
from typing import Any

FORMAT_VERSION = 1
"""The version of the layout of `manifest.json` and `ledger.json`. Readers refuse a newer one."""


def manifest_bytes(about: dict[str, Any]) -> bytes:
    """Canonical JSON: the same content gives the same bytes."""
    return json.dumps(about, indent=2, sort_keys=True).encode() + b"\n"
